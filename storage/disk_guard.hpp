// DiskGuard: stops taking work before the disk is full, because a full disk ends the process.
//
// Guarantees: the level falls while there is still space for what was accepted, and for recovery: a
//             reserve file is given back when the store becomes read-only. The space that the
//             reserve wants back never counts as free, so giving it back does not raise the level.
// Thread:     check() from one thread; level() from anywhere.
// Units:      bytes.        Errors: io; the level then stays as it was.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string_view>

#include "base/result.hpp"

namespace reprise {

enum class DiskLevel : unsigned char {
  ok,
  no_new_runs,  // runs that exist go on
  read_only,    // nothing is written
};

std::string_view to_string(DiskLevel level) noexcept;

struct DiskSpace {
  std::uint64_t bytes_free = 0;  // to this process
  std::uint64_t bytes_total = 0;
};

using ReadDiskSpace = std::function<Result<DiskSpace>(const std::filesystem::path&)>;

// statvfs(3).
Result<DiskSpace> read_disk_space(const std::filesystem::path& path);

// How much must be free: a share of the disk, within two sizes. 10 % of a large disk is more than
// anyone wants to leave empty; 10 % of a small one is less than what a flush takes.
struct DiskThreshold {
  double share = 0;
  std::uint64_t bytes_min = 0;
  std::uint64_t bytes_max = UINT64_MAX;
  [[nodiscard]] std::uint64_t bytes_of(std::uint64_t bytes_total) const;
};

struct DiskGuardOptions {
  DiskThreshold no_new_runs{.share = 0.10, .bytes_min = 256ULL << 20, .bytes_max = 4ULL << 30};
  DiskThreshold read_only{.share = 0.05, .bytes_min = 128ULL << 20, .bytes_max = 1ULL << 30};
  DiskThreshold reserve{.share = 0.01, .bytes_max = 64ULL << 20};
  ReadDiskSpace read_space = read_disk_space;
};

class DiskGuard {
 public:
  // Guards the disk that holds `dir`; the reserve file lies in `dir`.
  explicit DiskGuard(std::filesystem::path dir, DiskGuardOptions options = {});

  // Measures, gives the reserve back or takes it again, and returns the new level.
  Result<DiskLevel> check();

  [[nodiscard]] DiskLevel level() const { return level_.load(std::memory_order_relaxed); }

 private:
  [[nodiscard]] DiskLevel level_at(const DiskSpace& space) const;
  Result<> keep_reserve(std::uint64_t bytes);

  const std::filesystem::path dir_;
  const std::filesystem::path reserve_;
  const DiskGuardOptions options_;
  std::atomic<DiskLevel> level_ = DiskLevel::ok;
};

}  // namespace reprise
