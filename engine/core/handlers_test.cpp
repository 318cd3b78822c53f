// Handlers of signals and of updates: what they do, when they run, and what ends them.
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

// Adds words by signal until "stop".
Workflow<Word> collects(Context ctx, Word) {
  std::string all;
  bool stopped = false;
  const auto adding = ctx.on_signal<Word>("add", [&all](const Word& word) { all += word.text; });
  const auto stopping =
      ctx.on_signal<Payload>("stop", [&stopped](const Payload&) { stopped = true; });
  co_await ctx.until([&stopped] { return stopped; });
  co_return Word{all};
}

TEST(SignalHandler, TakesEachSignalInOrder) {
  Play play(define("t", &collects));
  play.start();
  EXPECT_EQ(play.signal("add", "a"), Texts{});
  EXPECT_EQ(play.together({SignalReceived{"add", {"b"}, {}}, SignalReceived{"stop", {}, {}},
                           SignalReceived{"add", {"c"}, {}}}),
            (Texts{"completed ab"}));
}

TEST(SignalHandler, TakesWhatCameBeforeTheCodeRan) {
  Play play(define("t", &collects));
  EXPECT_EQ(play.together({RunStarted{WorkflowId("w"), "t", {}, 42, RunId()},
                           SignalReceived{"add", {"a"}, {}}, SignalReceived{"stop", {}, {}}}),
            (Texts{"completed a"}));
}

Workflow<> works_on(Context ctx, std::string word) { co_await ctx.run<Work>({word}); }

Workflow<Word> works(Context ctx, Word) {
  const auto working =
      ctx.on_signal<Word>("work", [ctx](Word word) { return works_on(ctx, word.text); });
  co_await ctx.signal("stop");
  co_await ctx.until([ctx] { return ctx.handlers_idle(); });
  co_return Word{"done"};
}

TEST(SignalHandler, ACoroutineRunsBesideTheRoot) {
  Play play(define("t", &works));
  play.start();
  EXPECT_EQ(play.signal("work", "a"), (Texts{"activity 1 work:a"}));
  EXPECT_EQ(play.signal("work", "b"), (Texts{"activity 2 work:b"}));
  EXPECT_EQ(play.signal("stop"), Texts{});
  EXPECT_EQ(play.complete(2, "x"), Texts{});
  EXPECT_EQ(play.complete(1, "x"), (Texts{"completed done"}));
}

TEST(SignalHandler, ItsFailureIsTheRuns) {
  Play play(define("t", &works));
  play.start();
  play.signal("work", "a");
  play.signal("work", "b");
  EXPECT_EQ(play.fail(1, "broken"), (Texts{"activity cancelled 2", "failed broken"}));
}

TEST(SignalHandler, ItIsCancelledWithTheRun) {
  Play play(define("t", &works));
  play.start();
  play.signal("work", "a");
  EXPECT_EQ(play.cancel("enough"), (Texts{"activity cancelled 1", "cancelled enough"}));
}

Workflow<Word> hasty(Context ctx, Word) {
  const auto working =
      ctx.on_signal<Word>("work", [ctx](Word word) { return works_on(ctx, word.text); });
  co_await ctx.signal("stop");
  co_return Word{"gone"};
}

TEST(SignalHandler, AReturningRootCutsItOff) {
  Play play(define("t", &hasty));
  play.start();
  play.signal("work", "a");
  EXPECT_EQ(play.signal("stop"), (Texts{"activity cancelled 1", "completed gone"}));
}

// A number under a limit, set by updates.
Workflow<Word> change(Context ctx, std::string& value, std::string to) {
  const std::string before = value;
  if (to == "slow") co_await ctx.run<Work>({to});
  if (to == "bad") throw WorkflowFailure("unlucky", "not that one");
  value = to;
  co_return Word{before};
}

Workflow<Word> holds(Context ctx, Word input) {
  std::string value = input.text;
  const auto query =
      ctx.query("value", [&value](const Payload&) -> Result<Payload> { return Payload{value}; });
  const auto setting = ctx.on_update<Word>(
      "set", [ctx, &value](Word to) { return change(ctx, value, to.text); },
      [&value](const Word& to) -> Result<> {
        if (to.text == value) return fail(Errc::conflict, "it is " + value + " already");
        return {};
      });
  const auto getting = ctx.on_update<Word>("get", [&value](const Word&) { return Word{value}; });
  co_await ctx.signal("stop");
  co_return Word{value};
}

