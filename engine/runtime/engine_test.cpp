#include "engine/runtime/engine.hpp"

#include <gtest/gtest.h>
#include <boost/asio/strand.hpp>

#include "engine/runtime/testing/engine_fixture.hpp"
#include "engine/runtime/verify.hpp"

namespace reprise {
namespace {

class EngineTest : public ::testing::Test, public testing::EngineFixture {
 protected:
  WorkflowId started(std::string type, std::string input) {
    const Result<StartAnswer> answer = start(std::move(type), std::move(input));
    EXPECT_TRUE(answer.has_value());
    return answer->workflow;
  }
  Result<SignalAnswer> signal(const WorkflowId& workflow, std::string word,
                              Boxed<IdempotencyKey> key = {}) {
    return wait(engine->signal({.workflow = workflow,
                                .name = "word",
                                .payload = {std::move(word)},
                                .key = std::move(key)}));
  }
};

TEST_F(EngineTest, AStartedWorkflowRunsToItsResult) {
  const WorkflowId workflow = started("echo", "hello");
  const Result<RunOutcome> end = outcome(workflow);
  ASSERT_TRUE(end.has_value()) << to_string(end.error());
  EXPECT_EQ(end->status, RunStatus::completed);
  EXPECT_EQ(end->result.bytes, "hello");
}

TEST_F(EngineTest, TheDescriptionOfAnEndedRunHasItsMemo) {
  const WorkflowId workflow("w");
  RunLabels labels;
  labels.memo.bytes = "\"for eva\"";
  ASSERT_TRUE(wait(engine->start({.type = "echo",
                                  .workflow = workflow,
                                  .input = {"hello"},
                                  .labels = std::move(labels)}))
                  .has_value());
  ASSERT_TRUE(outcome(workflow).has_value());
  const Result<RunDescription> described =
      wait(engine->describe({.workflow = workflow, .run = {}}));
  ASSERT_TRUE(described.has_value());
  EXPECT_EQ(described->memo.bytes, "\"for eva\"");
}

TEST_F(EngineTest, ParallelActivitiesGiveTheirResultsInIndexOrder) {
  const Result<RunOutcome> end = outcome(started("echo_many", "abcdefghij"));
  ASSERT_TRUE(end.has_value());
  EXPECT_EQ(end->result.bytes, "abcdefghij");
}

TEST_F(EngineTest, AChainOfOneActivityIsThreeEventsOfOneStepAndThreeOfTheNext) {
  const WorkflowId workflow = started("echo", "x");
  ASSERT_TRUE(outcome(workflow).has_value());
  std::vector<EventKind> kinds;
  for (const Event& event : history(workflow)) kinds.push_back(kind_of(event.body));
  EXPECT_EQ(kinds, (std::vector{EventKind::run_started, EventKind::activity_scheduled,
                                EventKind::activity_completed, EventKind::run_completed}));
}

TEST_F(EngineTest, LocalStepsRunOnThreadsOfTheirOwnAndAreRecorded) {
  const WorkflowId workflow = started("shout", "hey");
  const Result<RunOutcome> end = outcome(workflow);
  ASSERT_TRUE(end.has_value()) << to_string(end.error());
  EXPECT_EQ(end->result.bytes, "hey!!!");
  EXPECT_EQ(count(workflow, EventKind::activity_completed), 3U);
}

TEST_F(EngineTest, CodeThatDoesNotEndIsToldAndItsRunIsParkedByTheNextEngine) {
  std::promise<RunId> stuck;
  engine.reset();
  log.restart();
  open({.threads = 2,
        .shards = 4,
        .activation_max = std::chrono::milliseconds(40),
        .on_stuck = [&](const RunId& run, Duration) { stuck.set_value(run); }});
  auto starting = boost::asio::co_spawn(
      callers(), engine->start({.type = "spin", .workflow = WorkflowId("loop"), .input = {}}),
      boost::asio::use_future);
  const RunId run = stuck.get_future().get();
  let_go();
  ASSERT_TRUE(starting.get().has_value());
  engine.reset();
  log.restart();
  open({.threads = 2, .shards = 4, .stuck_runs = {run}});
  EXPECT_EQ(outcome(started("echo", "others go on"))->result.bytes, "others go on");
}

TEST_F(EngineTest, SignalsAndQueriesReachTheRunningCode) {
  const WorkflowId workflow = started("take_two", "");
  ASSERT_TRUE(signal(workflow, "du").has_value());
  const auto taken = wait(engine->query({.workflow = workflow, .name = "taken", .arguments = {}}));
  ASSERT_TRUE(taken.has_value()) << to_string(taken.error());
  EXPECT_EQ(taken->bytes, "1");
  ASSERT_TRUE(signal(workflow, "rable").has_value());
  EXPECT_EQ(outcome(workflow)->result.bytes, "durable");
}

TEST_F(EngineTest, ARepeatedKeyedSignalIsAcceptedOnce) {
  const WorkflowId workflow = started("take_two", "");
  const IdempotencyKey key{.tenant = "", .key = "k", .request = digest_of("body")};
  EXPECT_FALSE(signal(workflow, "a", key)->repeated);
  EXPECT_TRUE(signal(workflow, "a", key)->repeated);
  const IdempotencyKey other_body{.tenant = "", .key = "k", .request = digest_of("other")};
  EXPECT_EQ(signal(workflow, "b", other_body).error().code, Errc::key_reused);
  EXPECT_EQ(count(workflow, EventKind::signal_received), 1U);
}

TEST_F(EngineTest, ASignalToAClosedRunIsAConflict) {
  const WorkflowId workflow = started("echo", "x");
  ASSERT_TRUE(outcome(workflow).has_value());
  EXPECT_EQ(signal(workflow, "late").error().code, Errc::conflict);
}

TEST_F(EngineTest, OfRacersForOneIdOneStartsARun) {
  constexpr int kRacers = 64;
  std::vector<std::future<Result<StartAnswer>>> racers;
  boost::asio::thread_pool pool(4);
  for (int i = 0; i < kRacers; ++i)
    racers.push_back(boost::asio::co_spawn(
        boost::asio::make_strand(pool),
        engine->start({.type = "take_two", .workflow = WorkflowId("contested"), .input = {}}),
        boost::asio::use_future));
  int won = 0;
  for (auto& racer : racers) {
    const Result<StartAnswer> answer = racer.get();
    if (answer)
      ++won;
    else
      EXPECT_EQ(answer.error().code, Errc::already_exists);
  }
  EXPECT_EQ(won, 1);
  pool.join();  // the engine's threads have let go of it
}

TEST_F(EngineTest, AFailingActivityIsTriedAgain) {
  const WorkflowId workflow = started("try_again", "xx");
  const Result<RunOutcome> end = outcome(workflow);
  ASSERT_TRUE(end.has_value());
  EXPECT_EQ(end->result.bytes, "xx");
  EXPECT_EQ(count(workflow, EventKind::activity_attempt_failed), 2U);
}

TEST_F(EngineTest, AnAttemptOverItsTimeIsStoppedAndTriedAgainAndThenFails) {
  const WorkflowId workflow = started("hang_impatiently", "");
  const Result<RunOutcome> end = outcome(workflow);
  ASSERT_TRUE(end.has_value());
  EXPECT_EQ(end->status, RunStatus::failed);
  EXPECT_EQ(end->error_type, "timeout");
  EXPECT_EQ(bodies_started, 2);
}

TEST_F(EngineTest, CancellingEndsTheRunAndItsActivity) {
  const WorkflowId workflow = started("hang", "");
  bodies_started.wait(0);
  ASSERT_TRUE(wait(engine->cancel({.workflow = workflow, .reason = "enough"})).has_value());
  const Result<RunOutcome> end = outcome(workflow);
  ASSERT_TRUE(end.has_value());
  EXPECT_EQ(end->status, RunStatus::cancelled);
  EXPECT_EQ(end->message, "enough");
  EXPECT_EQ(count(workflow, EventKind::activity_cancelled), 1U);
}

TEST_F(EngineTest, ATimerOutlivesTheProcess) {
  const WorkflowId workflow = started("nap", "");
  restart();
  const Result<RunOutcome> end = outcome(workflow);
  ASSERT_TRUE(end.has_value());
  EXPECT_EQ(end->result.bytes, "rested");
  EXPECT_EQ(count(workflow, EventKind::timer_fired), 1U);
}

TEST_F(EngineTest, AnAttemptThatDiedWithItsProcessIsLostAndTriedAgain) {
  const WorkflowId workflow = started("hang", "");
  bodies_started.wait(0);
  restart();
  bodies_started.wait(1);
  EXPECT_EQ(count(workflow, EventKind::activity_attempt_lost), 1U);
  restart();
  bodies_started.wait(2);
  restart();
  const Result<RunOutcome> end = outcome(workflow);
  ASSERT_TRUE(end.has_value());
  EXPECT_EQ(end->error_type, "lost");
}

TEST_F(EngineTest, AHistoryIsFollowedToItsEnd) {
  const WorkflowId workflow = started("take_two", "");
  ASSERT_TRUE(signal(workflow, "a").has_value());
  ASSERT_TRUE(signal(workflow, "b").has_value());
  std::vector<Event> seen;
  for (Sequence after;;) {
    const auto page =
        wait(engine->history({.workflow = workflow}, after, 1, std::chrono::seconds(10)));
    ASSERT_TRUE(page.has_value());
    seen.insert(seen.end(), page->events.begin(), page->events.end());
    if (page->closed) break;
    after = page->next;
  }
  EXPECT_EQ(seen, history(workflow));
  EXPECT_TRUE(is_terminal(seen.back().body));
}

TEST_F(EngineTest, AHistoryAskedForBehindTheLastPossibleEventIsEmpty) {
  const WorkflowId workflow = started("echo", "a");
  ASSERT_TRUE(outcome(workflow).has_value());
  const auto page =
      wait(engine->history({.workflow = workflow}, Sequence(UINT64_MAX), 10, Duration(0)));
  ASSERT_TRUE(page.has_value());
  EXPECT_TRUE(page->events.empty());
  EXPECT_TRUE(page->closed);
}

TEST_F(EngineTest, AfterAFailedWriteNobodyIsAnsweredSuccessAndNothingIsWrittenAgain) {
  engine.reset();
  std::atomic<bool> told = false;
  open({.threads = 2, .shards = 4, .on_failure = [&](const Error&) {
          told = true;
          told.notify_all();
        }});
  log.fail_next_append(MemoryLog::AppendFault::applied);
  const Result<StartAnswer> answer = start("echo", "x", "doubtful");
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, Errc::unknown_outcome);
  told.wait(false);
  EXPECT_FALSE(engine->ready());
  EXPECT_EQ(start("echo", "x").error().code, Errc::unavailable);
  restart();
  EXPECT_EQ(outcome(WorkflowId("doubtful"))->result.bytes, "x") << "the write stood after all";
}

TEST_F(EngineTest, EverythingStoredVerifiesAndReplays) {
  std::vector<WorkflowId> workflows = {started("echo", "a"), started("echo_many", "abc"),
                                       started("nap", ""), started("try_again", "x")};
  for (const WorkflowId& workflow : workflows) ASSERT_TRUE(outcome(workflow).has_value());
  std::vector<RunId> runs;
  for (const WorkflowId& workflow : workflows)
    runs.push_back(wait(engine->view({.workflow = workflow}))->run);
  engine.reset();
  const StoreReport report = verify_store(log, catalog(), {});
  for (const Error& fault : report.faults) ADD_FAILURE() << to_string(fault);
  EXPECT_EQ(report.runs, workflows.size());
  for (const RunId& run : runs) {
    const Result<ReplayReport> replay = replay_run(log, catalog(), run);
    ASSERT_TRUE(replay.has_value()) << to_string(replay.error());
    EXPECT_FALSE(replay->difference.has_value()) << replay->difference->found;
  }
}

TEST_F(EngineTest, AStoreCutBehindItsFloorRefusesToOpen) {
  ASSERT_TRUE(outcome(started("echo", "x")).has_value());
  engine.reset();  // raises the floor to the last group
  const auto rows = log.scan(Table::group, {.limit = 1, .backwards = true});
  Batch cut;
  cut.erase(Table::group, rows->front().key);
  ASSERT_TRUE(log.append({&cut, 1}).has_value());
  EXPECT_EQ(reopen_error().code, Errc::corrupt);
}

}  // namespace
}  // namespace reprise
