// A history is read whole, whatever files it lies in: on several levels, with filters of several
// pages, and written by builds whose filters knew nothing of runs.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "storage/rocksdb_log.hpp"
#include "storage/rocksdb_options.hpp"
#include "storage/schema.hpp"
#include "storage/testing/temporary_directory.hpp"

namespace reprise {
namespace {

constexpr RocksDbOptions kOptions{.memtable_bytes = std::size_t{4} << 20};

// How the oldest files of a store were written.
struct Writer {
  const char* name;
  void (*change)(rocksdb::Options& settings);
  bool has_filters = true;
};

class Histories : public ::testing::TestWithParam<Writer> {
 protected:
  void open() {
    auto opened = RocksDbLog::open(directory_.path(), kOptions);
    ASSERT_TRUE(opened) << to_string(opened.error());
    log_ = std::move(*opened);
  }
  // Records of all runs in turn at random, as runs that go on side by side leave them.
  void append_records(std::size_t count) {
    constexpr std::size_t kRecordsPerAppend = 500;
    for (std::size_t left = count; left > 0; left -= kRecordsPerAppend) {
      Batch batch;
      for (std::size_t i = 0; i < kRecordsPerAppend; ++i) put_record(batch);
      ASSERT_TRUE(log_->append({&batch, 1}));
    }
  }
  void flush() { ASSERT_TRUE(log_->flush()); }
  void close() {
    flush();
    log_.reset();
  }
  void write_all_files_as(const Writer& writer) {
    rocksdb::Options settings = rocksdb_settings(kOptions, StoreAccess::read_write);
    writer.change(settings);
    rocksdb::DB* opened = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(settings, directory_.path().string(), &opened).ok());
    const std::unique_ptr<rocksdb::DB> db(opened);
    rocksdb::CompactRangeOptions all;
    all.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
    ASSERT_TRUE(db->CompactRange(all, nullptr, nullptr).ok());
    ASSERT_TRUE(db->Close().ok());
  }
  // So that a run's records lie in several of them, and a file's filter in several pages.
  void expect_levels() const {
    constexpr std::uint64_t kFilterPageBytes = 4096;
    rocksdb::DB* opened = nullptr;
    const auto settings = rocksdb_settings(kOptions, StoreAccess::read_only);
    ASSERT_TRUE(rocksdb::DB::OpenForReadOnly(settings, directory_.path().string(), &opened).ok());
    const std::unique_ptr<rocksdb::DB> db(opened);
    std::vector<rocksdb::LiveFileMetaData> files;
    db->GetLiveFilesMetaData(&files);
    EXPECT_EQ(std::ranges::count(files, 0, &rocksdb::LiveFileMetaData::level), 4);
    EXPECT_GT(std::ranges::max(files, {}, &rocksdb::LiveFileMetaData::level).level, 0);
    rocksdb::TablePropertiesCollection tables;
    ASSERT_TRUE(db->GetPropertiesOfAllTables(&tables).ok());
    std::uint64_t filter_bytes = 0;
    for (const auto& [file, table] : tables)
      filter_bytes = std::max(filter_bytes, table->filter_size);
    if (GetParam().has_filters) EXPECT_GT(filter_bytes, 3 * kFilterPageBytes);
  }
  void expect_whole() {
    for (std::size_t n = 0; n < kRuns; ++n) {
      const std::vector<StoredRecord>& whole = histories_[n];
      expect_read(n, Sequence(1), whole);
      if (whole.empty()) continue;
      for (const std::size_t at : {random_() % whole.size(), whole.size() - 1}) {
        const Sequence end = at + 1 < whole.size() ? whole[at + 1].first : Sequence(UINT64_MAX);
        expect_read(n, Sequence(end.value() - 1),
                    {whole.begin() + static_cast<std::ptrdiff_t>(at), whole.end()});
      }
    }
  }

 private:
  // Half of them never get a record; their names lie between those that do.
  static constexpr std::size_t kRuns = 10'000;

  static RunId run_of(std::size_t n) {
    return RunId::make(UtcTime::from_micros(1'800'000'000'000'000 + 1000 * (n / 4)), n % 4, n);
  }
  void put_record(Batch& batch) {
    const std::size_t n = random_() % (kRuns / 2) * 2;
    std::vector<StoredRecord>& history = histories_[n];
    const Sequence first(history.empty() ? 1 : history.back().first.value() + 1 + random_() % 3);
    history.push_back({.first = first, .bytes = fmt::format("{} {:016x}", first, random_())});
    batch.put(Table::record, record_key(run_of(n), first), history.back().bytes);
  }
  void expect_read(std::size_t n, Sequence from, const std::vector<StoredRecord>& expected) {
    const auto read = log_->read_records(run_of(n), from, SIZE_MAX);
    ASSERT_TRUE(read) << to_string(read.error());
    ASSERT_EQ(read->size(), expected.size()) << "run " << n << " from " << from.value();
    for (std::size_t i = 0; i < expected.size(); ++i) {
      ASSERT_EQ((*read)[i].first, expected[i].first);
      ASSERT_EQ((*read)[i].bytes, expected[i].bytes);
    }
  }

  const testing::TemporaryDirectory directory_;
  std::mt19937_64 random_{11};
  std::vector<std::vector<StoredRecord>> histories_ = std::vector<std::vector<StoredRecord>>(kRuns);
  std::unique_ptr<RocksDbLog> log_;
};

TEST_P(Histories, AreReadWholeFromFilesOfSeveralLevelsAndAges) {
  ASSERT_NO_FATAL_FAILURE(open());
  append_records(30'000);
  close();
  ASSERT_NO_FATAL_FAILURE(write_all_files_as(GetParam()));
  ASSERT_NO_FATAL_FAILURE(open());
  for (int file = 0; file < 3; ++file) {
    append_records(3'000);
    flush();
  }
  append_records(3'000);
  expect_whole();
  close();
  expect_levels();
  ASSERT_NO_FATAL_FAILURE(open());
  expect_whole();
}

void change_nothing(rocksdb::Options& settings) { static_cast<void>(settings); }
void know_no_runs(rocksdb::Options& settings) { settings.prefix_extractor.reset(); }
void take_bytes_for_runs(rocksdb::Options& settings) {
  settings.prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(3));
}
void filter_nothing(rocksdb::Options& settings) {
  settings.prefix_extractor.reset();
  settings.table_factory.reset(rocksdb::NewBlockBasedTableFactory());
}

INSTANTIATE_TEST_SUITE_P(OldestFiles, Histories,
                         ::testing::Values(Writer{"WrittenAsNow", &change_nothing},
                                           Writer{"KnowNoRuns", &know_no_runs},
                                           Writer{"KnowOtherPrefixes", &take_bytes_for_runs},
                                           Writer{"HaveNoFilters", &filter_nothing, false}),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace reprise
