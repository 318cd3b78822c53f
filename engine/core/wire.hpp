// Writer and Reader: the primitive encodings that the log's formats are made of.
//
//   varint   unsigned LEB128, at most 10 bytes       zigzag   signed, as a varint
//   bytes    varint length, then the bytes           fixed    raw bytes, length known
// Guarantees: a Reader never reads past its end; after the first fault every read gives zero or
//             empty and ok() stays false, so a decoder checks once, at its end.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace reprise {

class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}
  void varint(std::uint64_t value) {
    if (value < 0x80) return out_.push_back(static_cast<char>(value));
    std::array<char, kVarintBytesMax> bytes;  // one append: a record is mostly varints
    std::size_t size = 0;
    for (; value >= 0x80; value >>= 7) bytes[size++] = static_cast<char>(value | 0x80);
    bytes[size++] = static_cast<char>(value);
    out_.append(bytes.data(), size);
  }
  void zigzag(std::int64_t value) {
    varint((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
  }
  void bytes(std::string_view value) {
    varint(value.size());
    out_ += value;
  }
  void fixed(std::string_view value) { out_ += value; }

 private:
  static constexpr std::size_t kVarintBytesMax = 10;
  std::string& out_;
};

class Reader {
 public:
  explicit Reader(std::string_view in) : rest_(in) {}
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (rest_.empty()) break;
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      if (shift == 63 && byte > 1) break;
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if ((byte & 0x80) == 0) return value;
    }
    return spoil();
  }
  // A varint that must fit T.
  template <typename T>
  T number() {
    const std::uint64_t value = varint();
    if (value > static_cast<std::uint64_t>(std::numeric_limits<T>::max()))
      return static_cast<T>(spoil());
    return static_cast<T>(value);
  }
  std::int64_t zigzag() {
    const std::uint64_t raw = varint();
    return static_cast<std::int64_t>(raw >> 1) ^ -static_cast<std::int64_t>(raw & 1);
  }
  std::string_view bytes() { return fixed(varint()); }
  std::string_view fixed(std::uint64_t length) {
    if (length > rest_.size()) {
      spoil();
      return {};
    }
    const std::string_view value = rest_.substr(0, static_cast<std::size_t>(length));
    rest_.remove_prefix(static_cast<std::size_t>(length));
    return value;
  }
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }

 private:
  std::uint64_t spoil() {
    ok_ = false;
    rest_ = {};
    return 0;
  }
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace reprise
