// RocksDbLog: the event log on one RocksDB, the default store.
//
// Guarantees: those of EventLog. A batch is one WriteBatch, synced. Damage found at open refuses to
//             open; damage found by a read is an error, never a shorter answer.
//             The first failed write or background error is final: what it wrote is unknown, no sync
//             is tried again, and every later append answers unavailable. Reads still serve.
// Thread:     append from one thread at a time; reads from anywhere. All of it blocks.
// Errors:     open: unavailable (another process has it), corrupt (damage, with the remedy), io.
//             append: unknown_outcome, then unavailable. Reads: corrupt, io.
//             Why: ADR-0002 (RocksDB), ADR-0005 (recovery). Settings: rocksdb_options.cpp.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "storage/event_log.hpp"
#include "storage/live_files.hpp"
#include "storage/rocksdb_options.hpp"

namespace rocksdb {
class DB;
class Env;
class Status;
}  // namespace rocksdb

namespace reprise {

class RocksDbLog final : public EventLog {
 public:
  // Whether there is a store in `dir`, whole or not.
  static bool exists(const std::filesystem::path& dir, const RocksDbOptions& options = {});

  // Opens or creates the store in `dir` for this process alone.
  static Result<std::unique_ptr<RocksDbLog>> open(const std::filesystem::path& dir,
                                                  const RocksDbOptions& options = {});

  // Opens the store in `dir` as it stands now, beside a live server or without one, and writes
  // nothing there: a snapshot that holds at least what was durable before the call. It never moves.
  static Result<std::unique_ptr<RocksDbLog>> open_read_only(const std::filesystem::path& dir,
                                                            const RocksDbOptions& options = {});

  ~RocksDbLog() override;
  RocksDbLog(const RocksDbLog&) = delete;
  RocksDbLog& operator=(const RocksDbLog&) = delete;

  Result<> append(std::span<const Batch> batches) override;
  Result<std::optional<std::string>> get(Table table, std::string_view key) const override;
  Result<std::vector<KeyValue>> scan(Table table, const ScanRange& range) const override;
  Result<std::vector<StoredRecord>> read_records(const RunId& run, Sequence from,
                                                 std::size_t bytes_max) const override;

  // Moves what the write-ahead log holds into tables, so that the next open has nothing to replay.
  // Optional: for a clean stop, behind the last append.
  Result<> flush();

  // The same in the background, and only when it is worth a file. The next open has little to
  // replay, even after a crash, and the memory is given back.
  Result<> start_flush();
  // start_flush(), whose failure is the next append's business.
  void rest() override { (void)start_flush(); }

  // The store's files as they are now, for a copy of it. From any thread.
  Result<LiveFiles> hold_live_files();

  // The error that ended appending, if any.
  [[nodiscard]] std::optional<Error> failure() const;

 private:
  class Health;
  RocksDbLog(std::filesystem::path dir, std::shared_ptr<Health> health,
             std::unique_ptr<rocksdb::Env> env, std::unique_ptr<rocksdb::DB> db, bool read_only);
  Result<> flush(bool wait);
  [[nodiscard]] Error error_of(const rocksdb::Status& status) const;

  const std::filesystem::path dir_;
  const std::shared_ptr<Health> health_;
  const std::unique_ptr<rocksdb::Env> env_;  // outlives the database
  const std::unique_ptr<rocksdb::DB> db_;
  const bool read_only_;
};

}  // namespace reprise
