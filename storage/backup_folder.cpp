#include "storage/backup_folder.hpp"

#include <fcntl.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "base/log.hpp"
#include "storage/copy_file.hpp"
#include "storage/data_dir.hpp"
#include "storage/posix_file.hpp"
#include "storage/store_identity.hpp"

namespace reprise {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kUnfinished = ".unfinished-";
constexpr std::string_view kRemoved = ".removed-";

std::unexpected<Error> io_failure(const fs::path& path, const char* what,
                                  const std::error_code& error) {
  return fail(Errc::io, fmt::format("{} {}: {}", what, path.string(), error.message()));
}

Result<> rename_durably(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::rename(from, to, error);
  if (error) return io_failure(to, "rename", error);
  return sync_directory(to.parent_path());
}

// Best effort: what stays is removed before the next backup.
void clear_away(const fs::path& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) log_warning("backup_leftover", {{"path", path.string()}, {"reason", error.message()}});
}

std::unexpected<Error> damaged(const fs::path& path, std::string_view what) {
  return fail(Errc::corrupt, fmt::format("{} is damaged: {}", path.string(), what));
}

// One backup while it is made.
class Draft {
 public:
  Draft(fs::path dir, const std::stop_token& stop) : dir_(std::move(dir)), stop_(stop) {}

  [[nodiscard]] std::uint64_t bytes_copied() const { return bytes_copied_; }

  Result<> create_folders() const {
    std::error_code error;
    fs::create_directories(dir_.log(), error);
    if (error) return io_failure(dir_.log(), "mkdir", error);
    return {};
  }

  // Tables of `from` are shared with the backup in `before`, where it has them.
  Result<> take(const LiveFiles& from, const std::optional<fs::path>& before) {
    for (const LiveFile& file : from.all())
      if (Result<> taken = take_file(from.directory(), file, before); !taken) return taken;
    return {};
  }

  Result<> set_floor(const FloorMark& mark) {
    if (Result<> set = DurableFloor::reset(dir_.floor(), mark); !set) return set;
    std::error_code error;
    const std::uint64_t bytes = fs::file_size(dir_.floor(), error);
    if (error) return io_failure(dir_.floor(), "stat", error);
    return list_file("floor", bytes, digest_of_file(dir_.floor(), bytes));
  }

  // Writes the manifest; everything is on the disk then.
  Result<> finish(BackupManifest& manifest) {
    manifest.files = std::move(files_);
    std::ranges::sort(manifest.files, {}, &BackupFile::path);
    const fs::path path = dir_.root() / BackupManifest::kFileName;
    if (Result<> written = replace_file_durably(path, encode_backup_manifest(manifest)); !written)
      return written;
    if (Result<> synced = sync_directory(dir_.log()); !synced) return synced;
    return sync_directory(dir_.root());
  }

 private:
  Result<> take_file(const fs::path& store, const LiveFile& file,
                     const std::optional<fs::path>& before) {
    const fs::path to = dir_.log() / file.name;
    if (!file.contents.empty()) {
      if (Result<> written = replace_file_durably(to, file.contents); !written) return written;
      return list_file("log/" + file.name, file.contents.size(), digest_of(file.contents));
    }
    if (file.is_table && file.digest && before && share(*before / "log" / file.name, file, to))
      return list_file("log/" + file.name, file.bytes, *file.digest);
    const Result<Digest> digest = copy_file_durably(store / file.name, file.bytes, to, stop_);
    if (digest && file.digest && *digest != *file.digest)
      return damaged(store / file.name, "its bytes are not those that were written");
    bytes_copied_ += file.bytes;
    return list_file("log/" + file.name, file.bytes, digest);
  }

  // A hard link, if the copy is there and still right, and the file system can do it.
  bool share(const fs::path& copy, const LiveFile& file, const fs::path& to) const {
    std::error_code error;
    if (!fs::exists(copy, error) || fs::file_size(copy, error) != file.bytes) return false;
    const Result<Digest> digest = digest_of_file(copy, file.bytes, stop_);
    if (!digest || *digest != *file.digest) {
      if (!stop_.stop_requested())
        log_warning("backup_damaged", {{"path", copy.string()}, {"copied", "anew"}});
      return false;
    }
    fs::create_hard_link(copy, to, error);
    return !error;
  }

  Result<> list_file(std::string path, std::uint64_t bytes, const Result<Digest>& digest) {
    if (!digest) return std::unexpected(digest.error());
    files_.push_back({.path = std::move(path), .bytes = bytes, .digest = *digest});
    return {};
  }

