// What every EventLog must do, whatever it is built on. A new backend adds one line at the end.
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "base/check.hpp"
#include "storage/event_log.hpp"
#include "storage/memory_log.hpp"
#include "storage/rocksdb_log.hpp"
#include "storage/store_format.hpp"
#include "storage/testing/temporary_directory.hpp"

namespace reprise {
namespace {

using namespace std::string_literals;

// A log that can be stopped and found again.
class Backend {
 public:
  virtual ~Backend() = default;
  virtual EventLog& log() = 0;
  virtual void reopen() = 0;
};

class MemoryBackend final : public Backend {
 public:
  EventLog& log() override { return log_; }
  void reopen() override { log_.restart(); }

 private:
  MemoryLog log_;
};

class RocksDbBackend final : public Backend {
 public:
  RocksDbBackend() { reopen(); }
  EventLog& log() override { return *log_; }
  void reopen() override {
    log_.reset();
    auto opened = RocksDbLog::open(dir_.path());
    CHECK(opened.has_value(), "{}", to_string(opened.error()));
    log_ = std::move(*opened);
  }

 private:
  const testing::TemporaryDirectory dir_;
  std::unique_ptr<RocksDbLog> log_;
};

struct BackendKind {
  const char* name;
  std::function<std::unique_ptr<Backend>()> make;
};

class EventLogConformance : public ::testing::TestWithParam<BackendKind> {
 protected:
  EventLog& log() { return backend_->log(); }
  void append(const Batch& batch) {
    const auto done = log().append(std::span(&batch, 1));
    ASSERT_TRUE(done) << to_string(done.error());
  }
  std::vector<std::string> keys(Table table, const ScanRange& range) {
    const auto rows = log().scan(table, range);
    EXPECT_TRUE(rows) << to_string(rows.error());
    std::vector<std::string> found;
    if (rows)
      for (const KeyValue& row : *rows) found.push_back(row.key);
    return found;
  }
  std::vector<std::uint64_t> record_starts(const RunId& run, std::uint64_t from,
                                           std::size_t bytes_max = SIZE_MAX) {
    const auto records = log().read_records(run, Sequence(from), bytes_max);
    EXPECT_TRUE(records) << to_string(records.error());
    std::vector<std::uint64_t> found;
    if (records)
      for (const StoredRecord& record : *records) found.push_back(record.first.value());
    return found;
  }

