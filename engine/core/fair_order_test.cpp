#include "engine/core/fair_order.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <vector>

namespace reprise {
namespace {

using std::chrono::minutes;
using Tickets = std::vector<Ticket>;

constexpr SteadyTime kNow = SteadyTime::from_micros(1'000'000'000);

Precedence of(Priority priority, std::string key = {}, std::uint32_t weight = 1) {
  return {priority, std::move(key), weight};
}
Precedence key(std::string name, std::uint32_t weight = 1) {
  return of(Priority::normal, std::move(name), weight);
}
Ticket take(FairOrder& order, const std::string& lane = "a") {
  const auto first = order.first(lane);
  if (!first) return 0;
  order.take(first->ticket);
  return first->ticket;
}
Tickets take_all(FairOrder& order) {
  Tickets taken;
  while (order.size() > 0) taken.push_back(take(order));
  return taken;
}

TEST(FairOrder, HighComesBeforeNormalBeforeLowAndTheFirstComesFirst) {
  FairOrder order;
  order.add(1, "a", of(Priority::low), kNow);
  order.add(2, "a", of(Priority::normal), kNow);
  order.add(3, "a", of(Priority::high), kNow);
  order.add(4, "a", of(Priority::normal), kNow);
  order.add(5, "a", of(Priority::high), kNow);
  EXPECT_EQ(take_all(order), (Tickets{3, 5, 2, 4, 1}));
}

TEST(FairOrder, AUserWithManyDoesNotHoldUpOneWithFew) {
  FairOrder order;
  for (Ticket ticket = 1; ticket <= 6; ++ticket) order.add(ticket, "a", key("many"), kNow);
  order.add(7, "a", key("few"), kNow);
  order.add(8, "a", key("few"), kNow);
  EXPECT_EQ(take_all(order), (Tickets{1, 7, 2, 8, 3, 4, 5, 6}));
}

TEST(FairOrder, AWeightIsSoManyTurns) {
  FairOrder order;
  for (Ticket ticket = 1; ticket <= 6; ++ticket) order.add(ticket, "a", key("paying", 3), kNow);
  for (Ticket ticket = 11; ticket <= 13; ++ticket) order.add(ticket, "a", key("free"), kNow);
  EXPECT_EQ(take_all(order), (Tickets{1, 11, 2, 3, 4, 12, 5, 6, 13}));
}

TEST(FairOrder, AKeyThatHadNothingWaitingHasSavedUpNothing) {
  FairOrder order;
  for (Ticket ticket = 1; ticket <= 20; ++ticket) order.add(ticket, "a", key("busy"), kNow);
  for (int i = 0; i < 10; ++i) take(order);
  for (Ticket ticket = 21; ticket <= 24; ++ticket) order.add(ticket, "a", key("new"), kNow);
  Tickets next;
  for (int i = 0; i < 6; ++i) next.push_back(take(order));
  EXPECT_EQ(next, (Tickets{21, 11, 22, 12, 23, 13}));
}

TEST(FairOrder, WhatIsCancelledCostsItsKeyNoTurn) {
  FairOrder order;
  for (Ticket ticket = 1; ticket <= 100; ++ticket) order.add(ticket, "a", key("fickle"), kNow);
  order.add(101, "a", key("steady"), kNow);
  order.add(102, "a", key("steady"), kNow);
  for (Ticket ticket = 1; ticket < 100; ++ticket) order.remove(ticket);
  EXPECT_EQ(take_all(order), (Tickets{100, 101, 102}));
}

TEST(FairOrder, WhatIsGivenBackHasItsTurnAgain) {
  FairOrder order;
  order.add(1, "a", key("x"), kNow);
  order.add(2, "a", key("x"), kNow);
  order.add(3, "a", key("y"), kNow);
  ASSERT_EQ(take(order), 1U);
  order.give_back(1, "a", key("x"), kNow);
  EXPECT_EQ(take_all(order), (Tickets{1, 3, 2}));
}

TEST(FairOrder, LowThatHasWaitedHalfAnHourIsNormal) {
  FairOrder order;
  order.add(1, "a", of(Priority::low), kNow);
  order.add(2, "a", of(Priority::low), kNow + minutes(1));
  order.add(3, "a", of(Priority::normal), kNow + minutes(20));
  order.promote(kNow + minutes(30));
  EXPECT_EQ(take_all(order), (Tickets{1, 3, 2}));
}

TEST(FairOrder, NormalStaysNormal) {
  FairOrder order;
  order.add(1, "a", of(Priority::normal), kNow);
  order.add(2, "a", of(Priority::high), kNow);
  order.promote(kNow + minutes(1000));
  EXPECT_EQ(take_all(order), (Tickets{2, 1}));
}

TEST(FairOrder, WhoDoesOnlySomeGetsTheFirstOfThose) {
  FairOrder order;
  order.add(1, "scan", key("x"), kNow);
  order.add(2, "mail", of(Priority::low), kNow);
  order.add(3, "mail", key("y"), kNow);
  EXPECT_EQ(take(order, "mail"), 3U);
  EXPECT_EQ(take(order, "mail"), 2U);
  EXPECT_EQ(take(order, "mail"), 0U);
  EXPECT_EQ(order.lanes().size(), 1U);
  EXPECT_EQ(take(order, "scan"), 1U);
  EXPECT_TRUE(order.lanes().empty());
}

TEST(FairOrder, AKeyWhoseLaneNobodyAsksForHoldsUpNobodyLater) {
  FairOrder order;
  for (Ticket ticket = 1; ticket <= 30; ++ticket) order.add(ticket, "a", key("x"), kNow);
  for (Ticket ticket = 31; ticket <= 60; ++ticket) order.add(ticket, "b", key("y"), kNow);
  for (int i = 0; i < 20; ++i) take(order, "a");
  for (Ticket ticket = 61; ticket <= 64; ++ticket) order.add(ticket, "b", key("x"), kNow);
  Tickets next;
  for (int i = 0; i < 6; ++i) next.push_back(take(order, "b"));
  EXPECT_EQ(next, (Tickets{31, 32, 61, 33, 62, 34}));
}

TEST(FairOrder, RemembersNoKeyWhenNothingWaitsAndFewThatAreIdle) {
  FairOrder order;
  order.add(1, "a", key("always"), kNow);
  order.add(2, "a", key("always"), kNow);
  for (Ticket ticket = 3; ticket < 30'000; ++ticket) {
    order.add(ticket, "a", key("once " + std::to_string(ticket)), kNow);
    order.take(ticket);
  }
  EXPECT_LE(order.keys_remembered(), FairOrder::kIdleKeysMax + 1);
  order.remove(1);
  order.remove(2);
  EXPECT_EQ(order.keys_remembered(), 0U);
}

// --- properties ---

RC_GTEST_PROP(FairOrder, EachHasOneTurnAndPrioritiesHold, ()) {
  FairOrder order;
  struct Waits {
    Precedence precedence;
    std::string lane;
  };
  std::map<Ticket, Waits> waiting;
  Ticket last = 0;
  for (int step = *rc::gen::inRange(0, 120); step > 0; --step) {
    const int what = *rc::gen::inRange(0, 4);
    if (what <= 1) {
      const Waits waits{
          of(*rc::gen::element(Priority::high, Priority::normal, Priority::low),
             *rc::gen::element<std::string>("x", "y", "z"), *rc::gen::inRange(1U, 1000U)),
          *rc::gen::element<std::string>("a", "b")};
      order.add(++last, waits.lane, waits.precedence, kNow);
      waiting.emplace(last, waits);
    } else if (what == 2 && !waiting.empty()) {
      const auto at = std::next(
          waiting.begin(),
          *rc::gen::inRange<std::ptrdiff_t>(0, static_cast<std::ptrdiff_t>(waiting.size())));
      order.remove(at->first);
      waiting.erase(at);
    } else if (const std::string lane = *rc::gen::element<std::string>("a", "b");
               const auto first = order.first(lane)) {
      const auto taken = waiting.find(first->ticket);
      RC_ASSERT(taken != waiting.end());
      RC_ASSERT(taken->second.lane == lane);
      for (const auto& [ticket, other] : waiting) {
        if (other.lane != lane) continue;
        RC_ASSERT(*taken->second.precedence.priority <= *other.precedence.priority);
        if (other.precedence.priority == taken->second.precedence.priority &&
            other.precedence.fairness_key == taken->second.precedence.fairness_key)
          RC_ASSERT(taken->first <= ticket);
      }
      order.take(first->ticket);
      waiting.erase(taken);
    }
    RC_ASSERT(order.size() == waiting.size());
  }
}

// Whatever others came and went before: in a window in which two keys wait all the while, each has had
// its weight's share of turns to within one.
RC_GTEST_PROP(FairOrder, TheShareOfAKeyIsItsWeightsToWithinOneTurn, ()) {
  FairOrder order;
  const auto weights = *rc::gen::container<std::vector<std::uint32_t>>(
      *rc::gen::inRange<std::size_t>(2, 6), rc::gen::inRange(1U, 1001U));
  const auto name = [](std::size_t i) { return "key " + std::to_string(i); };
  Ticket last = 0;
  std::map<Ticket, std::size_t> key_of;
  const auto add = [&](std::size_t i) {
    order.add(++last, "a", key(name(i), weights[i]), kNow);
    key_of.emplace(last, i);
  };
  // Before the window: some are there, and have turns.
  for (int step = *rc::gen::inRange(0, 50); step > 0; --step) {
    if (*rc::gen::arbitrary<bool>())
      add(*rc::gen::inRange<std::size_t>(0, weights.size()));
    else
      take(order);
  }
  for (std::size_t i = 0; i < weights.size(); ++i) {
    add(i);
    add(i);
  }
  std::vector<double> turns(weights.size(), 0);
  for (int step = *rc::gen::inRange(1, 400); step > 0; --step) {
    const std::size_t i = key_of.at(take(order));
    add(i);  // it waits all the while
    ++turns[i];
    for (std::size_t a = 0; a < weights.size(); ++a)
      for (std::size_t b = 0; b < a; ++b) {
        const double apart = std::abs(turns[a] / weights[a] - turns[b] / weights[b]);
        RC_ASSERT(apart <= 1.0 / weights[a] + 1.0 / weights[b] + 1e-6);
      }
  }
}

// However much normal and low comes behind it: what stands in front of a low one is what was there, a
// fair share of what came, and nothing of it for ever.
RC_GTEST_PROP(FairOrder, LowIsNotStarvedByNormal, ()) {
  FairOrder order;
  Ticket last = 0;
  const auto others = *rc::gen::inRange(1U, 20U);
  for (unsigned i = 0; i < others; ++i)
    order.add(++last, "a", key("key " + std::to_string(i)), kNow);
  const Ticket low = ++last;
  order.add(low, "a", of(Priority::low, "low"), kNow);
  SteadyTime now = kNow;
  int turns_when_normal = 0;
  for (;;) {
    now = now + std::chrono::seconds(*rc::gen::inRange(1, 120));
    order.promote(now);
    if (now >= kNow + FairOrder::kPromotedAfter) ++turns_when_normal;
    const Ticket taken = take(order);
    if (taken == low) break;
    order.add(++last, "a", key("key " + std::to_string(taken % others)), now);
    RC_ASSERT(turns_when_normal <= static_cast<int>(2 * others));
  }
  RC_ASSERT(now >= kNow + FairOrder::kPromotedAfter);
}

}  // namespace
}  // namespace reprise
