// PosixFile: a file descriptor with an owner, and the few calls that durability needs.
//
// Guarantees: what a function names "durably" survives a power loss when it has returned.
// Errors:     io, with the path and the system's words.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.hpp"

namespace reprise {

class PosixFile {
 public:
  // `flags` as for open(2); O_CLOEXEC is added. Not there: not_found.
  static Result<PosixFile> open(const std::filesystem::path& path, int flags);

  PosixFile(PosixFile&& other) noexcept
      : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}
  PosixFile& operator=(PosixFile&& other) noexcept;
  ~PosixFile();

  // Up to `bytes` bytes at `offset`; fewer only at the end of the file.
  [[nodiscard]] Result<std::string> read_at(std::uint64_t offset, std::size_t bytes) const;
  Result<> write_at(std::uint64_t offset, std::string_view bytes);
  // fdatasync(2).
  Result<> sync_data();
  // Takes `bytes` of disk space for the file, and makes it that long.
  Result<> allocate(std::uint64_t bytes);
  // flock(2): this file for this process alone, until it is closed. False: another one has it.
  Result<bool> try_lock();

 private:
  PosixFile(std::filesystem::path path, int fd) : path_(std::move(path)), fd_(fd) {}

  std::filesystem::path path_;
  int fd_ = -1;
};

// Makes the entries of `dir` (created, renamed and removed names) durable.
Result<> sync_directory(const std::filesystem::path& dir);

// Creates `dir`, and whatever is missing above it, durably. Nothing to do: fine.
Result<> create_directory_durably(const std::filesystem::path& dir);

// Puts a file with `contents` at `path`, durably; a reader finds the old file or the new one whole.
Result<> replace_file_durably(const std::filesystem::path& path, std::string_view contents);

}  // namespace reprise
