// DiskModel: what of a directory's files is safe on the disk, and what only the page cache holds.
//
// Guarantees: as little as POSIX promises: bytes are safe once their file was synced; a created,
//             renamed or removed name once its directory was synced. `kill -9` cannot show this,
//             because the page cache survives it. Sectors of an unsynced write into a write-ahead
//             log reach the disk in any order; other files grow, and so far as they were written.
//             Directories are there for ever. All of it is kept in memory: the model needs no file.
// Thread:     any; an image is of one moment.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "storage/testing/disk_operation.hpp"

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

inline constexpr std::array kTails{Tail::lost,     Tail::kept,      Tail::cut_512, Tail::cut_4096,
                                   Tail::torn_512, Tail::torn_4096, Tail::garbage};

std::string to_string(Tail tail);

// The files of one directory, by name.
using DiskImage = std::map<std::string, std::string>;

// Writes the files into the directory `to` of this machine, which is made when it is missing.
void write_image(const DiskImage& image, const std::filesystem::path& to);

class DiskModel {
 public:
  using Path = std::filesystem::path;

  // Runs `work`, which does `operation` to the real file, and notes what it changed; whatever
  // `work` answers is returned, and nothing is noted unless that is ok().
  template <typename Work>
  auto perform(DiskOperation operation, Work work) {
    const std::lock_guard lock(mutex_);
    auto answer = work();
    if (answer.ok()) note(std::move(operation));
    return answer;
  }

  // The same of an append: at the end of the file, wherever that is.
  template <typename Work>
  auto append(const Path& path, std::string bytes, Work work) {
    const std::lock_guard lock(mutex_);
    auto answer = work();
    if (answer.ok())
      note({.path = path, .offset = files_[path].now.size(), .bytes = std::move(bytes)});
    return answer;
  }

  // What `operation` does, noted only.
  void apply(const DiskOperation& operation);

  // Hears of each operation that was done, in their order.
  void when_done(std::function<void(const DiskOperation&)> listener);

  // Puts the files into `dir`, safe.
  void install(const Path& dir, const DiskImage& image);

  // What a power loss now would leave of the files in `dir`; `seed` chooses among the sectors and
  // pages of a torn tail, and the garbage.
  [[nodiscard]] DiskImage power_loss_image(const Path& dir, Tail tail,
                                           std::uint64_t seed = 0) const;

 private:
  struct Write {
    std::uint64_t offset;
    std::uint64_t bytes;
  };
  struct File {
    std::string now;   // its content as a reader sees it
    std::string safe;  // its content on the disk
    std::vector<Write> unsynced;
    bool cut = false;  // since it was synced
  };

  void note(DiskOperation operation);
  void change(const DiskOperation& operation);
  void create(const Path& path);
  void write(File& file, std::uint64_t offset, const std::string& bytes);
  void truncate(File& file, std::uint64_t bytes);
  void sync(File& file);
  void sync_names(const Path& dir);
  void rename(const Path& from, const Path& to);
  void remove(const Path& path);
  [[nodiscard]] std::optional<std::string> safe_content(const Path& path) const;
  [[nodiscard]] static std::string remains(const Path& path, const File& file, Tail tail,
                                           std::uint64_t seed);

  mutable std::mutex mutex_;  // held while an operation runs, so that an image is of one moment
  std::map<Path, File> files_;
  // Names that changed since their directory was synced, with what the disk still has there.
  std::map<Path, std::optional<std::string>> unsynced_names_;
  std::function<void(const DiskOperation&)> listener_;
};

}  // namespace reprise::testing