TEST(UpdateHandler, ItsAnswerIsTheUpdates) {
  Play play(define("t", &holds));
  play.start("0");
  EXPECT_EQ(play.update("set", "1"), (Texts{"update 2: 0"}));
  EXPECT_EQ(play.update("get"), (Texts{"update 3: 1"}));
}

TEST(UpdateHandler, ItMayTakeItsTime) {
  Play play(define("t", &holds));
  play.start("0");
  EXPECT_EQ(play.update("set", "slow"), (Texts{"activity 1 work:slow"}));
  EXPECT_EQ(play.update("set", "2"), (Texts{"update 3: 0"}));
  EXPECT_EQ(play.complete(1, "x"), (Texts{"update 2: 0"}));
}

TEST(UpdateHandler, AFailureIsTheUpdatesAndNotTheRuns) {
  Play play(define("t", &holds));
  play.start("0");
  EXPECT_EQ(play.update("set", "bad"), (Texts{"update 2: unlucky"}));
  EXPECT_EQ(play.signal("stop"), (Texts{"completed 0"}));
}

TEST(UpdateHandler, ACancelledRunAnswersWhatIsUnderWay) {
  Play play(define("t", &holds));
  play.start("0");
  play.update("set", "slow");
  EXPECT_EQ(play.cancel("enough"),
            (Texts{"activity cancelled 1", "update 2: cancelled", "cancelled enough"}));
}

TEST(Update, IsAnsweredOnceItIsDurable) {
  ShardDriver shard(catalog_of(&holds));
  const RunId run = shard.start("t", "w")->run;
  const auto answer = shard.update("w", "u1", "set", "1");
  ASSERT_TRUE(answer.has_value());
  ASSERT_TRUE(answer->completed.has_value());
  EXPECT_EQ(shard.kinds(run), (Texts{"run_started", "update_accepted", "update_completed"}));
}

TEST(Update, AValidatorThatRefusesLeavesNoTrace) {
  ShardDriver shard(catalog_of(&holds));
  const RunId run = shard.start("t", "w")->run;
  shard.update("w", "u1", "set", "1");
  const std::size_t events = shard.events(run).size();
  EXPECT_EQ(shard.update("w", "u2", "set", "1").error().code, Errc::conflict);
  EXPECT_EQ(shard.update("w", "u3", "no such", "1").error().code, Errc::not_found);
  EXPECT_EQ(shard.events(run).size(), events);
}

TEST(Update, TheSameIdIsAnsweredTheSame) {
  ShardDriver shard(catalog_of(&holds));
  const RunId run = shard.start("t", "w")->run;
  const auto first = shard.update("w", "u1", "set", "1");
  shard.restart();
  const auto again = shard.update("w", "u1", "set", "1");
  EXPECT_TRUE(again->repeated);
  EXPECT_EQ(again->completed, first->completed);
  EXPECT_EQ(shard.update("w", "u1", "set", "2").error().code, Errc::key_reused);
  EXPECT_EQ(shard.kinds(run).size(), 3U);
}

TEST(Update, WhatIsUnderWayOutlivesACrash) {
  ShardDriver shard(catalog_of(&holds));
  shard.start("t", "w");
  EXPECT_FALSE(shard.update("w", "u1", "set", "slow")->completed.has_value());
  shard.restart();
  shard.attempt_ends(1, Payload{"x"});
  EXPECT_TRUE(shard.update("w", "u1", "set", "slow")->completed.has_value());
}

TEST(Update, OneThatTheRunDidNotAnswerIsAConflict) {
  ShardDriver shard(catalog_of(&holds));
  shard.start("t", "w");
  shard.update("w", "u1", "set", "slow");
  shard.control("w", Control::terminate);
  EXPECT_EQ(shard.update("w", "u1", "set", "slow").error().code, Errc::conflict);
}

TEST(Update, ReplayComesToTheSameAnswers) {
  RunPlay play(catalog_of(&holds));
  play.start("0");
  play.tell(UpdateAccepted{"u1", "set", {"slow"}, {}}).complete(1, "x");
  play.reload();
  EXPECT_FALSE(play.run().parked().has_value());
  EXPECT_EQ(play.run().query("value", {})->bytes, "slow");
}

}  // namespace
}  // namespace reprise
