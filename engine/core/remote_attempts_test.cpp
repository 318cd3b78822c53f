// Attempts of remote workers, and the four timeouts: taken, heard of, silent, stale, out of time.
#include <gtest/gtest.h>

#include "engine/author/workflow.hpp"
#include "engine/core/retry.hpp"
#include "engine/core/testing/shard_driver.hpp"

namespace reprise {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::catalog_of;
using testing::ShardDriver;
using testing::Word;
using testing::Work;
using Kinds = std::vector<std::string>;

const ActivityFailure kFlaky{.type = "flaky", .message = "later"};

// Of the activity of every test here; a test sets what it is about.
ActivityOptions options;

Workflow<Word> one_call(Context ctx, Word) { co_return co_await ctx.run<Work>({"x"}, options); }

Workflow<Word> call_or_signal(Context ctx, Word) {
  std::vector<Workflow<Word>> parts;
  parts.push_back(one_call(ctx, {}));
  parts.push_back(
      [](Context c) -> Workflow<Word> { co_return co_await c.signal<Word>("go"); }(ctx));
  co_return (co_await any(std::move(parts))).value;
}

class RemoteAttempts : public ::testing::Test {
 protected:
  RemoteAttempts() {
    options = {.retry = {.initial = seconds(1), .attempts_max = 3, .jitter_percent = 0},
               .start_to_close = seconds(60),
               .queue = "far"};
  }
  static ActivityFailure last_failure(const ShardDriver& shard, const RunId& run) {
    ActivityFailure failure;
    for (const Event& event : shard.events(run)) {
      if (const auto* f = std::get_if<ActivityAttemptFailed>(&event.body)) failure = f->failure;
      if (const auto* f = std::get_if<ActivityFailed>(&event.body)) failure = f->failure;
    }
    return failure;
  }
  static void pass(ShardDriver& shard, Duration time) {
    shard.advance(time);
    shard.settle();
  }
};

#define EXPECT_SAYS(result, answer) EXPECT_EQ(std::get<AttemptAnswer>((result).value()), answer)

TEST_F(RemoteAttempts, WhoTakesAnAttemptIsToldWhatToDo) {
  options.heartbeat_timeout = seconds(5);
  ShardDriver shard(catalog_of(&one_call));
  const RunId run = shard.start("t", "w")->run;
  EXPECT_EQ(shard.actions<Dispatch>().front().queue, "far");
  shard.evict();
  const auto task = std::get<AttemptTask>(shard.take(1).value());
  EXPECT_EQ(task.name, "work");
  EXPECT_EQ(task.input.bytes, "x");
  EXPECT_EQ(task.time_left, seconds(60));
  EXPECT_EQ(task.heartbeat_timeout, seconds(5));
  EXPECT_SAYS(shard.take(1), AttemptAnswer::stale) << "once";
  EXPECT_SAYS(shard.report(1, Payload{"done"}), AttemptAnswer::recorded);
  EXPECT_EQ(shard.kinds(run).back(), "run_completed");
}

TEST_F(RemoteAttempts, AnOutcomeIsAnsweredOnceItIsDurable) {
  ShardDriver shard(catalog_of(&one_call));
  const RunId run = shard.start("t", "w")->run;
  EXPECT_TRUE(shard.take(1).has_value());
  const RequestId id(1000);
  std::vector<Input> inputs;
  inputs.emplace_back(AttemptEnded{run, CommandId(1), Attempt(1), Payload{"done"}, id});
  shard.step(std::move(inputs));
  EXPECT_FALSE(shard.reply(id).has_value());
  shard.commit();
  EXPECT_SAYS(shard.reply(id).value(), AttemptAnswer::recorded);
}

TEST_F(RemoteAttempts, ItsTimeBeginsWhenAWorkerTakesIt) {
  ShardDriver shard(catalog_of(&one_call));
  const RunId run = shard.start("t", "w")->run;
  pass(shard, hours(24));
  EXPECT_EQ(shard.kinds(run).back(), "activity_scheduled") << "the queue is patient";
  EXPECT_TRUE(shard.take(1).has_value());
  pass(shard, seconds(59));
  EXPECT_EQ(shard.kinds(run).back(), "activity_scheduled");
  pass(shard, seconds(1));
  EXPECT_EQ(last_failure(shard, run).type, "timeout");
  EXPECT_TRUE(last_failure(shard, run).message.contains("start-to-close"));
  EXPECT_TRUE(shard.actions<CancelAttempt>().back().timed_out);
  EXPECT_SAYS(shard.report(1, Payload{"late"}, Attempt(1)), AttemptAnswer::stale);
  EXPECT_EQ(shard.kinds(run).back(), "activity_attempt_failed") << "and nothing is recorded";
}

TEST_F(RemoteAttempts, ASilentWorkerLosesItsAttemptAndOneThatIsHeardOfDoesNot) {
  options.heartbeat_timeout = seconds(5);
  ShardDriver shard(catalog_of(&one_call));
  const RunId run = shard.start("t", "w")->run;
  EXPECT_TRUE(shard.take(1).has_value());
  for (int i = 0; i < 5; ++i) {
    pass(shard, milliseconds(4999));
    EXPECT_SAYS(shard.beat(1, "row " + std::to_string(i)), AttemptAnswer::current);
  }
  EXPECT_TRUE(shard.actions<CancelAttempt>().empty());
  pass(shard, seconds(5));
  EXPECT_TRUE(last_failure(shard, run).message.contains("heartbeat"));
  EXPECT_SAYS(shard.beat(1), AttemptAnswer::stale);
  pass(shard, seconds(1));
  ASSERT_EQ(shard.actions<Dispatch>().back().attempt, Attempt(2));
  EXPECT_SAYS(shard.beat(1, "row 9", Attempt(1)), AttemptAnswer::stale);
  EXPECT_SAYS(shard.report(1, Payload{"late"}, Attempt(1)), AttemptAnswer::stale);
  const auto task = std::get<AttemptTask>(shard.take(1).value());
  EXPECT_EQ(task.last_details.bytes, "row 4");
  EXPECT_SAYS(shard.report(1, Payload{"done"}), AttemptAnswer::recorded);
  EXPECT_EQ(shard.kinds(run), (Kinds{"run_started", "activity_scheduled", "activity_attempt_failed",
                                     "activity_completed", "run_completed"}));
}

TEST_F(RemoteAttempts, DetailsReachTheNextAttemptAcrossACrash) {
  options.queue.clear();
  ShardDriver shard(catalog_of(&one_call));
  shard.start("t", "w");
  EXPECT_SAYS(shard.beat(1, "row 7"), AttemptAnswer::current);
  EXPECT_SAYS(shard.beat(1), AttemptAnswer::current) << "without details, the old ones stay";
  EXPECT_SAYS(shard.beat(1, std::string(kHeartbeatDetailsBytesMax + 1, 'x')),
              AttemptAnswer::current);
  shard.attempt_ends(1, std::unexpected(kFlaky));
  shard.restart();
  pass(shard, seconds(1));
  ASSERT_EQ(shard.actions<Dispatch>().size(), 1U);
  EXPECT_EQ(shard.actions<Dispatch>().front().last_details.bytes, "row 7");
  shard.attempt_ends(1, std::unexpected(kFlaky));
  pass(shard, seconds(2));
  EXPECT_EQ(shard.actions<Dispatch>().back().last_details.bytes, "row 7")
      << "an attempt that told nothing leaves what was told before it";
}

TEST_F(RemoteAttempts, FoldedFailuresKeepTheirDetailsToo) {
  options.retry.attempts_max = 0;
  ShardDriver shard(catalog_of(&one_call));
  shard.start("t", "w");
  for (int i = 1; i <= 12; ++i) {
    EXPECT_TRUE(shard.take(1).has_value());
    shard.beat(1, "row " + std::to_string(i)).value();
    shard.report(1, std::unexpected(kFlaky)).value();
    pass(shard, seconds(100));
  }
  EXPECT_EQ(std::get<AttemptTask>(shard.take(1).value()).last_details.bytes, "row 12");
}

TEST_F(RemoteAttempts, AWaitInTheQueueEndsAtItsTimeAndIsFinal) {
  options.schedule_to_start = seconds(10);
  ShardDriver shard(catalog_of(&one_call));
  const RunId run = shard.start("t", "w")->run;
  pass(shard, milliseconds(9999));
  EXPECT_EQ(shard.kinds(run).back(), "activity_scheduled");
  pass(shard, milliseconds(1));
  EXPECT_EQ(std::get<RunFailed>(shard.events(run).back().body).type, "timeout");
  EXPECT_TRUE(last_failure(shard, run).message.contains("schedule-to-start"));
  EXPECT_SAYS(shard.take(1), AttemptAnswer::stale);
}

TEST_F(RemoteAttempts, ScheduleToStartDoesNotBoundTheWork) {
  options.schedule_to_start = seconds(10);
  ShardDriver shard(catalog_of(&one_call));
  const RunId run = shard.start("t", "w")->run;
  EXPECT_TRUE(shard.take(1).has_value());
  pass(shard, seconds(30));
  EXPECT_SAYS(shard.report(1, Payload{"done"}), AttemptAnswer::recorded);
  EXPECT_EQ(shard.kinds(run).back(), "run_completed");
}

TEST_F(RemoteAttempts, ScheduleToCloseBoundsAllAttemptsAndTheirWaits) {
  options.retry.attempts_max = 0;
  options.schedule_to_close = seconds(10);
  for (const bool restarted : {false, true}) {
    for (const bool evicted : {false, true}) {
      ShardDriver shard(catalog_of(&one_call));
      const RunId run = shard.start("t", "w")->run;
      pass(shard, seconds(3));
      const auto task = std::get<AttemptTask>(shard.take(1).value());
      EXPECT_EQ(task.time_left, seconds(7));
      shard.report(1, std::unexpected(kFlaky)).value();
      if (restarted) shard.restart();
      if (evicted) shard.evict();
      pass(shard, milliseconds(6999));
      EXPECT_NE(shard.kinds(run).back(), "run_failed");
      pass(shard, milliseconds(1));
      const ActivityFailure failure = last_failure(shard, run);
      EXPECT_EQ(failure.type, "timeout");
      EXPECT_FALSE(failure.retryable);
      EXPECT_TRUE(failure.message.contains("schedule-to-close")) << failure.message;
      EXPECT_TRUE(failure.message.contains("flaky: later")) << "it says what went wrong before";
      EXPECT_EQ(shard.kinds(run).back(), "run_failed");
      ASSERT_FALSE(shard.actions<CancelAttempt>().empty());
      EXPECT_TRUE(shard.actions<CancelAttempt>().back().timed_out);
    }
  }
}

TEST_F(RemoteAttempts, ScheduleToCloseIsFoundPastWhenTheProcessComesBackLate) {
  options.schedule_to_close = seconds(10);
  ShardDriver shard(catalog_of(&one_call));
  const RunId run = shard.start("t", "w")->run;
  shard.advance(seconds(60));
  shard.restart();
  EXPECT_EQ(shard.kinds(run),
            (Kinds{"run_started", "activity_scheduled", "activity_failed", "run_failed"}));
  EXPECT_TRUE(shard.actions<Dispatch>().empty());
}

TEST_F(RemoteAttempts, ACloseTimeBringsNoRunBackThatHasEnded) {
  options.schedule_to_close = hours(1);
  ShardDriver shard(catalog_of(&one_call));
  shard.start("t", "w");
  EXPECT_TRUE(shard.take(1).has_value());
  shard.report(1, Payload{"done"}).value();
  shard.evict();
  shard.advance(hours(2));
  shard.step();
  EXPECT_EQ(shard.reads_open(), 0U);
  EXPECT_EQ(shard.shard().runs_cached(), 0U);
}

TEST_F(RemoteAttempts, ACancelledAttemptIsToldSoAndItsResultRefused) {
  ShardDriver shard(catalog_of(&call_or_signal));
  const RunId run = shard.start("t", "w")->run;
  EXPECT_TRUE(shard.take(1).has_value());
  shard.signal("w", "go").value();
  ASSERT_EQ(shard.actions<CancelAttempt>().size(), 1U);
  EXPECT_FALSE(shard.actions<CancelAttempt>().back().timed_out);
  EXPECT_SAYS(shard.report(1, Payload{"late"}), AttemptAnswer::stale);
  EXPECT_EQ(shard.kinds(run).back(), "run_completed");
}

TEST_F(RemoteAttempts, RestartsOfTheServerDoNotFailTheWork) {
  ShardDriver shard(catalog_of(&one_call));
  const RunId run = shard.start("t", "w")->run;
  for (std::uint32_t attempt = 2; attempt <= 8; ++attempt) {
    shard.restart();
    ASSERT_EQ(shard.actions<Dispatch>().size(), 1U);
    EXPECT_EQ(shard.actions<Dispatch>().front().attempt, Attempt(attempt));
  }
  EXPECT_SAYS(shard.report(1, Payload{"of another process"}, Attempt(1)), AttemptAnswer::stale);
  EXPECT_TRUE(shard.take(1).has_value());
  EXPECT_SAYS(shard.report(1, Payload{"done"}), AttemptAnswer::recorded);
  EXPECT_EQ(shard.kinds(run).back(), "run_completed");
}

TEST_F(RemoteAttempts, WhatComesForARunThatCannotBeReadIsAnswered) {
  ShardDriver shard(catalog_of(&one_call));
  const RunId run = shard.start("t", "w")->run;
  shard.evict();
  std::vector<Input> inputs;
  inputs.emplace_back(AttemptTaken{RequestId(900), run, CommandId(1), Attempt(1)});
  shard.step(std::move(inputs));
  shard.fail_read();
  EXPECT_EQ(shard.reply(RequestId(900))->error().code, Errc::io);
  pass(shard, seconds(2));
  EXPECT_TRUE(shard.take(1).has_value()) << "it is still there for the next one";
  shard.evict();
  inputs.emplace_back(AttemptEnded{run, CommandId(1), Attempt(1), Payload{"dear"}, RequestId(901)});
  shard.step(std::exchange(inputs, {}));
  shard.fail_read();
  EXPECT_FALSE(shard.reply(RequestId(901)).has_value()) << "kept for the next load";
  pass(shard, seconds(2));
  EXPECT_SAYS(shard.reply(RequestId(901)).value(), AttemptAnswer::recorded);
  EXPECT_EQ(shard.kinds(run).back(), "run_completed");
}

TEST_F(RemoteAttempts, HeartbeatsDoNotPileUpDeadlines) {
  options.heartbeat_timeout = seconds(5);
  options.start_to_close = hours(10);
  ShardDriver shard(catalog_of(&one_call));
  shard.start("t", "w");
  EXPECT_TRUE(shard.take(1).has_value());
  std::size_t steps = 0;
  for (int i = 0; i < 1000; ++i) {
    shard.advance(milliseconds(10));
    const auto next = shard.shard().next_steady();
    if (next && *next <= shard.steady) ++steps;
    shard.beat(1).value();
  }
  EXPECT_LE(steps, 4U) << "10 s of beats, looked at about every 5 s";
}

}  // namespace
}  // namespace reprise
