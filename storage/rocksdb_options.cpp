#include "storage/rocksdb_options.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/merge_operator.h>
#include <rocksdb/options.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/sst_file_manager.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <string>

#include "storage/file_digests.hpp"
#include "storage/schema.hpp"

namespace reprise {
namespace {

constexpr std::size_t kProtectionBytes = 8;

// The run that a row of the record table belongs to. Each file's filter knows them, so that a history
// is looked for only in the files that hold some of it. The name stands in each file: a change of what
// it does needs another one.
class RunOfRecord final : public rocksdb::SliceTransform {
 public:
  const char* Name() const override { return "reprise.RunOfRecord"; }
  bool InDomain(const rocksdb::Slice& key) const override {
    return key.size() >= kBytes && key[0] == static_cast<char>(Table::record);
  }
  rocksdb::Slice Transform(const rocksdb::Slice& key) const override {
    return {key.data(), kBytes};
  }

 private:
  static constexpr std::size_t kBytes = 1 + RunId::kBytes;
};

// Nothing is merged. Where there is a merge operator, RocksDB does not take its short cut for a store
// of one table (CompactedDBImpl), where it follows a null pointer when that did not open.
class NoMerge final : public rocksdb::AssociativeMergeOperator {
 public:
  const char* Name() const override { return "reprise.NoMerge"; }
  bool Merge(const rocksdb::Slice&, const rocksdb::Slice*, const rocksdb::Slice&, std::string*,
             rocksdb::Logger*) const override {
    return false;
  }
};

// What decides whether an acknowledged write is there after a crash, and damage is seen.
void set_durability(rocksdb::Options& settings, const RocksDbOptions& options, StoreAccess access) {
  // A torn last record is the end of the log; damage anywhere else refuses to open. The default
  // (point in time) opens without a word at the first damaged record: 500 of 1,000 keys.
  settings.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  // A writer must not go on behind a hole; who reads a history knows one by its chain.
  if (options.salvage)
    settings.wal_recovery_mode = access == StoreAccess::read_only
                                     ? rocksdb::WALRecoveryMode::kSkipAnyCorruptedRecords
                                     : rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  // Else an older log that is cut or missing opens without a word as well.
  settings.track_and_verify_wals_in_manifest = !options.salvage;
  settings.recycle_log_file_num = 0;  // forced on, it crashed twice in 16 runs
  settings.wal_bytes_per_sync = 0;    // each append syncs
  settings.manual_wal_flush = false;
  settings.max_bgerror_resume_count = 0;  // an error is an unknown outcome, never tried again
  // Without them a table that does not open is missed by its reads only, and the rest is served.
  settings.paranoid_checks = !options.salvage || access == StoreAccess::read_write;
  settings.paranoid_file_checks = true;
  settings.file_checksum_gen_factory = file_digests();  // a backup is held against them
  settings.memtable_protection_bytes_per_key = kProtectionBytes;
}

void set_memory(rocksdb::Options& settings, const RocksDbOptions& options) {
  settings.write_buffer_size = options.memtable_bytes;
  settings.max_write_buffer_number = options.memtable_count;
  settings.target_file_size_base = options.memtable_bytes;
  // Level 0 gathers as much as level 1 holds, so that each compaction of the two rewrites little.
  constexpr int kLevel0Files = 8;
  settings.level0_file_num_compaction_trigger = kLevel0Files;
  settings.max_bytes_for_level_base = kLevel0Files * options.memtable_bytes;
  // An idle memtable holds one block; RocksDB aborts on a block as large as the memtable.
  settings.arena_block_size = std::min(std::size_t{256} << 10, options.memtable_bytes / 8);
  settings.allow_concurrent_memtable_write = false;  // one appender
  // An insert begins where the last one of its table was: an append comes sorted.
  settings.memtable_insert_with_hint_prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(1));
}

// One flush and one compaction at a time, and no periodic work: an idle store sleeps.
void set_background(rocksdb::Options& settings) {
  settings.max_background_jobs = 2;
  settings.stats_dump_period_sec = 0;
  settings.stats_persist_period_sec = 0;
  settings.avoid_unnecessary_blocking_io = true;  // a reader does not unlink files
  settings.info_log_level = rocksdb::InfoLogLevel::INFO_LEVEL;
  settings.keep_log_file_num = 4;
  settings.max_log_file_size = std::size_t{4} << 20;
}

// Unlinking 64 MB at once stalled replies by 70 ms, so files are small and go one at a time. Deleting
// large files in slices did as well, but truncates them under a reader that has them open.
void set_slow_deletion(rocksdb::Options& settings) {
  constexpr std::int64_t kBytesPerSecond = 64LL << 20;
  constexpr std::uint64_t kNoChunks = 0;
  // Above this share of the live tables it deletes at once. A young store is mostly log.
  constexpr double kTrashRatioMax = 8.0;
  settings.sst_file_manager.reset(rocksdb::NewSstFileManager(
      settings.env, nullptr, "", kBytesPerSecond, true, nullptr, kTrashRatioMax, kNoChunks));
}

void set_tables(rocksdb::Options& settings, const RocksDbOptions& options) {
  rocksdb::BlockBasedTableOptions table;
  table.block_size = std::size_t{16} << 10;
  table.checksum = rocksdb::kXXH3;  // Debian's build has no fast CRC32C on x86
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.optimize_filters_for_memory = true;
  table.whole_key_filtering = true;  // without it, a seek backwards may miss rows at a filter's cut
  table.block_cache = rocksdb::NewLRUCache(options.block_cache_bytes);
  // Indexes and filters live within the cache's limit, however large the store, in pages of 4 KiB.
  table.cache_index_and_filter_blocks = true;
  table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
  table.partition_filters = true;
  settings.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  settings.prefix_extractor = std::make_shared<RunOfRecord>();
  settings.compression = rocksdb::kLZ4Compression;
  // What is written again soon is not compressed: at full load, that took a tenth of the time.
  settings.compression_per_level = {rocksdb::kNoCompression, rocksdb::kNoCompression,
                                    rocksdb::kLZ4Compression};
}

}  // namespace

rocksdb::Options rocksdb_settings(const RocksDbOptions& options, StoreAccess access) {
  rocksdb::Options settings;
  if (options.env != nullptr) settings.env = options.env;
  set_durability(settings, options, access);
  set_memory(settings, options);
  set_background(settings);
  // Compactions run where appends and reads leave time.
  settings.env->LowerThreadPoolCPUPriority(rocksdb::Env::LOW, rocksdb::CpuPriority::kLow);
  set_tables(settings, options);
  settings.skip_stats_update_on_db_open = true;  // opening reads no table
  if (access == StoreAccess::read_write) {
    settings.create_if_missing = true;
    settings.max_open_files = 512;
    set_slow_deletion(settings);
  } else {
    // Every table is held open from the start, so that it is readable after a live server has
    // compacted it away; of a damaged store, so that one that does not open spoils no other's reads.
    settings.max_open_files = -1;
    if (options.salvage) settings.merge_operator = std::make_shared<NoMerge>();
  }
  return settings;
}

}  // namespace reprise
