#include "storage/rocksdb_log.hpp"

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/iterator.h>
#include <rocksdb/listener.h>
#include <rocksdb/options.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "base/check.hpp"
#include "base/log.hpp"
#include "storage/checked_table_file_system.hpp"
#include "storage/posix_file.hpp"
#include "storage/settled_file_system.hpp"
#include "storage/zeroed_log_file_system.hpp"

namespace reprise {
namespace {

constexpr std::size_t kProtectionBytes = 8;
constexpr std::size_t kRowOverheadBytes = 16;  // in a WriteBatch: tag, lengths, table

char table_byte(Table table) { return static_cast<char>(table); }

// The key of a row in the one column family: its table's number, then its key.
std::string store_key(Table table, std::string_view key) {
  std::string full;
  full.reserve(1 + key.size());
  full += table_byte(table);
  full += key;
  return full;
}

// The end of a range of `table`: `to`, or behind the table's last row.
std::string store_end(Table table, std::string_view to) {
  if (!to.empty()) return store_key(table, to);
  return {static_cast<char>(static_cast<unsigned char>(table) + 1)};
}

rocksdb::ReadOptions read_options() {
  rocksdb::ReadOptions options;
  options.verify_checksums = true;
  options.total_order_seek = true;
  return options;
}

// Rows of several batches by table and key, so that each is inserted near the one before it; rows of
// one key stay in their order.
std::vector<const Row*> sorted(std::span<const Batch> batches) {
  struct Place {
    const Row* row;
    std::size_t order;
  };
  std::vector<Place> places;
  for (const Batch& batch : batches)
    for (const Row& row : batch.rows()) places.push_back({&row, places.size()});
  std::ranges::sort(places, [](const Place& a, const Place& b) {
    return std::tie(a.row->table, a.row->key, a.order) <
           std::tie(b.row->table, b.row->key, b.order);
  });
  std::vector<const Row*> rows;
  rows.reserve(places.size());
  for (const Place& place : places) rows.push_back(place.row);
  return rows;
}

// An iterator over [lower, upper), which owns its bounds: RocksDB only points at them.
class Cursor {
 public:
  enum class Range : std::uint8_t { any, records_of_a_run };

  Cursor(rocksdb::DB& db, std::string lower, std::string upper, Range range = Range::any)
      : lower_(std::move(lower)),
        upper_(std::move(upper)),
        lower_slice_(lower_),
        upper_slice_(upper_) {
    rocksdb::ReadOptions options = read_options();
    options.iterate_lower_bound = &lower_slice_;
    options.iterate_upper_bound = &upper_slice_;
    options.total_order_seek = range == Range::any;  // else files without the run are left out
    rows_.reset(db.NewIterator(options));
  }
  Cursor(const Cursor&) = delete;
  Cursor& operator=(const Cursor&) = delete;

  rocksdb::Iterator* operator->() { return rows_.get(); }

  // The key of the current row within its table.
  [[nodiscard]] std::string_view key() const { return rows_->key().ToStringView().substr(1); }

 private:
  const std::string lower_;
  const std::string upper_;
  const rocksdb::Slice lower_slice_;
  const rocksdb::Slice upper_slice_;
  std::unique_ptr<rocksdb::Iterator> rows_;
};

rocksdb::Env& env_of(const RocksDbOptions& options) {
  return options.env != nullptr ? *options.env : *rocksdb::Env::Default();
}

// The file system that a store lies on, with its write-ahead logs and tables.
std::shared_ptr<rocksdb::FileSystem> store_files(const RocksDbOptions& options) {
  return std::make_shared<CheckedTableFileSystem>(
      std::make_shared<ZeroedLogFileSystem>(env_of(options).GetFileSystem()));
}

rocksdb::Options settings_on(rocksdb::Env& env, RocksDbOptions options, StoreAccess access) {
  options.env = &env;
  return rocksdb_settings(options, access);
}

Error open_error(const std::filesystem::path& dir, const rocksdb::Status& status) {
  const std::string words = status.ToString();
  if (status.IsIOError() && words.find("lock") != std::string::npos)
    return {
        Errc::unavailable,
        fmt::format("{} is in use by another process: stop it, or choose another directory ({})",
                    dir.string(), words),
        {}};
  if (status.IsBusy())
    return {Errc::unavailable,
            fmt::format("{} changes too fast to be read: try again ({})", dir.string(), words),
            {}};
  if (status.IsCorruption())
    return {Errc::corrupt,
            fmt::format("{} is damaged ({}): restore a backup", dir.string(), words),
            {}};
  if (status.IsInvalidArgument() || status.IsNotSupported())
    return {Errc::unsupported,
            fmt::format("{} cannot be served by this build ({})", dir.string(), words),
            {}};
  return {Errc::io,
          fmt::format("{} does not open: check that it exists, its owner and the disk ({})",
                      dir.string(), words),
          {}};
}

}  // namespace

// Whether appends may go on. RocksDB's background threads report here too, and may outlive an
// append that fails, so the log shares it with its listener.
class RocksDbLog::Health final : public rocksdb::EventListener {
 public:
  void fail_with(std::string detail) {
    const std::lock_guard lock(mutex_);
    if (failure_) return;  // the first one is the cause
    failure_ = Error{
        Errc::unavailable, "the log stopped: " + std::move(detail) + "; restart to recover", {}};
    failed_.store(true, std::memory_order_release);
  }
  [[nodiscard]] bool failed() const { return failed_.load(std::memory_order_acquire); }
  [[nodiscard]] std::optional<Error> failure() const {
    const std::lock_guard lock(mutex_);
    return failure_;
  }

