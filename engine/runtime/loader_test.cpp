// What the loader reads when.
#include "engine/runtime/loader.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>

#include "engine/runtime/testing/hand_clock.hpp"
#include "storage/memory_log.hpp"

namespace reprise {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;

class LoaderTest : public ::testing::Test {
 protected:
  ~LoaderTest() override { loader_.stop(); }

  // After these, the pace knows callers, and lets 2,000 runs wake in a second.
  void commit_for_callers() {
    for (int i = 0; i < 500; ++i) pace_.committed(microseconds(300));
  }
  void read_woken(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
      loader_.read(
          ShardIndex(0),
          LoadRecords{.run = {}, .from = Sequence(1), .wakes = true, .due = system_clock().utc()});
  }
  void wait_for(const std::size_t& what, std::size_t count) {
    std::unique_lock lock(mutex_);
    answered_.wait(lock, [&] { return what == count; });
  }
  void take(const Loader::Answers& answers) {
    const std::lock_guard lock(mutex_);
    for (const auto& [shard, answer] : answers)
      ++(std::holds_alternative<RecordsLoaded>(answer) ? woken_ : asked_);
    if (asked_ == 1 && woken_when_asked_ == 0) woken_when_asked_ = woken_;
    answered_.notify_all();
  }

  MemoryLog log_;
  WakePace pace_{minutes(5), system_clock()};
  std::mutex mutex_;  // guards the three below
  std::size_t woken_ = 0;
  std::size_t asked_ = 0;
  std::size_t woken_when_asked_ = 0;
  std::condition_variable answered_;
  Loader loader_{log_, pace_, system_clock(),
                 [this](const Loader::Answers& answers) { take(answers); }};
};

TEST_F(LoaderTest, WithoutCallersWhatWakesIsReadAtOnce) {
  read_woken(1000);
  wait_for(woken_, 1000);
}

TEST_F(LoaderTest, WithCallersWhatWakesIsReadAtItsPace) {
  const SteadyTime begin = system_clock().steady();
  commit_for_callers();
  read_woken(200);
  wait_for(woken_, 200);
  EXPECT_GE(system_clock().steady() - begin, Duration(milliseconds(50)))
      << "all but the first and the last few wait half a millisecond for each before them";
}

TEST(Loader, SaysHowLateWhatWakesIs) {
  const testing::HandClock clock;
  const MemoryLog log;
  WakePace pace(minutes(5), clock);
  std::promise<Duration> late;
  Loader loader(log, pace, clock, [&](const Loader::Answers&) { late.set_value(pace.late()); });
  loader.read(
      ShardIndex(0),
      LoadRecords{.run = {}, .from = Sequence(1), .wakes = true, .due = clock.utc() + -minutes(3)});
  EXPECT_EQ(late.get_future().get(), Duration(minutes(3)));
}

TEST_F(LoaderTest, WhatCallersAskForDoesNotWaitForWhatWakes) {
  commit_for_callers();
  read_woken(400);
  loader_.read(ShardIndex(0), LoadWorkflow{WorkflowId("asked for")});
  wait_for(asked_, 1);
  EXPECT_LT(woken_when_asked_, 400U);
  wait_for(woken_, 400);
}

}  // namespace
}  // namespace reprise
