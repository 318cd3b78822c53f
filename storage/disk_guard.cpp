#include "storage/disk_guard.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "storage/posix_file.hpp"

namespace reprise {
namespace {

// The disk space that `path` holds; 0 when there is no such file.
std::uint64_t bytes_of_file(const std::filesystem::path& path) {
  std::error_code error;
  const std::uintmax_t bytes = std::filesystem::file_size(path, error);
  return error ? 0 : bytes;
}

}  // namespace

std::string_view to_string(DiskLevel level) noexcept {
  switch (level) {
    case DiskLevel::ok: return "ok";
    case DiskLevel::no_new_runs: return "no_new_runs";
    case DiskLevel::read_only: return "read_only";
  }
  return "unknown";
}

Result<DiskSpace> read_disk_space(const std::filesystem::path& path) {
  struct statvfs stats{};
  if (::statvfs(path.c_str(), &stats) != 0)
    return fail(Errc::io, fmt::format("statvfs {}: {}", path.string(),
                                      std::generic_category().message(errno)));
  return DiskSpace{.bytes_free = std::uint64_t{stats.f_bavail} * stats.f_frsize,
                   .bytes_total = std::uint64_t{stats.f_blocks} * stats.f_frsize};
}

std::uint64_t DiskThreshold::bytes_of(std::uint64_t bytes_total) const {
  const auto wanted = static_cast<std::uint64_t>(static_cast<double>(bytes_total) * share);
  return std::clamp(wanted, bytes_min, bytes_max);
}

DiskGuard::DiskGuard(std::filesystem::path dir, DiskGuardOptions options)
    : dir_(std::move(dir)), reserve_(dir_ / "RESERVE"), options_(std::move(options)) {}

Result<DiskLevel> DiskGuard::check() {
  auto space = options_.read_space(dir_);
  if (!space) return std::unexpected(std::move(space.error()));
  const std::uint64_t reserve_bytes = options_.reserve.bytes_of(space->bytes_total);
  const std::uint64_t held = bytes_of_file(reserve_);
  const std::uint64_t owed = reserve_bytes > held ? reserve_bytes - held : 0;
  space->bytes_free -= std::min(owed, space->bytes_free);
  const DiskLevel level = level_at(*space);
  level_.store(level, std::memory_order_relaxed);

  if (level == DiskLevel::read_only) {
    std::error_code error;
    std::filesystem::remove(reserve_, error);
    if (error)
      return fail(Errc::io, fmt::format("remove {}: {}", reserve_.string(), error.message()));
  } else if (level == DiskLevel::ok && owed > 0) {
    if (auto kept = keep_reserve(reserve_bytes); !kept) return std::unexpected(kept.error());
  }
  return level;
}

DiskLevel DiskGuard::level_at(const DiskSpace& space) const {
  if (space.bytes_free < options_.read_only.bytes_of(space.bytes_total))
    return DiskLevel::read_only;
  if (space.bytes_free < options_.no_new_runs.bytes_of(space.bytes_total))
    return DiskLevel::no_new_runs;
  return DiskLevel::ok;
}

Result<> DiskGuard::keep_reserve(std::uint64_t bytes) {
  auto file = PosixFile::open(reserve_, O_WRONLY | O_CREAT);
  if (!file) return std::unexpected(std::move(file.error()));
  return file->allocate(bytes);
}

}  // namespace reprise