  void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* status) override {
    log_error("storage_background_error", {{"status", status->ToString()}});
    fail_with(status->ToString());
  }
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status,
                            bool* auto_recovery) override {
    *auto_recovery = false;
  }

 private:
  mutable std::mutex mutex_;
  std::optional<Error> failure_;
  std::atomic<bool> failed_ = false;
};

bool RocksDbLog::exists(const std::filesystem::path& dir, const RocksDbOptions& options) {
  return env_of(options).FileExists((dir / "CURRENT").string()).ok();
}

Result<std::unique_ptr<RocksDbLog>> RocksDbLog::open(const std::filesystem::path& dir,
                                                     const RocksDbOptions& options) {
  if (auto made = create_directory_durably(dir); !made)
    return std::unexpected(std::move(made.error()));
  auto env = rocksdb::NewCompositeEnv(store_files(options));
  rocksdb::Options settings = settings_on(*env, options, StoreAccess::read_write);
  auto health = std::make_shared<Health>();
  settings.listeners.push_back(health);
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(settings, dir.string(), &db);
  if (!status.ok()) return std::unexpected(open_error(dir, status));
  return std::unique_ptr<RocksDbLog>(new RocksDbLog(dir, std::move(health), std::move(env),
                                                    std::unique_ptr<rocksdb::DB>(db), false));
}

// OpenForReadOnly rather than OpenAsSecondary: it checks the logs that the manifest names, needs no
// directory of its own, and replays the write-ahead log as recovery does. A live writer that moves on
// meanwhile makes it fail, at once or at a file that is gone; the manifest then has moved on as well,
// and reading it again succeeds.
Result<std::unique_ptr<RocksDbLog>> RocksDbLog::open_read_only(const std::filesystem::path& dir,
                                                               const RocksDbOptions& options) {
  constexpr int kMovesMax = 64;    // found at once
  constexpr int kFailuresMax = 8;  // found after a replay; a damaged store fails each time
  const auto files = store_files(options);
  rocksdb::Status status;
  int moves = 0;
  int failures = 0;
  while (moves < kMovesMax && failures < kFailuresMax) {
    auto env = rocksdb::NewCompositeEnv(std::make_shared<SettledFileSystem>(files));
    const rocksdb::Options settings = settings_on(*env, options, StoreAccess::read_only);
    rocksdb::DB* db = nullptr;
    status = rocksdb::DB::OpenForReadOnly(settings, dir.string(), &db);
    if (status.ok()) {
      return std::unique_ptr<RocksDbLog>(new RocksDbLog(
          dir, std::make_shared<Health>(), std::move(env), std::unique_ptr<rocksdb::DB>(db), true));
    }
    ++(status.IsBusy() ? moves : failures);
  }
  if (!exists(dir, options))
    return fail(Errc::not_found, fmt::format("{} holds no store", dir.string()));
  return std::unexpected(open_error(dir, status));
}

RocksDbLog::RocksDbLog(std::filesystem::path dir, std::shared_ptr<Health> health,
                       std::unique_ptr<rocksdb::Env> env, std::unique_ptr<rocksdb::DB> db,
                       bool read_only)
    : dir_(std::move(dir)),
      health_(std::move(health)),
      env_(std::move(env)),
      db_(std::move(db)),
      read_only_(read_only) {}

RocksDbLog::~RocksDbLog() = default;

