#include "storage/posix_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace reprise {
namespace {

std::unexpected<Error> io_failure(const std::filesystem::path& path, const char* call, int error) {
  return fail(
      error == ENOENT ? Errc::not_found : Errc::io,
      fmt::format("{} {}: {}", call, path.string(), std::generic_category().message(error)));
}

}  // namespace

Result<PosixFile> PosixFile::open(const std::filesystem::path& path, int flags) {
  constexpr int kOwnerOnly = 0600;
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC, kOwnerOnly);
  if (fd < 0) return io_failure(path, "open", errno);
  return PosixFile(path, fd);
}

PosixFile& PosixFile::operator=(PosixFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(fd_, other.fd_);
  return *this;
}

PosixFile::~PosixFile() {
  if (fd_ >= 0) ::close(fd_);
}

Result<std::string> PosixFile::read_at(std::uint64_t offset, std::size_t bytes) const {
  std::string text(bytes, '\0');
  std::size_t done = 0;
  while (done < bytes) {
    const ssize_t got =
        ::pread(fd_, text.data() + done, bytes - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return io_failure(path_, "read", errno);
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  text.resize(done);
  return text;
}

Result<> PosixFile::write_at(std::uint64_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return io_failure(path_, "write", errno);
    bytes.remove_prefix(static_cast<std::size_t>(put));
    offset += static_cast<std::uint64_t>(put);
  }
  return {};
}

Result<> PosixFile::sync_data() {
  if (::fdatasync(fd_) != 0) return io_failure(path_, "fdatasync", errno);
  return {};
}

Result<> PosixFile::allocate(std::uint64_t bytes) {
  const int error = ::posix_fallocate(fd_, 0, static_cast<off_t>(bytes));
  if (error != 0) return io_failure(path_, "fallocate", error);
  return {};
}

Result<bool> PosixFile::try_lock() {
  if (::flock(fd_, LOCK_EX | LOCK_NB) == 0) return true;
  if (errno == EWOULDBLOCK) return false;
  return io_failure(path_, "flock", errno);
}

Result<> sync_directory(const std::filesystem::path& dir) {
  const std::filesystem::path named = dir.empty() ? std::filesystem::path(".") : dir;
  const int fd = ::open(named.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return io_failure(named, "open", errno);
  const int error = ::fsync(fd) == 0 ? 0 : errno;
  ::close(fd);
  if (error != 0) return io_failure(named, "fsync", error);
  return {};
}

Result<> create_directory_durably(const std::filesystem::path& dir) {
  std::error_code error;
  if (std::filesystem::is_directory(dir, error)) return {};
  const std::filesystem::path absolute = std::filesystem::absolute(dir, error).lexically_normal();
  if (error) return io_failure(dir, "resolve", error.value());
  const std::filesystem::path parent =
      absolute.has_filename() ? absolute.parent_path() : absolute.parent_path().parent_path();
  if (auto made = create_directory_durably(parent); !made) return made;
  std::filesystem::create_directory(absolute, error);
  if (error) return io_failure(absolute, "mkdir", error.value());
  return sync_directory(parent);
}

Result<> replace_file_durably(const std::filesystem::path& path, std::string_view contents) {
  const std::filesystem::path draft = path.string() + ".new";
  auto file = PosixFile::open(draft, O_WRONLY | O_CREAT | O_TRUNC);
  if (!file) return std::unexpected(std::move(file.error()));
  if (auto written = file->write_at(0, contents); !written) return written;
  if (auto synced = file->sync_data(); !synced) return synced;
  std::error_code error;
  std::filesystem::rename(draft, path, error);
  if (error) return io_failure(path, "rename", error.value());
  return sync_directory(path.parent_path());
}

}  // namespace reprise