  const DataDir dir_;
  const std::stop_token stop_;
  std::vector<BackupFile> files_;
  std::uint64_t bytes_copied_ = 0;
};

// What the copy says of itself; opening it replays its write-ahead log.
Result<FloorMark> position_of(const DataDir& copy, const BackupPlan& plan) {
  Result<std::unique_ptr<RocksDbLog>> log = RocksDbLog::open_read_only(copy.log());
  if (!log) return std::unexpected(std::move(log.error()));
  return plan.position(**log);
}

Result<std::string> store_id_of(const EventLog& log) {
  Result<std::optional<StoreIdentity>> identity = read_store_identity(log);
  if (!identity) return std::unexpected(std::move(identity.error()));
  if (!*identity) return fail(Errc::corrupt, "the store has no id: serve it once");
  return std::move((*identity)->id);
}

// A full disk ends the server that writes there as well.
Result<> check_space(const fs::path& root, const LiveFiles& files, const ReadDiskSpace& read) {
  std::uint64_t bytes = 0;
  for (const LiveFile& file : files.all()) bytes += file.bytes;
  const Result<DiskSpace> space = read(root);
  if (!space) return std::unexpected(space.error());
  const std::uint64_t left_free = DiskGuardOptions().no_new_runs.bytes_of(space->bytes_total);
  if (space->bytes_free >= bytes + left_free) return {};
  constexpr unsigned kRetryAfterS = 60;
  return std::unexpected(Error{
      .code = Errc::overloaded,
      .detail =
          fmt::format("{} has {} MiB free; a backup may take {} MiB, and {} MiB stay "
                      "free: remove old backups, or choose a larger disk",
                      root.string(), space->bytes_free >> 20, (bytes >> 20) + 1, left_free >> 20),
      .field = {},
      .retry_after_s = kRetryAfterS});
}

}  // namespace

Result<BackupFolder> BackupFolder::open(fs::path root, ReadDiskSpace read_space) {
  if (Result<> made = create_directory_durably(root); !made)
    return std::unexpected(std::move(made.error()));
  return BackupFolder(std::move(root), std::move(read_space));
}

Result<PosixFile> BackupFolder::lock() const {
  Result<PosixFile> file = PosixFile::open(root_ / ".lock", O_RDWR | O_CREAT);
  if (!file) return file;
  const Result<bool> locked = file->try_lock();
  if (!locked) return std::unexpected(locked.error());
  if (!*locked)
    return fail(Errc::conflict, "another backup is being made in this folder: wait for it");
  return file;
}

void BackupFolder::remove_leftovers() const {
  std::error_code error;
  std::vector<fs::path> leftovers;
  for (const auto& entry : fs::directory_iterator(root_, error)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(kUnfinished) || name.starts_with(kRemoved))
      leftovers.push_back(entry.path());
  }
  for (const fs::path& path : leftovers) clear_away(path);
}

Result<> BackupFolder::check_name(const std::string& name) const {
  if (!is_backup_name(name))
    return fail(Errc::invalid_argument,
                "a backup's name has 1 to 64 letters, digits, '.', '_' and '-', and begins with a "
                "letter or a digit",
                "name");
  std::error_code error;
  if (fs::exists(root_ / name, error))
    return fail(Errc::already_exists, "there is a backup " + name + " already", "name");
  return {};
}

Result<MadeBackup> BackupFolder::create(RocksDbLog& log, const BackupPlan& plan,
                                        const std::stop_token& stop) const {
  if (Result<> ok = check_name(plan.name); !ok) return std::unexpected(std::move(ok.error()));
  const Result<PosixFile> locked = lock();
  if (!locked) return std::unexpected(locked.error());
  remove_leftovers();

  MadeBackup made;
  Result<std::string> store = store_id_of(log);
  if (!store) return std::unexpected(std::move(store.error()));
  made.manifest = {
      .name = plan.name, .store = *store, .created = plan.created, .position = {}, .files = {}};
  const Result<std::vector<BackupManifest>> others = list();
  if (!others) return std::unexpected(others.error());
  std::optional<fs::path> before;  // the newest of this store
  for (const BackupManifest& other : *others)
    if (other.store == *store) before = root_ / other.name;

  const fs::path unfinished = root_ / (std::string(kUnfinished) + plan.name);
  Draft draft(unfinished, stop);
  const auto fill = [&]() -> Result<> {
    if (Result<> ok = draft.create_folders(); !ok) return ok;
    {
      Result<LiveFiles> live = log.hold_live_files();
      if (!live) return std::unexpected(std::move(live.error()));
      if (Result<> ok = check_space(root_, *live, read_space_); !ok) return ok;
      if (Result<> ok = draft.take(*live, before); !ok) return ok;
    }
    Result<FloorMark> position = position_of(DataDir(unfinished), plan);
    if (!position) return std::unexpected(std::move(position.error()));
    made.manifest.position = *position;
    if (Result<> ok = draft.set_floor(*position); !ok) return ok;
    if (Result<> ok = draft.finish(made.manifest); !ok) return ok;
    return rename_durably(unfinished, root_ / plan.name);
  };
  if (Result<> filled = fill(); !filled) {
    clear_away(unfinished);
    return std::unexpected(std::move(filled.error()));
  }
  made.bytes_copied = draft.bytes_copied();
  return made;
}

