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
    return wake(runs, late) - clock_.steady();
  }
  SteadyTime wake(std::size_t runs, Duration late = Duration(0)) {
    const SteadyTime next = pace_.woke(runs, late);
    pace_.delivered();
    return next;
  }

  // Runs wake as fast as they may. Of the commits up to 10 ms behind them a share is slow that grows
  // with the rate: one in 100 at `balance` runs a second.
  void burst(Duration time, double balance, Duration between_commits = microseconds(300)) {
    SteadyTime next = clock_.steady();
    SteadyTime woke = next;
    SteadyTime commit = clock_.steady();
    for (const SteadyTime end = clock_.steady() + time; clock_.steady() < end;) {
      clock_.advance(microseconds(100));
      if (next <= clock_.steady()) {
        next = wake(pace_.at_once());
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
  EXPECT_EQ(pace_.rate(), 500);
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

TEST_F(WakePaceTest, WhoComesLateDoesNotWakeAnythingInAMomentOfCalm) {
  commits_in_peace(1000);
  wake(100);
  for (int i = 0; i < 2000; ++i) {
    commits_in_peace(1);
    if (i % 100 == 0) wake(20);
    const Duration into(clock_.steady().micros() % 500'000);
    const bool is_calm = into < Duration(milliseconds(50));
    EXPECT_EQ(pace_.not_before() > clock_.steady(), is_calm);
  }
  commits_in_peace(1000);
  EXPECT_EQ(pace_.not_before(), clock_.steady()) << "a lone timer";
}

// A run of the mass that is still being read when its time is long over.
TEST_F(WakePaceTest, NothingIsCalmWhileAReadIsUnderWay) {
  pace_.woke(100, Duration(0));
  for (int i = 0; i < 1000; ++i) {
    clock_.advance(microseconds(300));
    pace_.committed(milliseconds(5));
  }
  pace_.delivered();
  commits_in_peace(1000);
  burst(seconds(10), 100);
  EXPECT_LT(pace_.rate(), 600);
}

// Commits of 30 ms are usual. Of those that end behind a moment of calm, one that began in it long
// before tells so, too; one that began at its end tells nothing.
TEST_F(WakePaceTest, LongCommitsAreLearnedInShortMomentsOfCalm) {
  for (int i = 0; i < 1000; ++i) {
    wake(20);
    clock_.advance(milliseconds(40));
    wake(20);
    pace_.committed(milliseconds(i % 2 == 0 ? 29 : 5));
  }
  EXPECT_EQ(pace_.at_once(), 1U) << "it knows what is usual";
  EXPECT_EQ(pace_.rate(), 2000) << "and blamed nobody";
}

TEST_F(WakePaceTest, ARateThatNothingTriedIsNotReached) {
  commits_in_peace(1000);
  for (int i = 0; i < 100'000; ++i) {  // 300 a second
    if (i % 10 == 0) wake(1);
    commits_in_peace(1);
  }
  EXPECT_LE(pace_.rate(), 2001);
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
  EXPECT_EQ(pause(1000, Duration(0)), Duration(0)) << "others are not";
  commits_in_peace(1000);
  EXPECT_EQ(pause(1000, seconds(61)), Duration(0));
  commits_in_peace(1000);
  EXPECT_GT(pause(1000, seconds(59)), Duration(0));
  EXPECT_GT(pause(1000, seconds(119)), Duration(0));
}

TEST_F(WakePaceTest, NothingIsLateOnceNothingWakes) {
  wake(1, minutes(1));
  EXPECT_EQ(pace_.late(), Duration(minutes(1)));
  clock_.advance(seconds(2));
  EXPECT_EQ(pace_.late(), Duration(0));
}

TEST_F(WakePaceTest, AWallClockThatWentBackMakesNothingEarly) {
  wake(1, -seconds(5));
  EXPECT_EQ(pace_.late(), Duration(0));
}

TEST_F(WakePaceTest, WithALimitOfZeroTimersNeverWait) {
  WakePace pace(Duration(0), clock_);
  for (int i = 0; i < 1000; ++i) pace.committed(microseconds(300));
  EXPECT_EQ(pace.woke(1000, Duration(0)), clock_.steady());
}

}  // namespace
}  // namespace reprise
