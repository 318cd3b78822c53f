// How fast timers may wake runs while callers wait.
#include "engine/runtime/wake_pace.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <random>

#include "engine/runtime/testing/hand_clock.hpp"

namespace reprise {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

using testing::HandClock;

class WakePaceTest : public ::testing::Test {
 protected:
  // Callers, one after the other, and no timers: 98 in 100 commits take 300 µs, the others 500.
  void commits_in_peace(int count) {
    for (int i = 0; i < count; ++i) {
      clock_.advance(microseconds(300));
      pace_.committed(microseconds(i % 50 == 0 ? 500 : 300));
    }
  }
  // How long the pace has the waker wait behind so many runs.
  Duration pause(std::size_t runs, Duration late = Duration(0)) {
    return pace_.woke(runs, late) - clock_.steady();
  }

  // Runs wake as fast as they may. Of the commits up to 10 ms behind them a share is slow that grows
  // with the rate: one in 100 at `balance` runs a second.
  void burst(Duration time, double balance, Duration between_commits = microseconds(300)) {
    SteadyTime next = clock_.steady();
    SteadyTime woke = next;
    SteadyTime commit = clock_.steady();
    for (const SteadyTime end = clock_.steady() + time; clock_.steady() < end;) {
      clock_.advance(microseconds(300));
      if (next <= clock_.steady()) {
        next = pace_.woke(pace_.at_once(), Duration(0));
        woke = clock_.steady();
      }
      if (clock_.steady() < commit) continue;
      commit = clock_.steady() + between_commits;
      const bool is_calm = clock_.steady() - woke > Duration(milliseconds(10));
      const double by_wakes = is_calm ? 0 : 0.01 * pace_.rate() / balance;
      const double chance = std::min(ambient_ + by_wakes, 1.0);
      const bool slow = std::bernoulli_distribution(chance)(random_);
      pace_.committed(microseconds(slow ? 5000 : 400));
    }
  }

  HandClock clock_;
  WakePace pace_{minutes(2), clock_};
  std::mt19937 random_{7};
  double ambient_ = 0;  // share of slow commits at any rate
};

TEST_F(WakePaceTest, WithoutCallersRunsWakeAsFastAsTheMachineCan) {
  EXPECT_EQ(pause(1000), Duration(0)) << "it knows of no callers yet";
  commits_in_peace(1000);
  clock_.advance(seconds(2));
  EXPECT_EQ(pause(1000), Duration(0)) << "they are gone";
}

TEST_F(WakePaceTest, ItSettlesWhereOneCommitInAHundredIsSlow) {
  commits_in_peace(1000);
  for (const double balance : {4000.0, 20'000.0, 1000.0}) {
    burst(seconds(10), balance);
    EXPECT_GT(pace_.rate(), balance / 2);
    EXPECT_LT(pace_.rate(), balance * 2);
  }
}

TEST_F(WakePaceTest, ItIsNeverSlowerThanItsLeastAndFindsItsWayBack) {
  commits_in_peace(1000);
  burst(seconds(5), 1);
  EXPECT_LE(pause(500), Duration(seconds(1)));
  burst(seconds(10), 4000);
  EXPECT_GT(pace_.rate(), 2000);
}

TEST_F(WakePaceTest, WhatIsSlowWithoutTimersTooIsNotBecauseOfThem) {
  commits_in_peace(1000);
  ambient_ = 0.03;  // the disk is slow now and then, whatever wakes
  burst(seconds(30), 1e9);
  EXPECT_GT(pace_.rate(), 5000);
}

TEST_F(WakePaceTest, WithFewCallersItFindsItsWayBackToo) {
  commits_in_peace(1000);
  burst(seconds(5), 1);
  burst(minutes(2), 1e9, seconds(1));
  EXPECT_GT(pace_.rate(), 5000);
}

TEST_F(WakePaceTest, AFewTimersNeedNoPace) {
  commits_in_peace(1000);
  EXPECT_EQ(pause(10), Duration(0));
  EXPECT_GT(pause(1), Duration(0)) << "one more within a tenth of a second";
  commits_in_peace(1000);
  EXPECT_EQ(pause(10), Duration(0));
}

TEST_F(WakePaceTest, NothingWakesForAMomentTwiceASecond) {
  commits_in_peace(10'000);
  Duration longest(0);
  int long_ones = 0;
  for (const SteadyTime end = clock_.steady() + Duration(seconds(10)); clock_.steady() < end;) {
    commits_in_peace(1);
    const Duration wait = pause(1);
    longest = std::max(longest, wait);
    long_ones += wait > Duration(milliseconds(40)) ? 1 : 0;
    clock_.advance(wait);
  }
  EXPECT_LE(longest, Duration(milliseconds(51)));
  EXPECT_NEAR(long_ones, 20, 1);
}

// Who does not know yet what callers are used to learns it from these moments.
TEST_F(WakePaceTest, WhatCallersAreUsedToIsLearnedInAMassOfTimersToo) {
  burst(seconds(20), 1000);
  EXPECT_LT(pace_.rate(), 2000);
}

TEST_F(WakePaceTest, FewWakeTogetherWhereThereIsAPace) {
  EXPECT_EQ(pace_.at_once(), 8U) << "no callers";
  commits_in_peace(1000);
  pause(100);
  EXPECT_EQ(pace_.at_once(), 1U);
  burst(seconds(60), 1e9);
  EXPECT_EQ(pace_.at_once(), 8U) << "at 32,000 a second";
}

TEST_F(WakePaceTest, CallersDoNotGetUsedToWhatTimersDo) {
  commits_in_peace(1000);
  burst(minutes(5), 100);
  EXPECT_LT(pace_.rate(), 600) << "even the least rate makes too many slow";
}

TEST_F(WakePaceTest, AFewSlowCommitsAtFirstAreNotTheUsualOnes) {
  for (int i = 0; i < 5; ++i) pace_.committed(milliseconds(50));
  commits_in_peace(1000);
  burst(seconds(10), 4000);
  EXPECT_LT(pace_.rate(), 8000);
}

TEST_F(WakePaceTest, TimersThatAreTooLateDoNotWaitForCallersUntilTheyAreHalfAsLate) {
  commits_in_peace(1000);
  EXPECT_GT(pause(1000, seconds(119)), Duration(0));
  EXPECT_EQ(pause(1000, seconds(121)), Duration(0));
  EXPECT_EQ(pace_.late(), Duration(seconds(121)));
  EXPECT_EQ(pause(1000, seconds(61)), Duration(0));
  EXPECT_GT(pause(1000, seconds(59)), Duration(0));
  EXPECT_GT(pause(1000, seconds(119)), Duration(0));
}

TEST_F(WakePaceTest, NothingIsLateOnceNothingWakes) {
  pace_.woke(1, minutes(1));
  EXPECT_EQ(pace_.late(), Duration(minutes(1)));
  clock_.advance(seconds(2));
  EXPECT_EQ(pace_.late(), Duration(0));
}

TEST_F(WakePaceTest, AWallClockThatWentBackMakesNothingEarly) {
  pace_.woke(1, -seconds(5));
  EXPECT_EQ(pace_.late(), Duration(0));
}

TEST_F(WakePaceTest, WithALimitOfZeroTimersNeverWait) {
  WakePace pace(Duration(0), clock_);
  for (int i = 0; i < 1000; ++i) pace.committed(microseconds(300));
  EXPECT_EQ(pace.woke(1000, Duration(0)), clock_.steady());
}

}  // namespace
}  // namespace reprise
