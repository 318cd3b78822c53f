// DiskModel: what of a directory's files is safe on the disk, and what only the page cache holds.
//
// Guarantees: as little as POSIX promises: bytes are safe once their file was synced; a created,
//             renamed or removed name once its directory was synced. `kill -9` cannot show this,
//             because the page cache survives it. Sectors of an unsynced write into a write-ahead
//             log reach the disk in any order; other files grow, and so far as they were written.
// Thread:     any; an image is of one moment.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace reprise::testing {

// What a power loss leaves of bytes that were written but not synced.
enum class Tail : unsigned char {
  lost,       // none of them, and no unsynced name
  kept,       // all of them, and all names
  cut_512,    // those of each write up to its last sector
  cut_4096,   // those of each write up to its last page
  torn_512,   // any of their sectors, of logs; of other files as cut_512
  torn_4096,  // any of their pages, likewise
  garbage,    // other bytes, and more than there were; logs may end in garbage at any time
};

std::string to_string(Tail tail);

class DiskModel {
 public:
  using Path = std::filesystem::path;

  // Each runs `operation`, which does it to the real file, and notes what it changed; whatever
  // the operation answers is returned, and nothing is noted unless that is ok().
  template <typename Operation>
  auto create(const Path& path, Operation operation) {
    return noted(operation, [&] { created(path); });
  }
  template <typename Operation>
  auto append(const Path& path, std::uint64_t bytes, Operation operation) {
    return noted(operation, [&] { written(path, files_[path].bytes, bytes); });
  }
  template <typename Operation>
  auto write_at(const Path& path, std::uint64_t offset, std::uint64_t bytes, Operation operation) {
    return noted(operation, [&] { written(path, offset, bytes); });
  }
  template <typename Operation>
  auto truncate(const Path& path, std::uint64_t bytes, Operation operation) {
    return noted(operation, [&] { truncated(path, bytes); });
  }
  template <typename Operation>
  auto sync(const Path& path, Operation operation) {
    return noted(operation, [&] { synced(path); });
  }
  template <typename Operation>
  auto sync_names(const Path& dir, Operation operation) {
    return noted(operation, [&] { names_synced(dir); });
  }
  template <typename Operation>
  auto rename(const Path& from, const Path& to, Operation operation) {
    const std::lock_guard lock(mutex_);
    auto from_before = before(from);
    auto to_before = before(to);
    auto answer = operation();
    if (answer.ok()) renamed(from, std::move(from_before), to, std::move(to_before));
    return answer;
  }
  template <typename Operation>
  auto remove(const Path& path, Operation operation) {
    const std::lock_guard lock(mutex_);
    auto content = before(path);
    auto answer = operation();
    if (answer.ok()) removed(path, std::move(content));
    return answer;
  }

  // Writes into the new directory `to` what a power loss now would leave of the files in `from`;
  // `seed` chooses among the sectors and pages of a torn tail.
  void power_loss_image(const Path& from, const Path& to, Tail tail, std::uint64_t seed = 0) const;

 private:
  struct Write {
    std::uint64_t offset;
    std::uint64_t bytes;
  };
  struct File {
    std::uint64_t bytes = 0;
    std::string safe;  // its content on the disk
    std::vector<Write> unsynced;
  };

  template <typename Operation, typename Note>
  auto noted(Operation& operation, Note note) {
    const std::lock_guard lock(mutex_);
    auto answer = operation();
    if (answer.ok()) note();
    return answer;
  }
  void created(const Path& path);
  void written(const Path& path, std::uint64_t offset, std::uint64_t bytes);
  void synced(const Path& path);
  void truncated(const Path& path, std::uint64_t bytes);
  void names_synced(const Path& dir);
  void renamed(const Path& from, std::optional<std::string> from_before, const Path& to,
               std::optional<std::string> to_before);
  void removed(const Path& path, std::optional<std::string> content);
  [[nodiscard]] std::optional<std::string> before(const Path& path) const;
  [[nodiscard]] static std::string remains(const Path& path, const File& file, Tail tail,
                                           std::uint64_t seed);

  mutable std::mutex mutex_;  // held while an operation runs, so that an image is of one moment
  std::map<Path, File> files_;
  // Names that changed since their directory was synced, with what the disk still has there.
  std::map<Path, std::optional<std::string>> unsynced_names_;
};

}  // namespace reprise::testing
