// Queues of a running engine: activities of this process that wait for their place or their time.
#include <gtest/gtest.h>

#include "engine/runtime/testing/engine_fixture.hpp"

namespace reprise {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class EngineQueues : public ::testing::Test, public testing::EngineFixture {
 protected:
  void limit(const QueueRules& rules) { engine->set_queue_rules("near", rules, ++version_); }
  [[nodiscard]] QueueFigures figures() const { return engine->queue_figures("near"); }
  void cancel(const WorkflowId& workflow) {
    EXPECT_TRUE(wait(engine->cancel({.workflow = workflow, .reason = "enough"})).has_value());
  }

 private:
  std::uint64_t version_ = 0;
};

TEST_F(EngineQueues, AnActivityOfThisProcessBeginsWhenAnotherHasEnded) {
  limit({.concurrency_max = 1});
  const WorkflowId first = start("hang_near", "x")->workflow;
  bodies_started.wait(0);
  const WorkflowId second = start("hang_near", "x")->workflow;
  while (figures().waiting == 0) std::this_thread::yield();
  EXPECT_EQ(figures().leased, 1U);
  cancel(first);
  bodies_started.wait(1);
  EXPECT_EQ(bodies_started, 2);
  EXPECT_EQ(outcome(first)->status, RunStatus::cancelled);
  cancel(second);
  EXPECT_EQ(outcome(second)->status, RunStatus::cancelled);
  while (figures().leased + figures().held > 0) std::this_thread::yield();
  EXPECT_EQ(count(second, EventKind::activity_attempt_failed), 0U);
}

TEST_F(EngineQueues, WhatIsCancelledWhileItWaitsNeverBegins) {
  limit({.concurrency_max = 1});
  const WorkflowId first = start("hang_near", "x")->workflow;
  bodies_started.wait(0);
  const WorkflowId second = start("hang_near", "x")->workflow;
  while (figures().waiting == 0) std::this_thread::yield();
  cancel(second);
  EXPECT_EQ(outcome(second)->status, RunStatus::cancelled);
  EXPECT_EQ(figures().waiting, 0U);
  cancel(first);
  EXPECT_EQ(outcome(first)->status, RunStatus::cancelled);
  EXPECT_EQ(bodies_started, 1);
}

TEST_F(EngineQueues, TimeAloneLetsTheNextOneBegin) {
  limit({.rate = QueueRate{1, milliseconds(50)}});
  std::vector<WorkflowId> workflows;
  for (int i = 0; i < 4; ++i) workflows.push_back(start("echo_near", "x")->workflow);
  for (const WorkflowId& workflow : workflows) EXPECT_EQ(outcome(workflow)->result.bytes, "x");
}

TEST_F(EngineQueues, AnOlderChangeOfTheRulesDoesNotCount) {
  engine->set_queue_rules("near", {.concurrency_max = 2}, 20);
  engine->set_queue_rules("near", {.concurrency_max = 1}, 10);
  EXPECT_EQ(figures().rules.concurrency_max, 2U);
  engine->set_queue_rules("near", {.concurrency_max = 3}, 0);
  EXPECT_EQ(figures().rules.concurrency_max, 3U) << "for now";
  engine->set_queue_rules("near", {}, 30);
  EXPECT_FALSE(figures().rules.are_given());
}

TEST_F(EngineQueues, NothingBeginsBeforeTheRulesAreKnownAndAllOpenWorkIsRead) {
  const WorkflowId before = start("echo_far", "x")->workflow;
  while (engine->queue_figures("far").waiting == 0) std::this_thread::yield();
  engine.reset();
  open({.threads = 6, .shards = 4, .queues_resume = true});
  const WorkflowId other = start("echo_near", "x")->workflow;
  auto polled = begin(engine->poll({.queue = "far"}, seconds(60)));
  while (figures().waiting == 0 || engine->queue_figures("far").waiting == 0)
    std::this_thread::yield();
  EXPECT_EQ(figures().leased, 0U);
  engine->resume_queues({{"far", {.rules = {.concurrency_max = 2}, .out_max = 2}}});
  EXPECT_EQ(outcome(other)->result.bytes, "x");
  const auto got = polled.get().value();
  ASSERT_TRUE(got.has_value());
  EXPECT_EQ(got->token.workflow, before);
  EXPECT_EQ(wait(engine->end_attempt(got->token, Payload{"done"})).value(),
            AttemptAnswer::recorded);
  EXPECT_EQ(outcome(before)->result.bytes, "done");
}

}  // namespace
}  // namespace reprise
