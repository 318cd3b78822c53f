// What lets a run live long and its code change: until, patched, continue_as_new.
#include <gtest/gtest.h>

#include "engine/author/workflow.hpp"
#include "engine/core/testing/play.hpp"
#include "engine/core/testing/run_play.hpp"
#include "engine/core/testing/shard_driver.hpp"

namespace reprise {
namespace {

using std::chrono::seconds;
using testing::catalog_of;
using testing::Play;
using testing::RunPlay;
using testing::ShardDriver;
using testing::Texts;
using testing::Word;
using testing::Work;

Workflow<bool> wait_for_three(Context ctx, const int& count) {
  co_return co_await within(ctx, seconds(60), ctx.until([&count] { return count >= 3; }));
}

Workflow<bool> count_signals(Context ctx, int& count) {
  for (; count < 5; ++count) co_await ctx.signal("more");
  co_return true;
}

Workflow<Word> counts(Context ctx, Word) {
  int count = 0;
  std::vector<Workflow<bool>> parts;
  parts.push_back(wait_for_three(ctx, count));
  parts.push_back(count_signals(ctx, count));
  const First<bool> first = co_await any(std::move(parts));
  co_return Word{std::to_string(first.index) + (first.value ? " yes " : " no ") +
                 std::to_string(count)};
}

TEST(Until, GoesOnWithTheInputThatMakesItTrue) {
  Play play(define("t", &counts));
  EXPECT_EQ(play.start(), (Texts{"timer 1"}));
  EXPECT_EQ(play.signal("more"), Texts{});
  EXPECT_EQ(play.signal("more"), Texts{});
  EXPECT_EQ(play.signal("more"), (Texts{"timer cancelled 1", "completed 0 yes 3"}));
}

TEST(Until, ALimitEndsIt) {
  Play play(define("t", &counts));
  play.start();
  EXPECT_EQ(play.fire(1), (Texts{"completed 0 no 0"}));
}

TEST(Until, ItIsCancelledWithItsRun) {
  Play play(define("t", &counts));
  play.start();
  EXPECT_EQ(play.cancel("enough"), (Texts{"timer cancelled 1", "cancelled enough"}));
}

Workflow<Word> bad_condition(Context ctx, Word) {
  co_await ctx.until([]() -> bool { throw std::runtime_error("oh"); });
  co_return Word{};
}

TEST(Until, AConditionThatThrowsParksTheRun) {
  Play play(define("t", &bad_condition));
  EXPECT_EQ(play.start(), (Texts{"parked"}));
  EXPECT_NE(play.parked().find("a condition threw: oh"), std::string::npos);
}

Workflow<Word> before_the_change(Context ctx, Word) {
  co_await ctx.run<Work>({"one"});
  co_await ctx.run<Work>({"two"});
  co_return Word{"old"};
}

Workflow<Word> after_the_change(Context ctx, Word) {
  co_await ctx.run<Work>({"one"});
  const bool between = ctx.patched("between");
  if (between) co_await ctx.run<Work>({"between"});
  co_await ctx.run<Work>({"two"});
  co_return Word{ctx.patched("between") == between ? "same" : "changed"};
}

TEST(Patched, ARunThatWentPastKeepsToItsPath) {
  RunPlay play(catalog_of(&before_the_change));
  play.start().complete(1, "x");
  play.reload(catalog_of(&after_the_change));
  EXPECT_FALSE(play.run().parked().has_value()) << play.run().parked()->found;
  play.complete(2, "y");
  EXPECT_EQ(play.run().state().status(), RunStatus::completed);
}

TEST(Patched, ARunThatHasNotComeThereTakesTheNewPath) {
  RunPlay play(catalog_of(&before_the_change));
  play.start();
  play.reload(catalog_of(&after_the_change));
  play.complete(1, "x");
  EXPECT_EQ(play.events()[3].body, EventBody(PatchApplied{CommandId(2), "between"}));
  play.reload();
  EXPECT_FALSE(play.run().parked().has_value());
  play.complete(3, "b").complete(4, "y");
  EXPECT_EQ(std::get<RunCompleted>(play.events().back().body).result.bytes, "same");
  play.reload();
  EXPECT_FALSE(play.run().parked().has_value());
}

// Takes one signal a run, three in all.
Workflow<Word> relay(Context ctx, Word input) {
  const Word next = co_await ctx.signal<Word>("pass");
  const std::string all = input.text + next.text;
  if (all.size() < 3) ctx.continue_as_new(Word{all});
  co_return Word{all};
}

SignalInput pass(ShardDriver& shard, const std::string& word) {
  SignalInput input = shard.signal_input("w", "pass");
  input.request.payload = Payload{word};
  return input;
}

TEST(ContinueAsNew, EndsTheRunWithTheInputOfTheNext) {
  Play play(define("t", &relay));
  play.start("a");
  EXPECT_EQ(play.together({SignalReceived{"pass", {"b"}, {}}, SignalReceived{"pass", {"c"}, {}}}),
            (Texts{"continued ab"}));
  EXPECT_EQ(play.execution().untaken_messages(),
            (std::vector<EventBody>{SignalReceived{"pass", {"c"}, {}, Sequence(3)}}));
}

TEST(ContinueAsNew, TheNextRunBeginsInTheSameCommitWithTheSignalsThatWereNotTaken) {
  ShardDriver shard(catalog_of(&relay));
  const RunId first = shard.start("t", "w")->run;
  std::vector<Input> inputs;
  for (const char* word : {"a", "b", "c"}) inputs.push_back(pass(shard, word));
  shard.step(std::move(inputs));
  shard.settle();
  EXPECT_EQ(shard.kinds(first).back(), "run_continued");
  const auto row = decode_workflow_row(**shard.log().get(Table::workflow, "w"));
  EXPECT_TRUE(row->closed);
  EXPECT_EQ(row->first_run, first);
  const std::vector<Event> last = shard.events(row->run);
  EXPECT_EQ(std::get<RunCompleted>(last.back().body).result.bytes, "abc");
  EXPECT_NE(std::get<RunStarted>(last.front().body).continued_from, RunId());
}

Workflow<Word> restless(Context ctx, Word input) {
  ctx.continue_as_new(input);
  co_return input;
}

TEST(ContinueAsNew, ARunThatContinuesAtOnceForEverCostsACommitEachTime) {
  ShardDriver shard(catalog_of(&restless));
  shard.step({shard.start_input("t", "w")});
  while (shard.answer_read()) shard.step();
  for (int commits = 0; commits < 20; ++commits) {
    EXPECT_EQ(shard.batches_waited_for(), std::vector{true}) << "the execution goes on";
    ASSERT_TRUE(shard.commit());
    shard.step();
  }
  EXPECT_LE(shard.shard().runs_cached(), 3U) << "ended runs leave memory";
}

TEST(ContinueAsNew, AContinuedRunRunsAfterACrashToo) {
  ShardDriver shard(catalog_of(&relay));
  shard.start("t", "w");
  shard.step({pass(shard, "a")});
  while (shard.answer_read()) shard.step();
  ASSERT_TRUE(shard.commit());
  shard.restart();  // the next run is durable, and its code has not run
  for (const char* word : {"b", "c"}) shard.give(pass(shard, word));
  const auto row = decode_workflow_row(**shard.log().get(Table::workflow, "w"));
  EXPECT_TRUE(row->closed);
}

}  // namespace
}  // namespace reprise
