// Attempts and timers: dispatched, repeated, timed out, lost, fired.
#include <gtest/gtest.h>

#include "engine/author/workflow.hpp"
#include "engine/core/testing/shard_driver.hpp"

namespace reprise {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::catalog_of;
using testing::ShardDriver;
using testing::Word;
using testing::Work;
using Kinds = std::vector<std::string>;

const ActivityFailure kFlaky{.type = "flaky", .message = "later"};

ActivityOptions plain() {
  return {.retry = {.initial = seconds(1), .attempts_max = 3, .jitter_percent = 0},
          .start_to_close = seconds(10)};
}

Workflow<Word> one_call(Context ctx, Word) { co_return co_await ctx.run<Work>({"x"}, plain()); }

Workflow<Word> call_or_signal(Context ctx, Word) {
  std::vector<Workflow<Word>> parts;
  parts.push_back(one_call(ctx, {}));
  parts.push_back(
      [](Context c) -> Workflow<Word> { co_return co_await c.signal<Word>("go"); }(ctx));
  co_return (co_await any(std::move(parts))).value;
}

Workflow<Word> naps(Context ctx, Word) {
  co_await ctx.sleep(seconds(60));
  co_await ctx.sleep(seconds(60));
  co_return Word{"awake"};
}

TEST(ShardAttempts, AnActivityIsDispatchedOnceItIsDurable) {
  ShardDriver shard(catalog_of(&one_call));
  std::vector<Input> inputs;
  inputs.emplace_back(shard.start_input("t", "w"));
  shard.step(std::move(inputs));
  shard.answer_read();
  EXPECT_TRUE(shard.actions<Dispatch>().empty());
  shard.commit();
  ASSERT_EQ(shard.actions<Dispatch>().size(), 1U);
  EXPECT_EQ(shard.actions<Dispatch>().front().attempt, Attempt(1));
  EXPECT_EQ(shard.actions<Dispatch>().front().deadline, shard.steady + seconds(10));
}

TEST(ShardAttempts, TheFirstOutcomeCounts) {
  ShardDriver shard(catalog_of(&one_call));
  const RunId run = shard.start("t", "w")->run;
  shard.attempt_ends(1, Payload{"first"});
  for (int i = 0; i < 10; ++i) shard.attempt_ends(1, Payload{"first"});
  shard.attempt_ends(1, Payload{"second"});
  shard.attempt_ends(1, std::unexpected(kFlaky));
  EXPECT_EQ(shard.kinds(run),
            (Kinds{"run_started", "activity_scheduled", "activity_completed", "run_completed"}));
  EXPECT_EQ(std::get<RunCompleted>(shard.events(run).back().body).result.bytes, "first");
}

TEST(ShardAttempts, AFailedAttemptIsMadeAgainAfterItsDelay) {
  ShardDriver shard(catalog_of(&one_call));
  const RunId run = shard.start("t", "w")->run;
  shard.attempt_ends(1, std::unexpected(kFlaky));
  EXPECT_EQ(shard.actions<Dispatch>().size(), 1U);
  shard.advance(milliseconds(999));
  shard.settle();
  EXPECT_EQ(shard.actions<Dispatch>().size(), 1U) << "not early";
  shard.advance(milliseconds(1));
  shard.settle();
  ASSERT_EQ(shard.actions<Dispatch>().size(), 2U);
  EXPECT_EQ(shard.actions<Dispatch>().back().attempt, Attempt(2));
  shard.attempt_ends(1, std::unexpected(kFlaky));
  shard.advance(seconds(2));
  shard.settle();
  shard.attempt_ends(1, std::unexpected(kFlaky));
  EXPECT_EQ(shard.kinds(run), (Kinds{"run_started", "activity_scheduled", "activity_attempt_failed",
                                     "activity_attempt_failed", "activity_failed", "run_failed"}));
}

TEST(ShardAttempts, ARetryThatWaitsOutsideOfMemoryIsNotLost) {
  ShardDriver shard(catalog_of(&one_call));
  const RunId run = shard.start("t", "w")->run;
  shard.attempt_ends(1, std::unexpected(kFlaky));
  shard.evict();
  EXPECT_EQ(shard.shard().runs_cached(), 0U);
  shard.advance(seconds(5));
  shard.settle();
  EXPECT_EQ(shard.actions<Dispatch>().back().attempt, Attempt(2));
  EXPECT_EQ(shard.kinds(run).back(), "activity_attempt_failed") << "and nothing is recorded of it";
}

TEST(ShardAttempts, FailuresPastTheTenthAreFoldedIntoTheEnd) {
  const auto stubborn = +[](Context ctx, Word) -> Workflow<Word> {
    ActivityOptions options = plain();
    options.retry.attempts_max = 14;
    co_return co_await ctx.run<Work>({"x"}, options);
  };
  ShardDriver shard(catalog_of(stubborn));
  const RunId run = shard.start("t", "w")->run;
  for (int i = 0; i < 14; ++i) {
    shard.attempt_ends(1, std::unexpected(kFlaky));
    shard.evict();  // stays in memory while it counts what has no event
    shard.advance(seconds(100));
    shard.settle();
  }
  const auto events = shard.events(run);
  ASSERT_EQ(events.size(), 14U) << "start, schedule, ten failures, the end of both";
  const auto failed = std::get<ActivityFailed>(events[12].body);
  EXPECT_EQ(failed.attempt, Attempt(14));
  EXPECT_EQ(failed.attempts_folded, 3U);
}

TEST(ShardAttempts, AnAttemptThatTakesTooLongFailsAndItsLateResultIsRefused) {
  ShardDriver shard(catalog_of(&one_call));
  const RunId run = shard.start("t", "w")->run;
  shard.advance(seconds(10));
  shard.settle();
  ASSERT_EQ(shard.actions<CancelAttempt>().size(), 1U);
  shard.attempt_ends(1, Payload{"late"});
  EXPECT_EQ(shard.kinds(run).back(), "activity_attempt_failed");
  shard.advance(seconds(1));
  shard.settle();
  EXPECT_EQ(shard.actions<Dispatch>().back().attempt, Attempt(2));
}

TEST(ShardAttempts, TheWallClockHasNoPartInTimeouts) {
  ShardDriver shard(catalog_of(&one_call));
  shard.start("t", "w");
  shard.utc = shard.utc + std::chrono::hours(1);
  shard.settle();
  EXPECT_TRUE(shard.actions<CancelAttempt>().empty());
}

TEST(ShardAttempts, ACancelledActivityIsToldToStopAndItsResultRefused) {
  ShardDriver shard(catalog_of(&call_or_signal));
  const RunId run = shard.start("t", "w")->run;
  shard.signal("w", "go");
  EXPECT_EQ(shard.actions<CancelAttempt>().size(), 1U);
  shard.attempt_ends(1, Payload{"late"});
  EXPECT_EQ(shard.kinds(run), (Kinds{"run_started", "activity_scheduled", "signal_received",
                                     "activity_cancelled", "run_completed"}));
}

TEST(ShardAttempts, AResultAndWhatCancelsItInOneStepDoNotContradict) {
  ShardDriver shard(catalog_of(&call_or_signal));
  const RunId run = shard.start("t", "w")->run;
  std::vector<Input> inputs;
  inputs.emplace_back(shard.signal_input("w", "go"));
  inputs.emplace_back(AttemptEnded{run, CommandId(1), Attempt(1), Payload{"at the same time"}});
  shard.step(std::move(inputs));
  shard.settle();
  EXPECT_EQ(shard.kinds(run), (Kinds{"run_started", "activity_scheduled", "signal_received",
                                     "activity_completed", "run_completed"}));
}

TEST(ShardAttempts, AResultOverTheLimitIsAFailure) {
  ShardDriver shard(catalog_of(&one_call), {.payload_bytes_max = 10});
  const RunId run = shard.start("t", "w")->run;
  shard.attempt_ends(1, Payload{"more than ten bytes"});
  EXPECT_EQ(std::get<RunFailed>(shard.events(run).back().body).type, "result_too_large");
}

TEST(ShardAttempts, AnAttemptLostWithItsProcessIsMadeAgainTwice) {
  ShardDriver shard(catalog_of(&one_call));
  const RunId run = shard.start("t", "w")->run;
  for (std::uint32_t attempt = 2; attempt <= 3; ++attempt) {
    shard.restart();
    ASSERT_EQ(shard.actions<Dispatch>().size(), 1U);
    EXPECT_EQ(shard.actions<Dispatch>().front().attempt, Attempt(attempt));
  }
  shard.restart();
  EXPECT_TRUE(shard.actions<Dispatch>().empty());
  EXPECT_EQ(std::get<RunFailed>(shard.events(run).back().body).type, "lost");
}

TEST(ShardAttempts, AnOpenActivityDoesNotKeepItsRunInMemory) {
  ShardDriver shard(catalog_of(&one_call));
  const RunId run = shard.start("t", "w")->run;
  shard.evict();
  EXPECT_EQ(shard.shard().runs_cached(), 0U);
  EXPECT_EQ(shard.shard().attempts_running(), 1U);
  shard.attempt_ends(1, Payload{"done"});
  EXPECT_EQ(shard.kinds(run).back(), "run_completed");
  EXPECT_EQ(shard.kinds(run).size(), 4U) << "no attempt is lost";
}

TEST(ShardTimers, ATimerFiresNoEarlierThanItsTime) {
  ShardDriver shard(catalog_of(&naps));
  const RunId run = shard.start("t", "w")->run;
  shard.advance(milliseconds(59'999));
  shard.settle();
  EXPECT_EQ(shard.kinds(run).back(), "timer_started");
  shard.advance(milliseconds(1));
  shard.settle();
  EXPECT_EQ(shard.kinds(run),
            (Kinds{"run_started", "timer_started", "timer_fired", "timer_started"}));
  shard.advance(seconds(60));
  shard.settle();
  EXPECT_EQ(shard.kinds(run).back(), "run_completed");
}

TEST(ShardTimers, ATimerFiresOnceWhateverIsInMemory) {
  for (const bool restarted : {false, true}) {
    ShardDriver shard(catalog_of(&naps));
    const RunId run = shard.start("t", "w")->run;
    shard.evict();
    if (restarted) shard.restart();
    EXPECT_EQ(shard.shard().runs_cached(), 0U) << "a sleeper needs no memory";
    shard.advance(seconds(60));
    shard.settle();
    EXPECT_EQ(shard.kinds(run).size(), 4U);
  }
}

TEST(ShardTimers, AWallClockThatIsSetBackFiresNothingEarlyAndLosesNothing) {
  ShardDriver shard(catalog_of(&naps));
  const RunId run = shard.start("t", "w")->run;
  shard.utc = shard.utc + std::chrono::hours(-1);
  shard.settle();
  EXPECT_EQ(shard.kinds(run).size(), 2U);
  shard.advance(std::chrono::hours(1) + seconds(60));
  shard.settle();
  EXPECT_EQ(shard.kinds(run).size(), 4U);
}

TEST(ShardTimers, LoopsWithoutAPauseDoNotKeepAStepForEver) {
  const auto restless = +[](Context ctx, Word) -> Workflow<Word> {
    for (int i = 0; i < 50; ++i) co_await ctx.sleep(seconds(0));
    co_return Word{};
  };
  ShardDriver shard(catalog_of(restless), {.inputs_per_record_max = 1});
  const RunId run = shard.start("t", "w")->run;
  shard.settle();
  EXPECT_EQ(shard.kinds(run).size(), 102U);
  EXPECT_GT(shard.rows(Table::record), 40U);
}

}  // namespace
}  // namespace reprise
