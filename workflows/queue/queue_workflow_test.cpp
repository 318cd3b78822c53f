#include "workflows/queue/queue_workflow.hpp"

#include <gtest/gtest.h>

#include "workflows/testing/shard_story.hpp"

namespace reprise {
namespace {

using std::chrono::hours;
using testing::ShardStory;

Catalog catalog() {
  Catalog catalog;
  register_queue(catalog);
  return catalog;
}

class QueueWorkflow : public ::testing::Test {
 protected:
  QueueWorkflow() { story.start("reprise.queue", "queue_q", "{}"); }
  QueueState state() {
    QueueState state;
    EXPECT_TRUE(decode(Payload{story.view("queue_q")}, state).has_value());
    return state;
  }
  std::string set(const std::string& plan) { return story.update("queue_q", "set", plan); }

  ShardStory story{catalog(), "2026-11-21T12:00:00Z"};
};

TEST_F(QueueWorkflow, KeepsTheLimitsThatWereSetLast) {
  EXPECT_EQ(state().version, 0U);
  set(R"({"concurrency_max":3,"rate":{"count":10,"per":"1s"}})");
  const QueueState first = state();
  EXPECT_EQ(first.plan, (QueuePlan{3, {10, "1s"}}));
  story.crash_for(hours(1));
  EXPECT_EQ(state().plan, first.plan);
  set("{}");
  EXPECT_EQ(state().plan, QueuePlan());
  EXPECT_GT(state().version, first.version);
}

TEST_F(QueueWorkflow, RefusesWhatIsNoLimit) {
  for (const char* plan :
       {R"({"concurrency_max":0})", R"({"rate":{"count":1}})", R"({"rate":{"per":"1s"}})",
        R"({"rate":{"count":1,"per":"often"}})", R"({"rate":{"count":1,"per":"2h"}})",
        R"({"rate":{"count":1,"per":"1us"}})", R"({"most":1})", "[]"})
    EXPECT_TRUE(set(plan).starts_with("invalid_argument")) << plan << ": " << set(plan);
  EXPECT_EQ(state().version, 0U);
}

TEST_F(QueueWorkflow, LivesForAnyNumberOfChanges) {
  std::uint64_t last = 0;
  for (std::uint32_t i = 1; i <= 600; ++i) {
    set("{\"concurrency_max\":" + std::to_string(i) + "}");
    ASSERT_EQ(state().plan.concurrency_max, i);
    ASSERT_GT(state().version, last);
    last = state().version;
  }
  EXPECT_GT(story.runs("queue_q"), 1U);
  EXPECT_LT(story.events("queue_q").size(), 1'100U);
}

TEST_F(QueueWorkflow, KnowsHowManyAttemptsMayBeOut) {
  EXPECT_EQ(state().out_max(story.now()), std::nullopt);
  set(R"({"concurrency_max":3,"out":9})");
  EXPECT_EQ(state().out_max(story.now()), 9U) << "they were out before there was a limit";
  story.pass(hours(25));
  EXPECT_EQ(state().out_max(story.now()), 3U);
  set(R"({"rate":{"count":1,"per":"1s"}})");
  EXPECT_EQ(state().out_max(story.now()), std::nullopt);
}

}  // namespace
}  // namespace reprise
