// BackupFolder: a directory of backups, each a whole copy of a store as it was at one moment.
//
//   FOLDER/NAME/backup.manifest   what it holds: backup_manifest.hpp
//   FOLDER/NAME/log/ floor        a data directory, as in data_dir.hpp
//   FOLDER/.unfinished-NAME       what is being made, or was when its process ended
//   FOLDER/.removed-NAME          what is being removed
//   FOLDER/.lock
//
// Guarantees: a backup that is there under its name is whole and synced. It holds every append that
//             returned before create() was called. A table file that the last backup of the same
//             store has as well is a hard link to that copy, once its bytes have been read and are
//             still right; never to the store's own file. A table that is not what RocksDB
//             wrote is not copied: the backup fails.
//             One at a time, over all processes.
// Thread:     create() and prune() block, from one thread; list() from any.
// Errors:     invalid_argument (name, or a folder that is none), already_exists, conflict (another
//             backup is being made), overloaded (no space), corrupt (a damaged file, by its name),
//             cancelled (told to stop), io.        Why: ADR-0017.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "storage/backup_manifest.hpp"
#include "storage/disk_guard.hpp"
#include "storage/rocksdb_log.hpp"

namespace reprise {

struct BackupPlan {
  std::string name;
  UtcTime created;
  // Of the copied log: its last group. Checks on the way what can be checked of it.
  std::function<Result<FloorMark>(const EventLog&)> position;
};

struct MadeBackup {
  BackupManifest manifest;
  std::uint64_t bytes_copied = 0;  // the rest is shared with the backup before
};

class BackupFolder {
 public:
  // Makes the directory if it is not there.
  static Result<BackupFolder> open(std::filesystem::path root,
                                   ReadDiskSpace read_space = read_disk_space);

  // Whether a backup may be made under this name.
  [[nodiscard]] Result<> check_name(const std::string& name) const;

  Result<MadeBackup> create(RocksDbLog& log, const BackupPlan& plan,
                            const std::stop_token& stop = {}) const;

  // All backups, of any store, oldest first. One that cannot be read is left out, and logged.
  [[nodiscard]] Result<std::vector<BackupManifest>> list() const;

  // Removes all but the newest `keep` backups of a store, and gives the names of the removed.
  Result<std::vector<std::string>> prune(const std::string& store, std::size_t keep) const;

  [[nodiscard]] const std::filesystem::path& root() const { return root_; }

 private:
  BackupFolder(std::filesystem::path root, ReadDiskSpace read_space)
      : root_(std::move(root)), read_space_(std::move(read_space)) {}
  Result<PosixFile> lock() const;
  void remove_leftovers() const;

  std::filesystem::path root_;
  ReadDiskSpace read_space_;
};

// The manifest of the backup in `dir`; not_found when there is none.
Result<BackupManifest> read_backup_manifest(const std::filesystem::path& dir);

// Copies the files of a backup into the new directory `to`, durably, each checked against the
// manifest. Errors: corrupt, with the file's path.
Result<> copy_backup(const std::filesystem::path& dir, const BackupManifest& manifest,
                     const std::filesystem::path& to);

}  // namespace reprise
