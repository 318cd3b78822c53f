// Backups: makes backups of the store that is being served, one at a time, on a thread of its own.
//
// Guarantees: a backup holds everything that was acknowledged before start() was called. Appends wait
//             for nothing. stop() breaks off the one that is being made; nothing of it is seen.
// Thread:     start(), find() and all() from any, and they do not wait for a backup; open() and stop()
//             from the owner's.
// Errors:     start(): invalid_argument (name), already_exists, conflict (one is being made, or
//             stopping). How it ended is its info's to say.        Why: ADR-0017.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "storage/backup_folder.hpp"

namespace reprise {

enum class BackupState : unsigned char { running, complete, failed };

std::string_view to_string(BackupState state) noexcept;

struct BackupInfo {
  std::string name;
  BackupState state = BackupState::running;
  UtcTime created_at;
  std::string reason;  // of one that failed
  // Of one that is complete:
  std::string store;
  GroupNumber group;  // the last in it
  std::size_t files = 0;
  std::uint64_t bytes = 0;
};

// What it works on. All of it outlives it.
struct BackupsParts {
  RocksDbLog& log;
  std::filesystem::path floor;  // the durable floor's
  const Clock& clock = system_clock();
};

class Backups {
 public:
  static Result<std::unique_ptr<Backups>> open(std::filesystem::path folder, BackupsParts parts);
  ~Backups() { stop(); }
  Backups(const Backups&) = delete;
  Backups& operator=(const Backups&) = delete;

  // Begins a backup. An empty name: one is made of the time. `keep`: afterwards all but so many of
  // this store's are removed, oldest first; nothing: none is.
  Result<BackupInfo> start(std::string name, std::optional<std::size_t> keep);

  // Of this name: the one that is being made, or failed last, or one in the folder.
  [[nodiscard]] std::optional<BackupInfo> find(const std::string& name);
  // Those in the folder, of any store, oldest first; then the one that failed last, and the one that
  // is being made.
  [[nodiscard]] Result<std::vector<BackupInfo>> all();

  void stop();

 private:
  Backups(BackupFolder folder, BackupsParts parts) : folder_(std::move(folder)), parts_(parts) {}
  void make(BackupInfo info, std::optional<std::size_t> keep, const std::stop_token& stop);
  Result<MadeBackup> make_one(const BackupInfo& info, const std::stop_token& stop) const;
  Result<> refresh();  // mutex_ is held

  const BackupFolder folder_;
  const BackupsParts parts_;

  std::mutex mutex_;                  // guards all below
  std::vector<BackupInfo> complete_;  // as of `folder_read_`
  std::filesystem::file_time_type folder_read_;
  std::optional<BackupInfo> running_;
  std::optional<BackupInfo> failed_;  // the last one to end, if it failed
  bool stopping_ = false;
  std::jthread thread_;  // of the last one
};

}  // namespace reprise