  std::unique_ptr<Backend> backend_ = GetParam().make();
};

using Keys = std::vector<std::string>;
using Starts = std::vector<std::uint64_t>;

RunId run_of(std::uint64_t n) { return RunId::make(UtcTime::from_micros(5'000'000), 1, n); }

TEST_P(EventLogConformance, AnEmptyLogHasNothing) {
  EXPECT_EQ(log().get(Table::meta, "format"), std::nullopt);
  EXPECT_EQ(keys(Table::record, {}), Keys{});
  EXPECT_EQ(record_starts(run_of(1), 1), Starts{});
  EXPECT_TRUE(due_wakes(log(), ShardIndex(0), {}, UtcTime::max(), 1)->empty());
}

TEST_P(EventLogConformance, RowsOfOneAppendApplyInOrder) {
  Batch first;
  first.put(Table::view, "a", "old");
  first.put(Table::view, "a", "new");
  first.put(Table::view, "b", "gone");
  first.erase(Table::view, "b");
  first.erase(Table::view, "c");
  first.put(Table::view, "c", "back");
  Batch second;
  second.put(Table::view, "a", "newest");
  const std::vector<Batch> batches{first, second};
  ASSERT_TRUE(log().append(batches));
  EXPECT_EQ(log().get(Table::view, "a"), "newest");
  EXPECT_EQ(log().get(Table::view, "b"), std::nullopt);
  EXPECT_EQ(log().get(Table::view, "c"), "back");
}

TEST_P(EventLogConformance, AnAppendOfNothingSucceeds) {
  EXPECT_TRUE(log().append({}));
  EXPECT_TRUE(log().append(std::vector<Batch>(3)));
}

TEST_P(EventLogConformance, EmptyValuesAreNotMissing) {
  Batch batch;
  batch.put(Table::key, "empty", "");
  append(batch);
  EXPECT_EQ(log().get(Table::key, "empty"), "");
}

TEST_P(EventLogConformance, TablesDoNotMix) {
  Batch batch;
  batch.put(Table::wake, "k", "wake");
  batch.put(Table::busy, "k", "busy");
  batch.put(Table::busy, "\xff\xff", "last of busy");
  batch.put(Table::key, "", "first of key");
  append(batch);
  EXPECT_EQ(log().get(Table::wake, "k"), "wake");
  EXPECT_EQ(keys(Table::busy, {}), (Keys{"k", "\xff\xff"}));
  EXPECT_EQ(keys(Table::busy, {.backwards = true}), (Keys{"\xff\xff", "k"}));
  EXPECT_EQ(keys(Table::key, {}), Keys{""});
}

TEST_P(EventLogConformance, ScansAreHalfOpenLimitedAndGoBothWays) {
  Batch batch;
  for (const char* key : {"d", "a", "c", "b", "e"}) batch.put(Table::view, key, "");
  append(batch);
  EXPECT_EQ(keys(Table::view, {}), (Keys{"a", "b", "c", "d", "e"}));
  EXPECT_EQ(keys(Table::view, {.from = "b", .to = "d"}), (Keys{"b", "c"}));
  EXPECT_EQ(keys(Table::view, {.from = "b", .to = "d", .backwards = true}), (Keys{"c", "b"}));
  EXPECT_EQ(keys(Table::view, {.from = "bb"}), (Keys{"c", "d", "e"}));
  EXPECT_EQ(keys(Table::view, {.limit = 2}), (Keys{"a", "b"}));
  EXPECT_EQ(keys(Table::view, {.limit = 2, .backwards = true}), (Keys{"e", "d"}));
  EXPECT_EQ(keys(Table::view, {.limit = 0}), Keys{});
  EXPECT_EQ(keys(Table::view, {.from = "c", .to = "c"}), Keys{});
  EXPECT_EQ(keys(Table::view, {.from = "d", .to = "b"}), Keys{});
}

TEST_P(EventLogConformance, KeysAndValuesMayHoldAnyByte) {
  const Keys in_order{"\0"s, "\0\0"s, "a"s, "a\0"s, "a\0b"s, "a\x01"s, "\x7f"s, "\x80"s, "\xff"s};
  Batch batch;
  for (const std::string& key : in_order) batch.put(Table::key, key, key + "\0!"s);
  append(batch);
  EXPECT_EQ(keys(Table::key, {}), in_order);
  for (const std::string& key : in_order) EXPECT_EQ(log().get(Table::key, key), key + "\0!"s);
  EXPECT_EQ(keys(Table::key, {.from = "a\0"s, .to = "a\x01"s}), (Keys{"a\0"s, "a\0b"s}));
}

TEST_P(EventLogConformance, LargeValuesComeBackWhole) {
  const std::string megabytes(std::size_t{5} << 20, 'x');
  Batch batch;
  batch.put(Table::blob, "large", megabytes);
  append(batch);
  backend_->reopen();
  EXPECT_EQ(log().get(Table::blob, "large"), megabytes);
}

TEST_P(EventLogConformance, RecordsAreReadFromTheOneThatCoversAnEvent) {
  Batch batch;
  for (const std::uint64_t first : {1U, 4U, 9U, 300U})
    batch.put(Table::record, record_key(run_of(1), Sequence(first)), "0123456789");
  batch.put(Table::record, record_key(run_of(0), Sequence(2)), "the run before");
  batch.put(Table::record, record_key(run_of(2), Sequence(7)), "a fork: starts at 7");
  append(batch);
  EXPECT_EQ(record_starts(run_of(1), 1), (Starts{1, 4, 9, 300}));
  EXPECT_EQ(record_starts(run_of(1), 3), (Starts{1, 4, 9, 300}));
  EXPECT_EQ(record_starts(run_of(1), 4), (Starts{4, 9, 300}));
  EXPECT_EQ(record_starts(run_of(1), 8), (Starts{4, 9, 300}));
  EXPECT_EQ(record_starts(run_of(1), 299), (Starts{9, 300}));
  EXPECT_EQ(record_starts(run_of(1), 1000), Starts{300});
  EXPECT_EQ(record_starts(run_of(1), 0), (Starts{1, 4, 9, 300}));
  EXPECT_EQ(record_starts(run_of(2), 1), Starts{7});
  EXPECT_EQ(record_starts(run_of(3), 1), Starts{});
}

TEST_P(EventLogConformance, RecordsStopOnceTheirBytesPassTheLimit) {
  Batch batch;
  for (const std::uint64_t first : {1U, 2U, 3U, 4U})
    batch.put(Table::record, record_key(run_of(1), Sequence(first)), "0123456789");
  append(batch);
  EXPECT_EQ(record_starts(run_of(1), 1, 0), Starts{1});
  EXPECT_EQ(record_starts(run_of(1), 1, 9), Starts{1});
  EXPECT_EQ(record_starts(run_of(1), 1, 10), (Starts{1, 2}));
  EXPECT_EQ(record_starts(run_of(1), 2, 25), (Starts{2, 3, 4}));
}

TEST_P(EventLogConformance, WakesComeInOrderOfTimeWithinTheirShard) {
  const auto at = [](std::int64_t micros) { return UtcTime::from_micros(micros); };
  Batch batch;
  batch.put(Table::wake, wake_key(ShardIndex(3), at(300), run_of(1)), "third");
  batch.put(Table::wake, wake_key(ShardIndex(3), at(100), run_of(9)), "first");
  batch.put(Table::wake, wake_key(ShardIndex(3), at(200), run_of(5)), "second");
  batch.put(Table::wake, wake_key(ShardIndex(2), at(50), run_of(2)), "another shard");
  batch.put(Table::wake, wake_key(ShardIndex(4), at(50), run_of(3)), "another shard");
  append(batch);
  const auto texts = [&](const WakePlace& after, UtcTime to, std::size_t limit) {
    Keys found;
    for (const DueWake& wake : *due_wakes(log(), ShardIndex(3), after, to, limit))
      found.push_back(wake.workflow.text());
    return found;
  };
  EXPECT_EQ(texts({}, UtcTime::max(), 10), (Keys{"first", "second", "third"}));
  EXPECT_EQ(texts({}, at(299), 10), (Keys{"first", "second"}));
  EXPECT_EQ(texts({at(100)}, at(300), 10), (Keys{"second", "third"}));
  EXPECT_EQ(texts({}, UtcTime::max(), 1), Keys{"first"});
  EXPECT_EQ(texts({at(200)}, at(200), 10), Keys{});
  EXPECT_EQ(texts({at(300)}, at(200), 10), Keys{});
}

TEST_P(EventLogConformance, APageOfWakesMayEndBetweenRowsOfOneTime) {
  constexpr ShardIndex kShard(3);
  const UtcTime at = UtcTime::from_micros(100);
  Batch batch;
  for (std::uint64_t n = 0; n < 7; ++n)
    batch.put(Table::wake, wake_key(kShard, at, run_of(n)), fmt::format("workflow-{}", n));
  append(batch);
  std::vector<RunId> runs;
  for (WakePlace after;;) {
    const auto page = due_wakes(log(), kShard, after, at, 2);
    ASSERT_TRUE(page);
    if (page->empty()) break;
    for (const DueWake& wake : *page) runs.push_back(wake.run);
    after = {page->back().at, page->back().run};
  }
  std::vector<RunId> all;
  for (std::uint64_t n = 0; n < 7; ++n) all.push_back(run_of(n));
  EXPECT_EQ(runs, all);
}

TEST_P(EventLogConformance, BusyRunsAreReadInPages) {
  constexpr ShardIndex kLastShard(0xffff);
  Batch batch;
  for (const std::uint64_t n : {3U, 1U, 2U})
    batch.put(Table::busy, busy_key(kLastShard, run_of(n)), fmt::format("workflow-{}", n));
  batch.put(Table::busy, busy_key(ShardIndex(0), run_of(0)), "another shard");
  append(batch);
  const auto page = busy_runs(log(), kLastShard, std::nullopt, 2);
  ASSERT_TRUE(page);
  ASSERT_EQ(page->size(), 2U);
  EXPECT_EQ((*page)[0].run, run_of(1));
  EXPECT_EQ((*page)[0].workflow, WorkflowId("workflow-1"));
  const auto rest = busy_runs(log(), kLastShard, page->back().run, 2);
  ASSERT_TRUE(rest);
  ASSERT_EQ(rest->size(), 1U);
  EXPECT_EQ((*rest)[0].run, run_of(3));
}

TEST_P(EventLogConformance, AMalformedIndexKeyIsReportedAsDamage) {
  Batch batch;
  batch.put(Table::wake, "\0\0short"s, "workflow");
  batch.put(Table::busy, "\0\0short"s, "workflow");
  append(batch);
  EXPECT_EQ(due_wakes(log(), ShardIndex(0), {}, UtcTime::max(), 1).error().code, Errc::corrupt);
  EXPECT_EQ(busy_runs(log(), ShardIndex(0), std::nullopt, 1).error().code, Errc::corrupt);
}

TEST_P(EventLogConformance, WhatWasAppendedIsThereAfterReopening) {
  for (std::uint64_t n = 1; n <= 50; ++n) {
    Batch batch;
    batch.put(Table::record, record_key(run_of(1), Sequence(n)), fmt::format("record {}", n));
    batch.put(Table::view, "latest", fmt::format("{}", n));
    append(batch);
    if (n % 10 == 0) backend_->reopen();
  }
  EXPECT_EQ(log().get(Table::view, "latest"), "50");
  EXPECT_EQ(record_starts(run_of(1), 1).size(), 50U);
}

// Each append moves two rows together; a reader that looks at both in one scan sees them equal.
TEST_P(EventLogConformance, ReadersBesideAnAppenderSeeWholeAppendsInOrder) {
  constexpr int kAppends = 400;
  std::atomic<int> acknowledged = 0;
  std::atomic<bool> done = false;
  const auto read = [&] {
    int last = 0;
    while (!done) {
      const int floor = acknowledged;
      const auto rows = log().scan(Table::view, {.from = "left", .to = "righu"});
      ASSERT_TRUE(rows);
      if (rows->empty()) continue;
      ASSERT_EQ(rows->size(), 2U);
      ASSERT_EQ((*rows)[0].value, (*rows)[1].value);
      const int seen = std::stoi((*rows)[0].value);
      ASSERT_GE(seen, floor);
      ASSERT_GE(seen, last);
      last = seen;
    }
  };
  {
    const std::jthread reader(read);
    const std::jthread another(read);
    for (int n = 1; n <= kAppends; ++n) {
      Batch batch;
      batch.put(Table::view, "left", std::to_string(n));
      batch.put(Table::view, "right", std::to_string(n));
      append(batch);
      acknowledged = n;
    }
    done = true;
  }
  EXPECT_EQ(log().get(Table::view, "right"), std::to_string(kAppends));
}

TEST_P(EventLogConformance, AStoreKeepsTheFormatItWasCreatedWith) {
  const StoreFormat format{.shard_count = 16};
  EXPECT_EQ(read_store_format(log()), std::nullopt);
  ASSERT_TRUE(create_or_verify_store(log(), format));
  backend_->reopen();
  EXPECT_EQ(read_store_format(log()), format);
  EXPECT_TRUE(create_or_verify_store(log(), format));
}

INSTANTIATE_TEST_SUITE_P(
    EachBackend, EventLogConformance,
    ::testing::Values(BackendKind{"Memory", [] { return std::make_unique<MemoryBackend>(); }},
                      BackendKind{"RocksDb", [] { return std::make_unique<RocksDbBackend>(); }}),
    [](const auto& backend) { return backend.param.name; });

}  // namespace
}  // namespace reprise
