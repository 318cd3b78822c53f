// How fast timers may wake runs while callers wait.
#include "engine/runtime/wake_pace.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <random>

namespace reprise {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

class HandClock final : public Clock {
 public:
  [[nodiscard]] UtcTime utc() const override { return {}; }
  [[nodiscard]] SteadyTime steady() const override { return now_; }
  void advance(Duration by) { now_ = now_ + by; }

 private:
  SteadyTime now_ = SteadyTime::from_micros(3'600'000'000);
};

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
  Duration pause(std::size_t runs) { return pace_.woke(runs) - clock_.steady(); }

  // Runs wake as fast as they may. Of the commits meanwhile a share is slow that grows with the rate:
  // one in 100 at `balance` runs a second.
  void burst(Duration time, double balance) {
    SteadyTime next = clock_.steady();
    for (const SteadyTime end = clock_.steady() + time; clock_.steady() < end;) {
      clock_.advance(microseconds(300));
      if (next <= clock_.steady()) next = pace_.woke(8);
      const bool slow = std::bernoulli_distribution(0.01 * pace_.rate() / balance)(random_);
      pace_.committed(microseconds(slow ? 5000 : 400));
    }
  }

  HandClock clock_;
  WakePace pace_{minutes(2), clock_};
  std::mt19937 random_{7};
};

TEST_F(WakePaceTest, WithoutCallersRunsWakeAsFastAsTheMachineCan) {
  EXPECT_EQ(pause(1000), Duration(0)) << "it knows of no callers yet";
  commits_in_peace(1000);
  clock_.advance(seconds(2));
  EXPECT_EQ(pause(1000), Duration(0)) << "they are gone";
}

TEST_F(WakePaceTest, ItSettlesWhereOneCommitInAHundredIsSlow) {
  commits_in_peace(5000);
  for (const double balance : {4000.0, 20'000.0, 1000.0}) {
    burst(seconds(10), balance);
    EXPECT_GT(pace_.rate(), balance / 2);
    EXPECT_LT(pace_.rate(), balance * 2);
  }
}

TEST_F(WakePaceTest, ItIsNeverSlowerThanItsLeast) {
  commits_in_peace(5000);
  burst(seconds(5), 1);
  EXPECT_LE(pause(500), Duration(seconds(1)));
}

TEST_F(WakePaceTest, ALoneTimerNeedsNoPace) {
  commits_in_peace(5000);
  EXPECT_LE(pause(1), Duration(milliseconds(2)));
}

TEST_F(WakePaceTest, WhatCallersAreUsedToIsNotLearnedFromABurst) {
  commits_in_peace(5000);
  burst(seconds(10), 1000);
  const double rate = pace_.rate();
  burst(seconds(60), 1000);
  EXPECT_LT(pace_.rate(), rate * 2) << "slow commits have not become the usual ones";
}

TEST_F(WakePaceTest, TimersThatAreTooLateDoNotWaitForCallers) {
  commits_in_peace(5000);
  pace_.behind(ShardIndex(1), minutes(1));
  EXPECT_GT(pause(1000), Duration(0));
  pace_.behind(ShardIndex(2), hours(1));
  pace_.behind(ShardIndex(1), Duration(0));
  EXPECT_EQ(pause(1000), Duration(0)) << "those of one shard";
  EXPECT_EQ(pace_.late(), Duration(hours(1)));
  pace_.behind(ShardIndex(2), Duration(0));
  EXPECT_GT(pause(1000), Duration(0));
}

TEST_F(WakePaceTest, WithALimitOfZeroTimersNeverWait) {
  WakePace pace(Duration(0), clock_);
  for (int i = 0; i < 5000; ++i) pace.committed(microseconds(300));
  EXPECT_EQ(pace.woke(1000), clock_.steady());
}

}  // namespace
}  // namespace reprise
