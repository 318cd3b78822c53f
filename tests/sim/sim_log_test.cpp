#include "tests/sim/sim_log.hpp"

#include <gtest/gtest.h>

#include "engine/runtime/recovery.hpp"

namespace reprise::sim {
namespace {

using testing::Tail;

// Writes groups of one row each, as the pipeline makes them.
class Writer {
 public:
  explicit Writer(SimLog& log)
      : log_(log), pipeline_(check_groups(log.durable(), log.floor()).value()) {}

  Result<> begin(const DiskFault& fault = {}) {
    Batch batch;
    batch.put(Table::meta, "row " + std::to_string(++written_), std::string(3000, 'r'));
    pipeline_.submit({ShardIndex(0), BatchNumber(written_), std::move(batch), {}});
    return log_.begin(*pipeline_.begin(), fault);
  }
  void write() {
    ASSERT_TRUE(begin());
    ASSERT_TRUE(log_.end({}));
    pipeline_.succeeded();
  }
  void raise_floor() { log_.raise_floor(pipeline_.durable()); }

 private:
  std::uint64_t written_ = 0;
  SimLog& log_;
  CommitPipeline pipeline_;
};

bool is_served(SimLog& log) {
  return log.recover() && check_groups(log.durable(), log.floor()).has_value();
}

TEST(SimLog, KeepsWhatWasSyncedThroughEveryTail) {
  for (const Tail tail : testing::kTails) {
    SimLog log;
    Writer writer(log);
    for (int i = 0; i < 3; ++i) writer.write();
    ASSERT_TRUE(writer.begin());
    log.lose_power(tail, 7);
    ASSERT_TRUE(is_served(log)) << to_string(tail);
    // Of the fourth, not synced, any sectors may be there, and so all of them.
    const bool may_be_whole = tail == Tail::torn_512 || tail == Tail::torn_4096;
    const std::uint64_t last = log.last().value();
    if (may_be_whole)
      EXPECT_TRUE(last == 3 || last == 4) << to_string(tail) << " " << last;
    else
      EXPECT_EQ(last, tail == Tail::kept ? 4U : 3U) << to_string(tail);
  }
}

TEST(SimLog, MakesDurableWhatItFoundInThePageCache) {
  SimLog log;
  Writer writer(log);
  ASSERT_TRUE(writer.begin());
  ASSERT_TRUE(is_served(log));
  EXPECT_EQ(log.last(), GroupNumber(1));
  log.lose_power(Tail::lost, 0);
  ASSERT_TRUE(is_served(log));
  EXPECT_EQ(log.last(), GroupNumber(1));
}

TEST(SimLog, GoesOnBehindATornTail) {
  SimLog log;
  Writer writer(log);
  writer.write();
  ASSERT_FALSE(writer.begin({DiskFault::Kind::full, 1500}));
  ASSERT_TRUE(is_served(log));
  Writer(log).write();
  log.lose_power(Tail::garbage, 3);
  ASSERT_TRUE(is_served(log));
  EXPECT_EQ(log.last(), GroupNumber(2));
}

TEST(SimLog, WritesTheRestAfterAShortWrite) {
  SimLog log;
  Writer writer(log);
  ASSERT_TRUE(writer.begin({DiskFault::Kind::short_write, 1500}));
  ASSERT_TRUE(log.end({}));
  log.lose_power(Tail::lost, 0);
  ASSERT_TRUE(is_served(log));
  EXPECT_EQ(log.last(), GroupNumber(1));
}

TEST(SimLog, AnErrorOfTheDiskIsAnUnknownOutcome) {
  SimLog log;
  Writer writer(log);
  EXPECT_EQ(writer.begin({DiskFault::Kind::io, 10}).error().code, Errc::unknown_outcome);
  ASSERT_TRUE(log.recover());
  ASSERT_TRUE(Writer(log).begin());
  EXPECT_EQ(log.end({DiskFault::Kind::io, 0}).error().code, Errc::unknown_outcome);
}

TEST(SimLog, IsRefusedWhenAGroupAtOrBelowTheFloorIsDamaged) {
  SimLog log;
  {
    Writer writer(log);
    for (int i = 0; i < 3; ++i) writer.write();
  }
  ASSERT_TRUE(is_served(log));
  Writer writer(log);
  for (int i = 0; i < 3; ++i) writer.write();
  writer.raise_floor();
  for (std::uint64_t number = 1; number <= 6; ++number)
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
      SimLog damaged = log.damaged(GroupNumber(number), seed * 617);
      EXPECT_FALSE(is_served(damaged)) << number << " " << seed;
    }
}

}  // namespace
}  // namespace reprise::sim
