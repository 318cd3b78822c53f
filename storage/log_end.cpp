#include "storage/log_end.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <string_view>

#include "storage/crc32c.hpp"

namespace reprise {
namespace {

constexpr std::uint64_t kBlockBytes = 32 << 10;
constexpr std::uint64_t kHeaderBytes = 7;
constexpr std::uint64_t kSectorBytes = 512;

// The start of the unit that follows the one of `offset`.
std::uint64_t next_unit(std::uint64_t offset, std::uint64_t unit) {
  return (offset / unit + 1) * unit;
}

struct Header {
  // From the first bytes of `block`, of which there are at least kHeaderBytes.
  explicit Header(std::string_view block) {
    const auto byte = [&](std::size_t i) -> std::uint32_t {
      return static_cast<unsigned char>(block[i]);
    };
    const std::uint32_t masked = byte(0) | byte(1) << 8 | byte(2) << 16 | byte(3) << 24;
    crc = std::rotl(masked - 0xa282ead8U, 15);
    length = byte(4) | byte(5) << 8;
    type = byte(6);
  }
  [[nodiscard]] bool begins_a_record() const { return type == 1 || type == 2; }
  [[nodiscard]] bool is_known() const { return type >= 1 && type <= 4; }
  [[nodiscard]] bool is_zero() const { return type == 0 && length == 0; }
  [[nodiscard]] std::uint64_t bytes() const { return kHeaderBytes + length; }
  // Whether the record that begins `block` fits in it and is what was written.
  [[nodiscard]] bool matches(std::string_view block) const {
    constexpr std::size_t kCrcFrom = 6;
    return is_known() && bytes() <= block.size() &&
           crc32c(block.substr(kCrcFrom, bytes() - kCrcFrom)) == crc;
  }

  std::uint32_t crc;
  std::uint32_t length;
  std::uint32_t type;
};

// The file a block at a time, with zeros behind its end. The first error stays.
class Blocks {
 public:
  Blocks(const rocksdb::FSRandomAccessFile& file, std::uint64_t bytes)
      : file_(file), bytes_(bytes) {}

  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  [[nodiscard]] const rocksdb::IOStatus& status() const { return status_; }

  // From `offset` to the end of its block; valid until the next call.
  std::string_view from(std::uint64_t offset) {
    const std::uint64_t within = offset % kBlockBytes;
    if (offset - within != start_) load(offset - within);
    return std::string_view(block_.data(), block_.size()).substr(within);
  }

 private:
  void load(std::uint64_t start) {
    start_ = start;
    rocksdb::Slice read;
    if (status_.ok()) status_ = file_.Read(start, kBlockBytes, {}, &read, block_.data(), nullptr);
    if (!status_.ok()) read.clear();
    if (read.data() != block_.data()) std::copy_n(read.data(), read.size(), block_.data());
    std::fill(block_.begin() + static_cast<std::ptrdiff_t>(read.size()), block_.end(), '\0');
  }

  const rocksdb::FSRandomAccessFile& file_;
  const std::uint64_t bytes_;
  rocksdb::IOStatus status_;
  std::uint64_t start_ = ~0ULL;
  std::array<char, kBlockBytes> block_{};
};

class LogEndFinder {
 public:
  explicit LogEndFinder(Blocks& blocks) : blocks_(blocks) {}

  LogEnd find() {
    // Before the walk: a writer that goes on meanwhile must not look like data behind the end.
    written_ = end_of_data();
    if (walk()) return {end_, std::nullopt};
    if (!begins_later()) {
      if (is_torn()) return {end_ + 1, std::nullopt};
      const Header header(blocks_.from(end_));
      if (!header.is_known() && !header.is_zero()) return {with_header(), std::nullopt};
    }
    return {with_header(), end_};
  }

 private:
  // All that was written, and the zeros with which the header at `end_` may end.
  [[nodiscard]] std::uint64_t with_header() const {
    return std::max(written_, end_ + kHeaderBytes);
  }

  // Behind the last byte that is not zero.
  std::uint64_t end_of_data() {
    const std::uint64_t blocks = (blocks_.bytes() + kBlockBytes - 1) / kBlockBytes;
    for (std::uint64_t block = blocks; block > 0; --block) {
      const std::uint64_t start = (block - 1) * kBlockBytes;
      const std::size_t last = blocks_.from(start).find_last_not_of('\0');
      if (last != std::string_view::npos) return start + last + 1;
    }
    return 0;
  }

  // Moves `end_` behind the last of the whole records; false where one stands that is not whole.
  bool walk() {
    while (true) {
      const std::string_view block = blocks_.from(end_);
      const std::uint64_t at =
          block.size() < kHeaderBytes ? next_unit(end_, kBlockBytes) : end_;  // over a trailer
      if (at >= written_) return true;
      const Header header(blocks_.from(at));
      const bool whole = at + header.bytes() <= blocks_.bytes() && header.matches(blocks_.from(at));
      end_ = whole ? at + header.bytes() : at;
      if (!whole) return false;
    }
  }

  // Whether a record begins behind `end_`. Searched byte by byte: no length before it is to be
  // trusted.
  bool begins_later() {
    for (std::uint64_t at = end_ + 1; at < written_; at = next_unit(at, kBlockBytes)) {
      std::string_view block = blocks_.from(at);
      for (; block.size() >= kHeaderBytes; block.remove_prefix(1)) {
        const Header header(block);
        if (header.begins_a_record() && header.matches(block)) return true;
      }
    }
    return false;
  }

  bool is_torn() {
    const std::string_view block = blocks_.from(end_);
    const Header header(block);
    const bool plausible = header.is_known() && header.bytes() <= block.size();
    const std::uint64_t bytes = plausible ? header.bytes() : kHeaderBytes;
    if (end_ + bytes > blocks_.bytes()) return true;
    const std::uint64_t to = plausible ? end_ + bytes : std::max(written_, end_ + bytes);
    for (std::uint64_t from = end_; from < to; from = next_unit(from, kSectorBytes)) {
      const std::uint64_t sector = std::min(next_unit(from, kSectorBytes), to) - from;
      if (blocks_.from(from).substr(0, sector).find_first_not_of('\0') == std::string_view::npos)
        return true;
    }
    return false;
  }

  Blocks& blocks_;
  std::uint64_t written_ = 0;
  std::uint64_t end_ = 0;
};

}  // namespace

std::expected<LogEnd, rocksdb::IOStatus> find_log_end(const rocksdb::FSRandomAccessFile& file,
                                                      std::uint64_t bytes) {
  Blocks blocks(file, bytes);
  const LogEnd end = LogEndFinder(blocks).find();
  if (!blocks.status().ok()) return std::unexpected(blocks.status());
  return end;
}

}  // namespace reprise
