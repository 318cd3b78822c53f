#include "engine/core/run.hpp"

#include <gtest/gtest.h>

#include "engine/author/workflow.hpp"
#include "engine/core/testing/run_play.hpp"

namespace reprise {
namespace {

using std::chrono::seconds;
using testing::catalog_of;
using testing::kPlayRun;
using testing::RunPlay;
using testing::Word;
using testing::Work;

struct OtherWork : Work {
  static constexpr std::string_view kName = "other_work";
};
struct LaterWork : Work {
  static constexpr std::uint32_t kVersion = 2;
};

Workflow<Word> original(Context ctx, Word input) {
  ctx.stage("first");
  const Word one = co_await ctx.run<Work>({input.text + "1"});
  const auto go = co_await within(ctx, seconds(60), ctx.signal<Word>("go"));
  ctx.record("fact", Word{ctx.uuid("id")});
  const Word two = co_await ctx.run<Work>({one.text + (go ? go->text : "")});
  co_return two;
}

// A run of `original` that waits in the end for its second activity, command 5.
RunPlay halfway() {
  RunPlay play(catalog_of(&original));
  play.start("a").complete(2, "b").signal("go", "c");
  EXPECT_FALSE(play.run().parked().has_value());
  return play;
}

std::string picture(const Run& run) {
  const RunDescription d = run.describe();
  std::string text = fmt::format("{} last {} status {} pending {}", to_hex(run.tail()), d.view.last,
                                 to_string(d.view.status), d.inputs_pending);
  for (const auto& activity : d.activities) text += fmt::format(" activity {}", activity.command);
  for (const auto& timer : d.timers) text += fmt::format(" timer {}", timer.command);
  return text;
}

TEST(Run, ReplayedItIsWhatItWasLive) {
  RunPlay play(catalog_of(&original));
  const Catalog catalog = catalog_of(&original);
  play.start("a");
  EXPECT_EQ(picture(play.replayed(catalog)), picture(play.run()));
  play.complete(2, "b");
  EXPECT_EQ(picture(play.replayed(catalog)), picture(play.run()));
  play.signal("go", "c").complete(5, "d");
  EXPECT_EQ(picture(play.replayed(catalog)), picture(play.run()));
  EXPECT_EQ(play.run().state().status(), RunStatus::completed);
}

TEST(Run, EvictedAfterEveryRecordItWritesTheSameBytes) {
  RunPlay live(catalog_of(&original));
  RunPlay evicted(catalog_of(&original));
  const std::vector<EventBody> inputs{RunStarted{WorkflowId("w"), "t", {"a"}, 42, kPlayRun},
                                      ActivityCompleted{CommandId(2), Attempt(1), {"b"}},
                                      TimerFired{CommandId(3)},
                                      ActivityCompleted{CommandId(5), Attempt(1), {"d"}}};
  for (const EventBody& input : inputs) {
    live.tell(input);
    evicted.tell(input);
    evicted.reload();
  }
  ASSERT_EQ(live.records().size(), evicted.records().size());
  for (std::size_t i = 0; i < live.records().size(); ++i)
    EXPECT_EQ(live.records()[i].bytes, evicted.records()[i].bytes) << "record " << i;
  EXPECT_TRUE(live.run().state().closed());
}

TEST(Run, ARecordFollowsTheOneBefore) {
  RunPlay play = halfway();
  const Catalog catalog = catalog_of(&original);
  reprise::Run run(catalog, kPlayRun, "build");
  EXPECT_EQ(run.replay(play.records()[1].bytes, {}).error().code, Errc::corrupt)
      << "one is missing";
  EXPECT_TRUE(run.replay(play.records()[0].bytes, {}).has_value());
  EXPECT_EQ(run.replay(play.records()[0].bytes, {}).error().code, Errc::corrupt)
      << "it comes twice";
  reprise::Run other(catalog, RunId::make(UtcTime(), 9, 9), "build");
  EXPECT_EQ(other.replay(play.records()[0].bytes, {}).error().code, Errc::corrupt) << "another run";
}

TEST(Run, AKindOfANewerBuildIsUnsupportedWhereverItStands) {
  RunPlay play = halfway();
  Record record{.run = kPlayRun,
                .previous = play.run().tail(),
                .events = {{play.run().state().last().next(), play.now, UnknownEvent{25, "later"}}},
                .activations = {}};
  const Catalog catalog = catalog_of(&original);
  reprise::Run run = play.replayed(catalog);
  EXPECT_EQ(run.replay(encode_record(record)->bytes, {}).error().code, Errc::unsupported);
}

// --- what differs, parks ---

Workflow<Word> other_name(Context ctx, Word input) {
  ctx.stage("first");
  co_await ctx.run<OtherWork>({input.text + "1"});
  co_return Word{};
}
Workflow<Word> other_version(Context ctx, Word input) {
  ctx.stage("first");
  co_await ctx.run<LaterWork>({input.text + "1"});
  co_return Word{};
}
Workflow<Word> other_input(Context ctx, Word input) {
  ctx.stage("first");
  co_await ctx.run<Work>({input.text + "2"});
  co_return Word{};
}
Workflow<Word> other_order(Context ctx, Word input) {
  const Word one = co_await ctx.run<Work>({input.text + "1"});
  ctx.stage("first");
  co_return one;
}
Workflow<Word> missing(Context ctx, Word input) {
  ctx.stage("first");
  co_await ctx.run<Work>({input.text + "1"});
  co_await ctx.signal<Word>("go");
  co_return Word{};
}
Workflow<Word> extra(Context ctx, Word input) {
  ctx.stage("first");
  std::vector<ActivityCall<Work>> calls;
  calls.push_back(ctx.run<Work>({input.text + "1"}));
  calls.push_back(ctx.run<Work>({"more"}));
  co_await all(std::move(calls));
  co_return Word{};
}
Workflow<Word> throws(Context, Word) {
  throw std::logic_error("a defect");
  co_return Word{};
}

struct Change {
  const char* name;
  Workflow<Word> (*body)(Context, Word);
  std::uint64_t at;
  const char* expected;
  const char* found;
};

TEST(RunParks, EachKindOfChangeIsShownWithBothSides) {
  const std::vector<Change> changes{
      {"other name", &other_name, 3, "activity_scheduled 2 work v1",
       "activity_scheduled 2 other_work v1"},
      {"other version", &other_version, 3, "activity_scheduled 2 work v1", "work v2"},
      {"other input", &other_input, 3, "activity_scheduled 2 work v1, input", "work v1, input"},
      {"other order", &other_order, 2, "stage_entered 1 first#1", "activity_scheduled 1 work v1"},
      {"missing", &missing, 5, "timer_started 3", "no further command"},
      {"extra", &extra, 4, "no further command", "activity_scheduled 3 work v1"},
      {"a defect", &throws, 1, "an activation that ends", "a defect"}};
  const RunPlay play = halfway();
  for (const Change& change : changes) {
    SCOPED_TRACE(change.name);
    const Catalog catalog = catalog_of(change.body);
    const reprise::Run run = play.replayed(catalog);
    ASSERT_TRUE(run.parked().has_value());
    EXPECT_EQ(run.parked()->at, Sequence(change.at));
    EXPECT_NE(run.parked()->expected.find(change.expected), std::string::npos)
        << run.parked()->expected;
    EXPECT_NE(run.parked()->found.find(change.found), std::string::npos) << run.parked()->found;
    EXPECT_NE(run.parked()->expected, run.parked()->found);
    EXPECT_EQ(run.parked()->build, "build 2");
  }
}

TEST(RunParks, ATypeThatThisBuildDoesNotKnow) {
  const Catalog empty;
  const reprise::Run run = halfway().replayed(empty);
  EXPECT_EQ(run.parked()->found, "no such type in this build");
}

Workflow<Word> other_options(Context ctx, Word input) {
  ctx.stage("first");
  const Word one = co_await ctx.run<Work>(
      {input.text + "1"},
      {.retry = {.attempts_max = 99}, .start_to_close = seconds(1), .queue = "q"});
  const auto go = co_await within(ctx, seconds(1), ctx.signal<Word>("go"));
  ctx.record("fact", Word{ctx.uuid("id")});
  co_return co_await ctx.run<Work>({one.text + (go ? go->text : "")});
}

TEST(RunParks, OtherOptionsAndDurationsDoNot) {
  const Catalog catalog = catalog_of(&other_options);
  EXPECT_FALSE(halfway().replayed(catalog).parked().has_value());
}

TEST(RunParks, TheHistoryIsUntouchedInputsWaitAndAFixedBuildGoesOn) {
  RunPlay play = halfway();
  const std::size_t records = play.records().size();
  play.reload(catalog_of(&other_name));
  EXPECT_TRUE(play.run().parked().has_value());
  EXPECT_EQ(play.records().size(), records);
  play.complete(5, "d");
  EXPECT_EQ(play.run().state().pending().size(), 1U);
  EXPECT_EQ(play.run().query("x", {}).error().code, Errc::not_deterministic);
  EXPECT_EQ(play.records().size(), records + 1) << "accepted, and durable";

  play.reload(catalog_of(&original));
  EXPECT_FALSE(play.run().parked().has_value());
  EXPECT_EQ(play.run().state().status(), RunStatus::completed);
  const Catalog catalog = catalog_of(&original);
  EXPECT_EQ(picture(play.replayed(catalog)), picture(play.run()));
}

Workflow<Word> counts(Context ctx, Word) {
  std::string text;
  for (int i = 0; i < 3; ++i) text += (co_await ctx.signal<Word>("go")).text;
  co_return Word{text};
}

TEST(RunParks, InputsThatBroughtNoCommandAreActivatedAgainAfterAReload) {
  RunPlay play(catalog_of(&counts));
  play.start();
  play.reload(catalog_of(&throws));
  play.signal("go", "a").signal("go", "b");
  play.reload(catalog_of(&counts));
  EXPECT_TRUE(play.run().has_unwritten_activation());
  EXPECT_EQ(play.run().state().pending().size(), 0U);
  play.reload(catalog_of(&counts));  // nothing was written: nothing is lost either
  play.signal("go", "c");
  EXPECT_FALSE(play.run().has_unwritten_activation());
  EXPECT_EQ(std::get<RunCompleted>(play.events().back().body).result.bytes, "abc");
  const Catalog catalog = catalog_of(&counts);
  EXPECT_EQ(picture(play.replayed(catalog)), picture(play.run()));
}

// --- what is over a limit leaves no trace ---

Workflow<Word> fan_of_facts(Context ctx, Word) {
  co_await ctx.signal<Word>("go");
  for (int i = 0; i < 2000; ++i) ctx.record("f", Word{std::string(900, 'x')});
  co_return Word{};
}

TEST(RunLimits, AnActivationOverARecordsSizeIsNotWritten) {
  RunPlay play(catalog_of(&fan_of_facts));
  play.start().signal("go");
  ASSERT_TRUE(play.run().parked().has_value());
  EXPECT_NE(play.run().parked()->found.find("limit_exceeded"), std::string::npos);
  EXPECT_EQ(play.events().size(), 2U) << "the start and the signal";
  EXPECT_EQ(play.run().state().pending().size(), 1U);
}

TEST(RunLimits, AnActivationOverItsCommandsIsNotWritten) {
  RunPlay play(catalog_of(&fan_of_facts), {.commands_max = 10});
  play.start().signal("go");
  EXPECT_TRUE(play.run().parked().has_value());
  EXPECT_EQ(play.events().size(), 2U);
}

TEST(Run, ALargeResultGoesToABlobAndComesBack) {
  RunPlay play(catalog_of(&original));
  play.start("a").complete(2, std::string(100'000, 'b'));
  ASSERT_EQ(play.records().back().blobs.size(), 1U);
  play.reload();
  EXPECT_FALSE(play.run().parked().has_value());
}

}  // namespace
}  // namespace reprise