Result<> RocksDbLog::append(std::span<const Batch> batches) {
  if (read_only_) return fail(Errc::unavailable, dir_.string() + " is open for reading only");
  if (health_->failed()) return std::unexpected(*health_->failure());
  std::size_t bytes = 0;
  for (const Batch& batch : batches)
    bytes += batch.bytes() + batch.rows().size() * kRowOverheadBytes;
  rocksdb::WriteBatch write(bytes, 0, kProtectionBytes, 0);
  for (const Row* row : sorted(batches)) {
    const char table = table_byte(row->table);
    const std::array<rocksdb::Slice, 2> key{rocksdb::Slice(&table, 1), rocksdb::Slice(row->key)};
    const rocksdb::Slice value(row->value);
    const rocksdb::Status added =
        row->erase ? write.Delete(rocksdb::SliceParts(key.data(), 2))
                   : write.Put(rocksdb::SliceParts(key.data(), 2), rocksdb::SliceParts(&value, 1));
    CHECK(added.ok(), "{} row of {} bytes: {}", to_string(row->table), row->value.size(),
          added.ToString());
  }
  if (write.Count() == 0) return {};
  rocksdb::WriteOptions options;
  options.sync = true;
  options.protection_bytes_per_key = kProtectionBytes;
  const rocksdb::Status status = db_->Write(options, &write);
  if (status.ok()) return {};
  health_->fail_with(status.ToString());
  return fail(Errc::unknown_outcome, "the log did not take a write: " + status.ToString());
}

Result<std::optional<std::string>> RocksDbLog::get(Table table, std::string_view key) const {
  std::string value;
  const rocksdb::Status status = db_->Get(read_options(), store_key(table, key), &value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return std::unexpected(error_of(status));
  return value;
}

Result<std::vector<KeyValue>> RocksDbLog::scan(Table table, const ScanRange& range) const {
  std::vector<KeyValue> found;
  if (!range.to.empty() && range.from >= range.to) return found;
  Cursor rows(*db_, store_key(table, range.from), store_end(table, range.to));
  if (range.backwards)
    rows->SeekToLast();
  else
    rows->SeekToFirst();
  while (rows->Valid() && found.size() < range.limit) {
    found.push_back({std::string(rows.key()), rows->value().ToString()});
    if (found.size() == range.limit) break;  // a row behind the range need not be readable
    if (range.backwards)
      rows->Prev();
    else
      rows->Next();
  }
  if (!rows->status().ok()) return std::unexpected(error_of(rows->status()));
  return found;
}

Result<std::vector<StoredRecord>> RocksDbLog::read_records(const RunId& run, Sequence from,
                                                           std::size_t bytes_max) const {
  Cursor rows(*db_, store_key(Table::record, run.bytes()),
              store_end(Table::record, prefix_end(run.bytes())), Cursor::Range::records_of_a_run);
  // A whole history needs no step back, which would cost as much again as the read.
  if (from != Sequence(1)) rows->SeekForPrev(store_key(Table::record, record_key(run, from)));
  if (!rows->Valid() && rows->status().ok()) rows->SeekToFirst();
  std::vector<StoredRecord> records;
  for (std::size_t bytes = 0; rows->Valid() && bytes <= bytes_max; rows->Next()) {
    const auto first = parse_record_key(rows.key(), run);
    if (!first) return fail(Errc::corrupt, fmt::format("run {} has a malformed record key", run));
    records.push_back({.first = *first, .bytes = rows->value().ToString()});
    bytes += records.back().bytes.size();
  }
  if (!rows->status().ok()) return std::unexpected(error_of(rows->status()));
  return records;
}

Result<> RocksDbLog::flush() { return flush(true); }

Result<> RocksDbLog::start_flush() {
  constexpr std::uint64_t kWorthAFileBytes = 1ULL << 20;
  std::uint64_t bytes = 0;
  db_->GetIntProperty(rocksdb::DB::Properties::kCurSizeActiveMemTable, &bytes);
  if (bytes < kWorthAFileBytes) return {};
  return flush(false);
}

Result<> RocksDbLog::flush(bool wait) {
  if (read_only_) return fail(Errc::unavailable, dir_.string() + " is open for reading only");
  if (health_->failed()) return std::unexpected(*health_->failure());
  rocksdb::FlushOptions options;
  options.wait = wait;
  options.allow_write_stall = true;  // else it would wait for a better moment
  const rocksdb::Status status = db_->Flush(options);
  if (status.ok()) return {};
  health_->fail_with(status.ToString());
  return std::unexpected(error_of(status));
}

Result<LiveFiles> RocksDbLog::hold_live_files() {
  if (health_->failed()) return std::unexpected(*health_->failure());
  return LiveFiles::hold(*db_);
}

std::optional<Error> RocksDbLog::failure() const { return health_->failure(); }

Error RocksDbLog::error_of(const rocksdb::Status& status) const {
  return {status.IsCorruption() ? Errc::corrupt : Errc::io,
          fmt::format("{}: {}", dir_.string(), status.ToString()),
          {}};
}

}  // namespace reprise
