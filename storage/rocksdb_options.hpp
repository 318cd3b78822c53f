// RocksDbOptions: the few settings of the store that are a choice, and the many that are not.
//
// Guarantees: the durability settings are fixed; each has its reason beside it in the source.
// Units:      bytes.        Why: ADR-0002, docs/reliability.md (the measurements).
#pragma once

#include <cstddef>
#include <memory>

namespace rocksdb {
class Env;
struct Options;
}  // namespace rocksdb

namespace reprise {

struct RocksDbOptions {
  std::size_t block_cache_bytes = 8U << 20;
  // Bounds what a start after a crash replays: 16 MiB leave up to 15 MB of log, a quarter of
  // a second (64 MiB: 29 MB, half a second). The throughput of 8, 16 and 64 MiB is the same.
  std::size_t memtable_bytes = 32U << 20;
  int memtable_count = 4;
  // Opens a damaged store. To be written: as of the last point that is whole; what comes behind is
  // dropped. To be read only: with all that is readable. Reads of the rest fail, but rows whose
  // write-ahead log was damaged are missing without an error.
  bool salvage = false;
  // Tests interpose a file system here. Nothing: the machine's. Must outlive the log.
  rocksdb::Env* env = nullptr;
};

enum class StoreAccess : unsigned char { read_write, read_only };

// Everything that RocksDB is told at open.
rocksdb::Options rocksdb_settings(const RocksDbOptions& options, StoreAccess access);

}  // namespace reprise
