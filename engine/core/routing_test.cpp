#include "engine/core/routing.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "storage/schema.hpp"

namespace reprise {
namespace {

const UtcTime kNow = UtcTime::from_micros(1'700'000'000'000'000);

TEST(Routing, TheShardOfAnIdNeverChanges) {
  EXPECT_EQ(shard_of("task_1", 16), ShardIndex(10));
  EXPECT_EQ(shard_of("task_2", 16), ShardIndex(4));
  EXPECT_EQ(shard_of("order-2024-11-03", 1024), ShardIndex(815));
  EXPECT_EQ(shard_of("", 7), ShardIndex(1));
}

TEST(Routing, AGivenIdStaysAsItIs) {
  StartInput input;
  input.request.workflow = WorkflowId("mine");
  EXPECT_EQ(route(input, kNow, 16), shard_of("mine", 16));
  EXPECT_EQ(input.request.workflow, WorkflowId("mine"));
  EXPECT_FALSE(input.fresh_id);
}

RC_GTEST_PROP(Routing, AKeyedStartLandsOnTheShardOfItsKey,
              (const std::string& key, std::uint64_t high, std::uint64_t low)) {
  const auto shards = *rc::gen::inRange<std::uint16_t>(1, 64);
  StartInput input;
  input.entropy_high = high;
  input.entropy_low = low;
  input.request.id_prefix = "task_";
  input.request.key = IdempotencyKey{"tenant", key, {}};
  const ShardIndex shard = route(input, kNow, shards);
  RC_ASSERT(shard == shard_of(idempotency_key("tenant", key), shards));
  RC_ASSERT(shard == shard_of(input.request.workflow->text(), shards));
  RC_ASSERT(WorkflowId::parse(input.request.workflow->text()).has_value());
  RC_ASSERT(input.fresh_id);
}

RC_GTEST_PROP(Routing, FreshIdsDifferWithTheirEntropy, (std::uint64_t high, std::uint64_t low)) {
  StartInput one;
  one.entropy_high = high;
  one.entropy_low = low;
  StartInput other = one;
  other.entropy_low ^= 1;
  route(one, kNow, 16);
  route(other, kNow, 16);
  RC_ASSERT(one.request.workflow != other.request.workflow);
  RC_ASSERT(one.request.workflow->text().starts_with("wf_"));
}

}  // namespace
}  // namespace reprise
