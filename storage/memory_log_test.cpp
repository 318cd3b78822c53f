// The faults that MemoryLog injects; the rest is the conformance suite's.
#include "storage/memory_log.hpp"

#include <gtest/gtest.h>

namespace reprise {
namespace {

Batch batch_of(const char* key) {
  Batch batch;
  batch.put(Table::view, key, "value");
  batch.put(Table::workflow, key, "value");
  return batch;
}

Errc append_error(MemoryLog& log, const char* key) {
  const Batch batch = batch_of(key);
  const auto done = log.append(std::span(&batch, 1));
  EXPECT_FALSE(done);
  return done ? Errc::internal : done.error().code;
}

TEST(MemoryLog, ALostAppendLeavesNothing) {
  MemoryLog log;
  log.fail_next_append(MemoryLog::AppendFault::lost);
  EXPECT_EQ(append_error(log, "a"), Errc::unknown_outcome);
  EXPECT_EQ(log.row_count(Table::view), 0U);
  EXPECT_EQ(log.row_count(Table::workflow), 0U);
}

TEST(MemoryLog, AnAppliedAppendLeavesAllOfIt) {
  MemoryLog log;
  log.fail_next_append(MemoryLog::AppendFault::applied);
  EXPECT_EQ(append_error(log, "a"), Errc::unknown_outcome);
  EXPECT_EQ(log.row_count(Table::view), 1U);
  EXPECT_EQ(log.row_count(Table::workflow), 1U);
}

TEST(MemoryLog, AfterAFailedAppendItRefusesUntilItsRestart) {
  MemoryLog log;
  log.fail_next_append(MemoryLog::AppendFault::lost);
  EXPECT_EQ(append_error(log, "a"), Errc::unknown_outcome);
  EXPECT_EQ(append_error(log, "b"), Errc::unavailable);
  log.restart();
  const Batch batch = batch_of("c");
  EXPECT_TRUE(log.append(std::span(&batch, 1)));
  EXPECT_EQ(log.row_count(Table::view), 1U);
}

TEST(MemoryLog, AReadFaultHitsOneReadOfAnyKind) {
  MemoryLog log;
  const Error fault{Errc::corrupt, "injected", {}};
  log.fail_next_read(fault);
  EXPECT_EQ(log.get(Table::view, "a").error(), fault);
  EXPECT_TRUE(log.get(Table::view, "a"));
  log.fail_next_read(fault);
  EXPECT_EQ(log.scan(Table::view, {}).error(), fault);
  EXPECT_TRUE(log.scan(Table::view, {}));
  log.fail_next_read(fault);
  EXPECT_EQ(log.read_records(RunId(), Sequence(1), 1).error(), fault);
  EXPECT_TRUE(log.read_records(RunId(), Sequence(1), 1));
}

TEST(MemoryLogDeathTest, ARecordIsNeverOverwritten) {
  MemoryLog log;
  Batch batch;
  batch.put(Table::record, record_key(RunId(), Sequence(1)), "first");
  ASSERT_TRUE(log.append(std::span(&batch, 1)));
  EXPECT_DEATH((void)log.append(std::span(&batch, 1)), "exists");
}

}  // namespace
}  // namespace reprise
