// What the committer writes when, and with what.
#include "engine/runtime/committer.hpp"

#include <gtest/gtest.h>

#include <fmt/format.h>
#include <chrono>
#include <functional>
#include <future>
#include <map>
#include <optional>
#include <utility>

#include "storage/memory_log.hpp"
#include "storage/testing/temporary_directory.hpp"

namespace reprise {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

class CommitterTest : public ::testing::Test {
 protected:
  void open(Duration company_max, Duration lull) {
    committer_.emplace(
        Committer::Options{.inline_write_max = hours(1),
                           .company_max = company_max,
                           .lull = lull,
                           .workers = 1,
                           .worker_of = [](ShardIndex) { return std::size_t{0}; },
                           .deliver =
                               [this](std::size_t, const std::vector<CommitPipeline::Done>&) {
                                 if (const auto act = std::exchange(when_told_, {})) act();
                               },
                           .on_failure = [](const Error& error) { FAIL() << to_string(error); }},
        group_chain_start(), log_, floor_, nullptr, system_clock());
  }
  enum class Haste : std::uint8_t { callers_wait, nobody_waits };
  std::size_t submit(std::uint16_t shard, Haste haste) {
    CommitPipeline::Submission submission{.shard = ShardIndex(shard), .number = next_[shard]};
    next_[shard] = next_[shard].next();
    submission.batch.put(Table::busy, fmt::format("row {}", ++rows_), "value");
    std::vector<CommitPipeline::Submission> submissions;
    submissions.push_back(std::move(submission));
    return committer_
        ->submit(0, std::move(submissions), {.are_there = haste == Haste::callers_wait})
        .size();
  }

  testing::TemporaryDirectory dir_;
  MemoryLog log_;
  DurableFloor floor_ = DurableFloor::open(dir_.path() / "floor").value();
  std::map<std::uint16_t, BatchNumber> next_{{1, BatchNumber(1)}, {2, BatchNumber(1)}};
  int rows_ = 0;
  std::function<void()> when_told_;  // once
  std::optional<Committer> committer_;
};

TEST_F(CommitterTest, WhatNobodyWaitsForGoesAlongWithWhatACallerWaitsFor) {
  open(hours(1), hours(1));
  EXPECT_EQ(submit(1, Haste::callers_wait), 1U);
  EXPECT_EQ(submit(2, Haste::nobody_waits), 0U);
  EXPECT_EQ(committer_->groups(), 1U);
  EXPECT_EQ(submit(1, Haste::callers_wait), 2U) << "both shards";
  EXPECT_EQ(committer_->groups(), 2U);
}

TEST_F(CommitterTest, WhatNobodyWaitsForIsWrittenWhenNoCallerComes) {
  open(milliseconds(1), hours(1));
  submit(1, Haste::callers_wait);
  submit(2, Haste::nobody_waits);
  committer_->wait_idle();
  EXPECT_EQ(committer_->durable().number, GroupNumber(2));
}

TEST_F(CommitterTest, WithoutCallersNothingWaits) {
  open(hours(1), Duration(0));
  submit(1, Haste::callers_wait);
  EXPECT_EQ(submit(2, Haste::nobody_waits), 1U);
}

// A worker that writes itself steps nothing meanwhile: at a high rate its thread is wanted for that.
TEST_F(CommitterTest, WhatComesWhileItsThreadTellsOfAWriteIsLeftToThat) {
  open(milliseconds(1), hours(1));
  std::promise<std::size_t> durable_at_once;
  when_told_ = [&] { durable_at_once.set_value(submit(1, Haste::callers_wait)); };
  submit(1, Haste::callers_wait);
  submit(2, Haste::nobody_waits);
  EXPECT_EQ(durable_at_once.get_future().get(), 0U);
  committer_->wait_idle();
  EXPECT_EQ(committer_->durable().number, GroupNumber(3));
}

TEST_F(CommitterTest, AStopWritesWhatWaits) {
  open(hours(1), hours(1));
  submit(1, Haste::callers_wait);
  submit(2, Haste::nobody_waits);
  committer_->stop();
  EXPECT_EQ(committer_->durable().number, GroupNumber(2));
}

}  // namespace
}  // namespace reprise