Result<std::vector<BackupManifest>> BackupFolder::list() const {
  std::vector<BackupManifest> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(root_, error)) {
    const std::string name = entry.path().filename().string();
    if (!is_backup_name(name) || !entry.is_directory(error)) continue;
    Result<BackupManifest> manifest = read_backup_manifest(entry.path());
    if (manifest) {
      manifest->name = name;  // it may have been renamed
      found.push_back(std::move(*manifest));
    } else if (manifest.error().code != Errc::not_found) {
      log_warning("backup_unreadable",
                  {{"path", entry.path().string()}, {"reason", manifest.error().detail}});
    }
  }
  if (error) return io_failure(root_, "list", error);
  std::ranges::sort(found, {}, [](const BackupManifest& manifest) {
    return std::pair(manifest.created, manifest.name);
  });
  return found;
}

Result<std::vector<std::string>> BackupFolder::prune(const std::string& store,
                                                     std::size_t keep) const {
  const Result<PosixFile> locked = lock();
  if (!locked) return std::unexpected(locked.error());
  const Result<std::vector<BackupManifest>> all = list();
  if (!all) return std::unexpected(all.error());
  std::vector<std::string> names;
  for (const BackupManifest& manifest : *all)
    if (manifest.store == store) names.push_back(manifest.name);
  names.resize(names.size() - std::min(names.size(), keep));
  for (const std::string& name : names) {
    const fs::path removed = root_ / (std::string(kRemoved) + name);
    if (Result<> ok = rename_durably(root_ / name, removed); !ok)
      return std::unexpected(std::move(ok.error()));
    clear_away(removed);
  }
  return names;
}

Result<BackupManifest> read_backup_manifest(const fs::path& dir) {
  const fs::path path = dir / BackupManifest::kFileName;
  Result<PosixFile> file = PosixFile::open(path, O_RDONLY);
  if (!file && file.error().code == Errc::not_found)
    return fail(Errc::not_found, dir.string() + " holds no backup: it has no " +
                                     std::string(BackupManifest::kFileName));
  if (!file) return std::unexpected(std::move(file.error()));
  std::error_code error;
  const std::uint64_t bytes = fs::file_size(path, error);
  if (error) return io_failure(path, "stat", error);
  constexpr std::size_t kManifestBytesMax = 64U << 20U;
  if (bytes > kManifestBytesMax) return fail(Errc::corrupt, path.string() + " is too large");
  const Result<std::string> text = file->read_at(0, bytes);
  if (!text) return std::unexpected(text.error());
  Result<BackupManifest> manifest = parse_backup_manifest(*text);
  if (!manifest) return fail(manifest.error().code, path.string() + ": " + manifest.error().detail);
  return manifest;
}

Result<> copy_backup(const fs::path& dir, const BackupManifest& manifest, const fs::path& to) {
  std::error_code error;
  fs::create_directories(DataDir(to).log(), error);
  if (error) return io_failure(to, "mkdir", error);
  for (const BackupFile& file : manifest.files) {
    const fs::path from = dir / file.path;
    const std::uint64_t bytes = fs::file_size(from, error);
    if (error) return damaged(from, error.message());
    if (bytes != file.bytes)
      return damaged(from, fmt::format("it has {} bytes, the manifest says {}", bytes, file.bytes));
    const Result<Digest> digest = copy_file_durably(from, bytes, to / file.path);
    if (!digest) return std::unexpected(digest.error());
    if (*digest != file.digest) return damaged(from, "its bytes are not those of the backup");
  }
  if (Result<> synced = sync_directory(DataDir(to).log()); !synced) return synced;
  return sync_directory(to);
}

}  // namespace reprise
