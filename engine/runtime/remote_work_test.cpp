// Remote workers at a running engine: polls, leases, heartbeats, ends, restarts.
#include "engine/runtime/remote_work.hpp"

#include <gtest/gtest.h>

#include "engine/runtime/testing/engine_fixture.hpp"

namespace reprise {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class RemoteWorkTest : public ::testing::Test, public testing::EngineFixture {
 protected:
  // Nothing when none came in ten seconds.
  std::optional<RemoteAttempt> poll(Duration wait = seconds(10)) {
    auto got = this->wait(engine->poll({.queue = "far"}, wait));
    EXPECT_TRUE(got.has_value()) << to_string(got.error());
    return got.value_or(std::nullopt);
  }
  AttemptAnswer complete(const AttemptToken& token, std::string result) {
    return wait(engine->end_attempt(token, Payload{std::move(result)})).value();
  }
  AttemptAnswer beat(const AttemptToken& token, std::optional<Payload> details = {}) {
    return wait(engine->heartbeat(token, std::move(details))).value();
  }
};

TEST_F(RemoteWorkTest, APollThatWaitsGetsWhatComes) {
  auto waiting = begin(engine->poll({.queue = "far", .activities = {"test.echo"}}, seconds(10)));
  const WorkflowId workflow = start("echo_far", "hello")->workflow;
  const std::optional<RemoteAttempt> got = waiting.get().value();
  ASSERT_TRUE(got.has_value());
  EXPECT_EQ(got->token.workflow, workflow);
  EXPECT_EQ(got->work.name, "test.echo");
  EXPECT_EQ(got->work.input.bytes, "hello");
  EXPECT_EQ(engine->queue_figures("far").leased, 1U);
  EXPECT_EQ(complete(got->token, "done"), AttemptAnswer::recorded);
  EXPECT_EQ(outcome(workflow)->result.bytes, "done");
  EXPECT_EQ(complete(got->token, "other"), AttemptAnswer::recorded) << "the first one counts";
  EXPECT_EQ(outcome(workflow)->result.bytes, "done");
  EXPECT_EQ(count(workflow, EventKind::activity_completed), 1U);
  EXPECT_EQ(engine->queue_figures("far").leased, 0U);
}

TEST_F(RemoteWorkTest, APollGetsNothingWhenItsTimeIsOverOrTheServerStops) {
  EXPECT_FALSE(poll(milliseconds(5)).has_value());
  auto waiting = begin(engine->poll({.queue = "far"}, seconds(60)));
  while (engine->queue_figures("far").polls == 0) std::this_thread::yield();
  engine->end_polls();
  EXPECT_FALSE(waiting.get().value().has_value());
  EXPECT_FALSE(poll(seconds(60)).has_value());
}

TEST_F(RemoteWorkTest, APollWhoseWorkerIsGoneTakesNothingWithIt) {
  start("echo_far", "x").value();
  while (engine->queue_figures("far").waiting == 0) std::this_thread::yield();
  const auto got =
      wait(engine->poll({.queue = "far", .is_gone = [] { return true; }}, seconds(60)));
  EXPECT_FALSE(got.value().has_value());
  EXPECT_EQ(poll()->token.key.attempt, Attempt(1));
}

TEST_F(RemoteWorkTest, APollWhoseWorkerGoesDoesNotWaitToTheEnd) {
  std::atomic<bool> gone = false;
  auto waiting = begin(
      engine->poll({.queue = "far", .is_gone = [&gone] { return gone.load(); }}, seconds(600)));
  while (engine->queue_figures("far").polls == 0) std::this_thread::yield();
  gone = true;
  ASSERT_EQ(waiting.wait_for(seconds(30)), std::future_status::ready);
  EXPECT_FALSE(waiting.get().value().has_value());
  EXPECT_EQ(engine->queue_figures("far").polls, 0U);
}

TEST_F(RemoteWorkTest, ASilentAttemptGoesToTheNextPollAndItsOwnResultIsRefused) {
  const WorkflowId workflow = start("echo_far", "x")->workflow;
  const std::optional<RemoteAttempt> first = poll();
  EXPECT_EQ(beat(first->token, Payload{"half"}), AttemptAnswer::current);
  const std::optional<RemoteAttempt> second = poll();
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(second->token.key.attempt, Attempt(2));
  EXPECT_EQ(second->work.last_details.bytes, "half");
  EXPECT_EQ(beat(first->token), AttemptAnswer::stale);
  EXPECT_EQ(complete(first->token, "stale"), AttemptAnswer::stale);
  EXPECT_EQ(complete(second->token, "done"), AttemptAnswer::recorded);
  EXPECT_EQ(outcome(workflow)->result.bytes, "done");
  EXPECT_EQ(count(workflow, EventKind::activity_completed), 1U);
}

TEST_F(RemoteWorkTest, ACancelledAttemptIsToldSo) {
  const WorkflowId workflow = start("echo_far", "x")->workflow;
  const std::optional<RemoteAttempt> got = poll();
  ASSERT_TRUE(wait(engine->cancel({.workflow = workflow, .reason = "enough"})).has_value());
  EXPECT_EQ(outcome(workflow)->status, RunStatus::cancelled);
  EXPECT_EQ(beat(got->token), AttemptAnswer::cancelled);
  EXPECT_EQ(complete(got->token, "late"), AttemptAnswer::cancelled);
}

TEST_F(RemoteWorkTest, ATokenOfAnEarlierProcessIsStale) {
  const WorkflowId workflow = start("echo_far_patiently", "x")->workflow;
  const std::optional<RemoteAttempt> first = poll();
  restart();
  EXPECT_EQ(beat(first->token), AttemptAnswer::stale);
  EXPECT_EQ(complete(first->token, "stale"), AttemptAnswer::stale);
  const std::optional<RemoteAttempt> second = poll();
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(second->token.key.attempt, Attempt(2));
  EXPECT_EQ(complete(second->token, "done"), AttemptAnswer::recorded);
  EXPECT_EQ(outcome(workflow)->result.bytes, "done");
}

TEST_F(RemoteWorkTest, AFailureIsRetriedWithAnotherAttempt) {
  const WorkflowId workflow = start("echo_far_patiently", "x")->workflow;
  const std::optional<RemoteAttempt> first = poll();
  EXPECT_EQ(wait(engine->end_attempt(first->token,
                                     std::unexpected(ActivityFailure{"odd", "not now", true, {}})))
                .value(),
            AttemptAnswer::recorded);
  EXPECT_EQ(complete(poll()->token, "done"), AttemptAnswer::recorded);
  EXPECT_EQ(count(workflow, EventKind::activity_attempt_failed), 1U);
}

TEST_F(RemoteWorkTest, AFullQueueFailsTheAttemptByNameAndItIsTriedAgain) {
  engine.reset();
  open({.threads = 2, .shards = 4, .queues = {.attempts_max = 1}});
  const WorkflowId first = start("echo_far_patiently", "1")->workflow;
  while (engine->queue_figures("far").waiting == 0) std::this_thread::yield();
  const WorkflowId second = start("echo_far_patiently", "2")->workflow;
  while (count(second, EventKind::activity_attempt_failed) == 0) std::this_thread::yield();
  for (const Event& event : history(second))
    if (const auto* failed = std::get_if<ActivityAttemptFailed>(&event.body))
      EXPECT_EQ(failed->failure.type, "queue_full");
  for (const WorkflowId& workflow : {first, second}) {
    const std::optional<RemoteAttempt> got = poll();
    ASSERT_TRUE(got.has_value());
    EXPECT_EQ(got->token.workflow, workflow);
    EXPECT_EQ(complete(got->token, "done"), AttemptAnswer::recorded);
    EXPECT_EQ(outcome(workflow)->result.bytes, "done");
  }
}

TEST_F(RemoteWorkTest, OnePollTooManyIsRefusedByName) {
  engine.reset();
  open({.threads = 2, .shards = 4, .queues = {.polls_max = 1}});
  auto waiting = begin(engine->poll({.queue = "far"}, seconds(60)));
  while (engine->queue_figures("far").polls == 0) std::this_thread::yield();
  const auto refused = wait(engine->poll({.queue = "far"}, seconds(60)));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, Errc::overloaded);
  EXPECT_FALSE(wait(engine->poll({.queue = "near"}, milliseconds(1))).value().has_value())
      << "each queue for itself";
  engine->end_polls();
  EXPECT_FALSE(waiting.get().value().has_value());
}

TEST_F(RemoteWorkTest, ABodyInThisProcessBeatsAndTellsTheNextAttempt) {
  const WorkflowId workflow = start("hiccup", "x")->workflow;
  EXPECT_EQ(outcome(workflow)->result.bytes, "half");
  EXPECT_EQ(count(workflow, EventKind::activity_attempt_failed), 1U);
}

}  // namespace
}  // namespace reprise
