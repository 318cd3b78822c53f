#include "storage/testing/posix_disk.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdarg>
#include <cstdio>
#include <string>
#include <utility>

#include "base/check.hpp"

namespace reprise::testing {
namespace {

using Kind = DiskOperation::Kind;

std::atomic<PosixDisk*> watching = nullptr;

// The answer of a system call, as a DiskModel asks for it.
struct Answer {
  long value;
  [[nodiscard]] bool ok() const { return value >= 0; }
};

std::filesystem::path path_of(int fd) {
  std::array<char, PATH_MAX> target{};
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  const ssize_t bytes = ::readlink(link.c_str(), target.data(), target.size());
  return bytes < 0 ? std::string() : std::string(target.data(), static_cast<std::size_t>(bytes));
}

// Does `call`, noted as `operation` when `disk` holds its path.
template <typename Call>
long noted(PosixDisk* disk, DiskOperation operation, Call call) {
  if (disk == nullptr || !disk->holds(operation.path)) return call();
  return disk->disk().perform(std::move(operation), [&] { return Answer{call()}; }).value;
}

long open_noted(const char* path, int flags, mode_t mode) {
  const auto call = [&] { return ::syscall(SYS_openat, AT_FDCWD, path, flags, mode); };
  PosixDisk* const disk = watching.load();
  if (disk == nullptr || (flags & (O_CREAT | O_TRUNC)) == 0) return call();
  const bool changes = (flags & O_TRUNC) != 0 || ::access(path, F_OK) != 0;
  if (!changes) return call();
  return noted(disk, {.kind = Kind::create, .path = path}, call);
}

long sync_noted(long number, int fd) {
  const auto call = [&] { return ::syscall(number, fd); };
  PosixDisk* const disk = watching.load();
  if (disk == nullptr) return call();
  const std::filesystem::path path = path_of(fd);
  if (path != disk->dir()) return noted(disk, {.kind = Kind::sync, .path = path}, call);
  return disk->disk()
      .perform({.kind = Kind::sync_names, .path = path}, [&] { return Answer{call()}; })
      .value;
}

}  // namespace

PosixDisk::PosixDisk(std::filesystem::path dir, std::shared_ptr<DiskModel> disk)
    : dir_(std::move(dir)), disk_(std::move(disk)) {
  PosixDisk* nobody = nullptr;
  CHECK(watching.compare_exchange_strong(nobody, this), "{} is not the only one", dir_.string());
}

PosixDisk::~PosixDisk() { watching = nullptr; }

}  // namespace reprise::testing

// The system's calls, under their own names: the linker takes these.
extern "C" {

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  return static_cast<int>(reprise::testing::open_noted(path, flags, mode));
}

ssize_t pwrite(int fd, const void* bytes, size_t count, off_t offset) {
  using namespace reprise::testing;
  const auto call = [&] { return ::syscall(SYS_pwrite64, fd, bytes, count, offset); };
  PosixDisk* const disk = watching.load();
  if (disk == nullptr) return call();
  return noted(disk,
               {.path = path_of(fd),
                .offset = static_cast<std::uint64_t>(offset),
                .bytes = std::string(static_cast<const char*>(bytes), count)},
               call);
}

int fdatasync(int fd) { return static_cast<int>(reprise::testing::sync_noted(SYS_fdatasync, fd)); }

int fsync(int fd) { return static_cast<int>(reprise::testing::sync_noted(SYS_fsync, fd)); }

int rename(const char* from, const char* to) noexcept {
  using namespace reprise::testing;
  return static_cast<int>(noted(watching.load(), {.kind = Kind::rename, .path = from, .to = to},
                                [&] { return ::syscall(SYS_rename, from, to); }));
}
}
