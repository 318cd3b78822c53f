// Limits of a run, each with a name: what is over one is refused, or parks the run; it can be ended.
#include <gtest/gtest.h>

#include "engine/author/workflow.hpp"
#include "engine/core/testing/play.hpp"
#include "engine/core/testing/shard_driver.hpp"

namespace reprise {
namespace {

using testing::catalog_of;
using testing::Play;
using testing::ShardDriver;
using testing::Texts;
using testing::Word;
using testing::Work;

Workflow<Word> deaf(Context ctx, Word) {
  co_await ctx.signal("other");
  co_return Word{};
}

Workflow<Word> listening(Context ctx, Word) {
  while (true) co_await ctx.signal("go");
}

struct Flood {
  std::size_t accepted = 0;
  std::string refusal;
};

Flood flood(ShardDriver& shard, std::size_t signals, const std::string& payload = "x") {
  Flood flood;
  for (std::size_t sent = 0; sent < signals;) {
    std::vector<Input> inputs;
    std::vector<RequestId> ids;
    for (int i = 0; i < 500 && sent < signals; ++i, ++sent) {
      SignalInput signal = shard.signal_input("w", "go");
      signal.request.payload = Payload{payload};
      ids.push_back(signal.id);
      inputs.emplace_back(std::move(signal));
    }
    shard.step(std::move(inputs));
    shard.settle();
    for (const RequestId id : ids) {
      const auto reply = shard.reply(id);
      if (reply && *reply)
        ++flood.accepted;
      else if (reply)
        flood.refusal = to_string(reply->error());
    }
    shard.forget_actions();
  }
  return flood;
}

TEST(Limits, AHundredThousandSignalsToARunThatTakesNoneEndInANamedLimit) {
  ShardDriver shard(catalog_of(&deaf));
  ASSERT_TRUE(shard.start("t", "w").has_value());
  const Flood result = flood(shard, 100'000);
  EXPECT_EQ(result.accepted, ShardLimits().pending_inputs_max);
  EXPECT_NE(result.refusal.find("limit_exceeded"), std::string::npos) << result.refusal;
  EXPECT_NE(result.refusal.find("10000 messages wait"), std::string::npos) << result.refusal;
  EXPECT_TRUE(shard.control("w", Control::terminate).has_value());
}

TEST(Limits, ADescriptionWarnsFromFourFifthsOfALimitOn) {
  ShardDriver shard(catalog_of(&deaf), {.pending_inputs_max = 10});
  ASSERT_TRUE(shard.start("t", "w").has_value());
  ASSERT_EQ(flood(shard, 7).accepted, 7U);
  EXPECT_TRUE(shard.describe("w")->near_limits.empty());
  ASSERT_EQ(flood(shard, 1).accepted, 1U);
  const std::vector<LimitUse> near = shard.describe("w")->near_limits;
  ASSERT_EQ(near.size(), 1U);
  EXPECT_EQ(near[0].limit, "waiting_messages");
  EXPECT_EQ(near[0].used, 8U);
  EXPECT_EQ(near[0].max, 10U);
}

TEST(Limits, TheBytesOfWaitingMessagesAreBoundedToo) {
  ShardDriver shard(catalog_of(&deaf), {.message_bytes_max = 1000});
  ASSERT_TRUE(shard.start("t", "w").has_value());
  const Flood result = flood(shard, 100, std::string(99, 'x'));
  EXPECT_EQ(result.accepted, 10U);
  EXPECT_NE(result.refusal.find("over 1000 bytes of messages"), std::string::npos);
}

TEST(Limits, ThePausedRunKeepsTheSameLimit) {
  ShardDriver shard(catalog_of(&listening), {.pending_inputs_max = 50});
  ASSERT_TRUE(shard.start("t", "w").has_value());
  ASSERT_TRUE(shard.control("w", Control::pause).has_value());
  EXPECT_EQ(flood(shard, 100).accepted, 50U);
  ASSERT_TRUE(shard.control("w", Control::unpause).has_value());
  EXPECT_EQ(flood(shard, 10).accepted, 10U);
}

TEST(Limits, TheHistoryOfOneRunHasAnEnd) {
  ShardDriver shard(catalog_of(&listening), {.activation = {.history_events_max = 200}});
  ASSERT_TRUE(shard.start("t", "w").has_value());
  const Flood result = flood(shard, 500);
  EXPECT_LE(result.accepted, 500U);
  EXPECT_NE(result.refusal.find("its limit: it should continue as new"), std::string::npos)
      << result.refusal;
  EXPECT_TRUE(shard.control("w", Control::terminate).has_value());
}

Workflow<Word> endless(Context ctx, Word) {
  while (true) co_await ctx.run<Work>({"again"});
}

TEST(Limits, ARunWhoseCodeGoesOnBehindItsHistorysEndIsParkedAndTakenUpWithAHigherLimit) {
  ShardDriver shard(catalog_of(&endless), {.activation = {.history_events_max = 20}});
  ASSERT_TRUE(shard.start("t", "w").has_value());
  for (std::uint32_t i = 1; !shard.describe("w")->parked; ++i) {
    ASSERT_LT(i, 20U);
    shard.attempt_ends(i, Payload{"done"});
  }
  EXPECT_NE(shard.describe("w")->parked->found.find("limit_exceeded"), std::string::npos);
  EXPECT_EQ(shard.rows(Table::parked), 1U);
  shard.restart();
  EXPECT_TRUE(shard.describe("w")->parked.has_value());
  EXPECT_TRUE(shard.control("w", Control::terminate).has_value());
  EXPECT_EQ(shard.rows(Table::parked), 0U);
}

Workflow<Word> crowd(Context ctx, Word) {
  std::vector<ActivityCall<Work>> calls;
  for (int i = 0; i < 11; ++i) calls.push_back(ctx.run<Work>({"one"}));
  co_await all(std::move(calls));
  co_return Word{};
}

TEST(Limits, OpenCommandsOfAKindAreBounded) {
  Play play(define("t", &crowd), {.open_per_kind_max = 10});
  EXPECT_EQ(play.start(), (Texts{"parked"}));
  EXPECT_NE(play.parked().find("11 activities are open, and a run may have 10"), std::string::npos)
      << play.parked();
}

TEST(Limits, RunsInMemoryAreBoundedByTheBytesOfTheirHistories) {
  ShardDriver shard(catalog_of(&listening), {.cache_bytes_max = 1U << 20U});
  for (int i = 0; i < 100; ++i) {
    StartInput start = shard.start_input("t", "w" + std::to_string(i));
    start.request.input = Payload{std::string(100'000, 'x')};
    ASSERT_TRUE(shard.start(std::move(start)).has_value());
  }
  EXPECT_LE(shard.shard().cached_bytes(), 1U << 20U);
  EXPECT_GE(shard.shard().runs_cached(), 8U);
  EXPECT_LE(shard.shard().runs_cached(), 11U);
}

}  // namespace
}  // namespace reprise
