#include "storage/copy_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>

#include "storage/posix_file.hpp"

namespace reprise {
namespace {

constexpr std::uint64_t kPieceBytes = 1 << 20;

Result<Digest> read_through(const std::filesystem::path& from, std::uint64_t bytes, PosixFile* to,
                            const std::stop_token& stop) {
  Result<PosixFile> file = PosixFile::open(from, O_RDONLY);
  if (!file) return std::unexpected(std::move(file.error()));
  DigestStream digest;
  for (std::uint64_t at = 0; at < bytes;) {
    if (stop.stop_requested()) return fail(Errc::cancelled, "told to stop");
    const Result<std::string> piece = file->read_at(at, std::min(kPieceBytes, bytes - at));
    if (!piece) return std::unexpected(piece.error());
    if (piece->empty())
      return fail(Errc::corrupt,
                  fmt::format("{} has {} bytes and must have {}", from.string(), at, bytes));
    digest.add(*piece);
    if (to != nullptr)
      if (Result<> written = to->write_at(at, *piece); !written)
        return std::unexpected(std::move(written.error()));
    at += piece->size();
  }
  return digest.digest();
}

}  // namespace

Result<Digest> copy_file_durably(const std::filesystem::path& from, std::uint64_t bytes,
                                 const std::filesystem::path& to, const std::stop_token& stop) {
  Result<PosixFile> copy = PosixFile::open(to, O_WRONLY | O_CREAT | O_EXCL);
  if (!copy) return std::unexpected(std::move(copy.error()));
  Result<Digest> digest = read_through(from, bytes, &*copy, stop);
  if (!digest) return digest;
  if (Result<> synced = copy->sync_data(); !synced)
    return std::unexpected(std::move(synced.error()));
  return digest;
}

Result<Digest> digest_of_file(const std::filesystem::path& path, std::uint64_t bytes,
                              const std::stop_token& stop) {
  return read_through(path, bytes, nullptr, stop);
}

}  // namespace reprise
