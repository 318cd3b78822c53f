#include "engine/core/queue_gate.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <vector>

namespace reprise {
namespace {

using std::chrono::seconds;

constexpr SteadyTime kNow = SteadyTime::from_micros(1'000'000'000);

TEST(QueueGate, IsOpenWithoutRules) {
  QueueGate gate;
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(gate.is_open(kNow, 1000));
    gate.enter(kNow);
  }
}

TEST(QueueGate, LetsInSoManyAtOnce) {
  QueueGate gate;
  gate.set({.concurrency_max = 2});
  gate.enter(kNow);
  EXPECT_TRUE(gate.is_open(kNow, 0));
  EXPECT_FALSE(gate.is_open(kNow, 1)) << "one place is held";
  gate.enter(kNow);
  EXPECT_FALSE(gate.is_open(kNow + seconds(1000), 0));
  gate.leave();
  EXPECT_TRUE(gate.is_open(kNow, 0));
  gate.set({.concurrency_max = 1});
  EXPECT_FALSE(gate.is_open(kNow, 0)) << "a lower limit counts who is inside";
  gate.set({});
  EXPECT_TRUE(gate.is_open(kNow, 0));
}

TEST(QueueGate, LetsInSoManyInAnySpan) {
  QueueGate gate;
  gate.set({.rate = QueueRate{2, seconds(10)}});
  gate.enter(kNow);
  gate.enter(kNow + seconds(9));
  EXPECT_EQ(gate.opens_at(), kNow + seconds(10));
  EXPECT_FALSE(gate.is_open(kNow + seconds(9), 0));
  EXPECT_TRUE(gate.is_open(kNow + seconds(10), 0));
  gate.enter(kNow + seconds(10));
  EXPECT_EQ(gate.opens_at(), kNow + seconds(19)) << "two since second 9: a bucket would let one in";
}

TEST(QueueGate, WhoDidNotBeginSpendsNothing) {
  QueueGate gate;
  gate.set({.concurrency_max = 1, .rate = QueueRate{1, seconds(10)}});
  gate.enter(kNow);
  gate.leave();
  EXPECT_FALSE(gate.is_open(kNow, 0));
  gate.unspend(kNow);
  EXPECT_TRUE(gate.is_open(kNow, 0));
}

TEST(QueueGate, SpentItOpensAfterOnePeriod) {
  QueueGate gate;
  gate.set({.rate = QueueRate{3, seconds(10)}});
  gate.spend_all(kNow);
  EXPECT_EQ(gate.opens_at(), kNow + seconds(10));
}

RC_GTEST_PROP(QueueGate, NoSpanHasMoreThanTheRateAndNoMomentMoreThanTheLimit, ()) {
  const auto count = *rc::gen::inRange(1U, 6U);
  const auto limit = *rc::gen::inRange(1U, 6U);
  const seconds per(*rc::gen::inRange(1, 20));
  QueueGate gate;
  gate.set({.concurrency_max = limit, .rate = QueueRate{count, per}});
  SteadyTime now = kNow;
  std::vector<SteadyTime> entered;
  for (int step = *rc::gen::inRange(0, 200); step > 0; --step) {
    now = now + std::chrono::milliseconds(*rc::gen::inRange(0, 3000));
    if (gate.inside() > 0 && *rc::gen::arbitrary<bool>()) gate.leave();
    if (!gate.is_open(now, 0)) continue;
    gate.enter(now);
    entered.push_back(now);
    RC_ASSERT(gate.inside() <= limit);
    RC_ASSERT(std::ranges::count_if(entered, [&](SteadyTime at) { return at + per > now; }) <=
              count);
  }
}

}  // namespace
}  // namespace reprise
