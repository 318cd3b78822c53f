#include "engine/runtime/deletion.hpp"

#include <gtest/gtest.h>

#include <atomic>

#include "engine/core/rows.hpp"
#include "engine/runtime/testing/engine_fixture.hpp"
#include "engine/runtime/verify.hpp"
#include "storage/testing/forwarding_log.hpp"

namespace reprise {
namespace {

// The first look at a note fails.
class ForgetfulLog final : public testing::ForwardingLog {
 public:
  using ForwardingLog::ForwardingLog;
  Result<> append(std::span<const Batch> batches) override {
    const Result<> ok = ForwardingLog::append(batches);
    ++appends;
    appends.notify_all();
    return ok;
  }
  Result<std::optional<std::string>> get(Table table, std::string_view key) const override {
    if (table == Table::deleted && !failed.exchange(true)) return fail(Errc::io, "a bad moment");
    return ForwardingLog::get(table, key);
  }
  std::atomic<int> appends = 0;
  mutable std::atomic<bool> failed = false;
};

class DeletionTest : public ::testing::Test, public testing::EngineFixture {
 protected:
  WorkflowId ended(const std::string& id, const std::string& input = "hello") {
    EXPECT_TRUE(start("echo", input, id).has_value());
    const WorkflowId workflow(id);
    EXPECT_TRUE(outcome(workflow).has_value());
    return workflow;
  }
  Result<Deleted> erase(const WorkflowId& workflow) {
    return wait(engine->erase({.workflow = workflow, .run = {}}));
  }
  // The first page only, as a process leaves it that dies behind its commit.
  void delete_a_part_of(const std::string& id) {
    ASSERT_TRUE(start("echo_each", std::string(600, 'a'), id).has_value());
    const RunId run = outcome(WorkflowId(id))->run;
    engine.reset();
    const DeleteRequest page =
        read_deletion_page(log, ShardIndex(0), {WorkflowId(id), run}).value();
    ASSERT_FALSE(page.is_last);
    Batch batch;
    batch.put(Table::deleted, std::string(run.bytes()),
              encode_deleted_row({WorkflowId(id), now(), false}));
    batch.erase(Table::view, view_key(WorkflowId(id), run));
    batch.erase(Table::workflow, id);
    for (const RowName& row : page.rows) batch.erase(row.table, row.key);
    ASSERT_TRUE(log.append({&batch, 1}).has_value());
  }
  void expect_whole() {
    engine.reset();
    log.restart();
    const StoreReport report = verify_store(log, catalog(), {});
    for (const Error& fault : report.faults) ADD_FAILURE() << to_string(fault);
    runs_deleted = report.runs_deleted;
  }
  static UtcTime now() { return system_clock().utc(); }
  std::uint64_t runs_deleted = 0;
};

TEST_F(DeletionTest, ADeletedWorkflowIsGoneAndTheStoreIsWholeWithoutIt) {
  const WorkflowId kept = ended("kept");
  const WorkflowId gone = ended("gone", std::string(100'000, 'x'));  // with blobs
  ASSERT_EQ(erase(gone)->runs, 1U);
  EXPECT_EQ(outcome(gone).error().code, Errc::not_found);
  EXPECT_EQ(outcome(kept)->result.bytes, "hello");
  EXPECT_EQ(erase(gone).error().code, Errc::not_found);
  engine.reset();
  EXPECT_EQ(log.row_count(Table::blob), 0U);
  expect_whole();
  EXPECT_EQ(runs_deleted, 1U);
}

TEST_F(DeletionTest, AnOpenWorkflowIsNotDeleted) {
  ASSERT_TRUE(start("take_two", "", "open").has_value());
  EXPECT_EQ(erase(WorkflowId("open")).error().code, Errc::conflict);
}

TEST_F(DeletionTest, ALongHistoryGoesPageByPage) {
  const std::string many(600, 'a');
  ASSERT_TRUE(start("echo_each", many, "long").has_value());
  ASSERT_TRUE(outcome(WorkflowId("long")).has_value());
  ASSERT_GT(log.row_count(Table::record), 512U);
  EXPECT_EQ(erase(WorkflowId("long"))->runs, 1U);
  engine.reset();
  EXPECT_EQ(log.row_count(Table::record), 0U);
  expect_whole();
}

TEST_F(DeletionTest, WhatACrashInterruptedIsFinishedByTheNextEngine) {
  delete_a_part_of("long");
  restart();
  EXPECT_EQ(outcome(WorkflowId("long")).error().code, Errc::not_found);
  ASSERT_TRUE(wait(engine->sweep(UtcTime())).has_value());
  engine.reset();
  EXPECT_EQ(log.row_count(Table::record), 0U);
  expect_whole();
  EXPECT_EQ(runs_deleted, 1U);
}

// Also where nothing is let go, and a sweep that took all is the last.
TEST_F(DeletionTest, WhatASweepCouldNotLookAtIsLeftToTheNext) {
  delete_a_part_of("long");
  ForgetfulLog forgetful(log);
  log_to_open = &forgetful;
  open();
  while (log.row_count(Table::record) > 0) {
    const int seen = forgetful.appends;
    if (log.row_count(Table::record) > 0) forgetful.appends.wait(seen);
  }
  engine.reset();
  EXPECT_TRUE(forgetful.failed);
}

TEST_F(DeletionTest, ASweepTakesWhatEndedBeforeATimeAndNothingElse) {
  for (int i = 0; i < 40; ++i) ended("old-" + std::to_string(i));
  ASSERT_TRUE(start("take_two", "", "open").has_value());
  const UtcTime then = now();
  ended("new");
  EXPECT_EQ(wait(engine->sweep(then))->runs, 40U);
  EXPECT_EQ(wait(engine->sweep(then))->runs, 0U);
  EXPECT_TRUE(outcome(WorkflowId("new")).has_value());
  EXPECT_TRUE(wait(engine->describe({.workflow = WorkflowId("open"), .run = {}})).has_value());
  expect_whole();
}

TEST_F(DeletionTest, AKeyIsForgottenWithItsRun) {
  const auto keyed = [this] {
    return wait(engine->start({.type = "echo",
                               .workflow = WorkflowId("keyed"),
                               .input = {"hello"},
                               .key = IdempotencyKey{"", "k", digest_of("body")}}));
  };
  const RunId run = keyed()->run;
  ASSERT_TRUE(outcome(WorkflowId("keyed")).has_value());
  EXPECT_TRUE(keyed()->repeated);
  EXPECT_EQ(wait(engine->sweep(now() + std::chrono::hours(1)))->runs, 1U);
  EXPECT_EQ(log.row_count(Table::key), 0U);
  const Result<StartAnswer> again = keyed();
  EXPECT_FALSE(again->repeated);
  EXPECT_NE(again->run, run);
}

}  // namespace
}  // namespace reprise
