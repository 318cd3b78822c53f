// What the loader reads when.
#include "engine/runtime/loader.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <mutex>

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
      loader_.read(ShardIndex(0), LoadRecords{RunId(), Sequence(1), true});
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
  WakePace pace_{minutes(1), system_clock()};
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
  read_woken(100);
  wait_for(woken_, 100);
  EXPECT_GE(system_clock().steady() - begin, Duration(milliseconds(40)))
      << "all but the last few of a hundred have waited half a millisecond for each before them";
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
