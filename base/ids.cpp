#include "base/ids.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace reprise {
namespace {

constexpr std::string_view kBase32 = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::size_t kBase32Length = 26;  // 130 bits for 128: the first character holds three.

}  // namespace

RunId RunId::make(UtcTime born, std::uint64_t random_high, std::uint64_t random_low) {
  const auto millis = static_cast<std::uint64_t>(born.micros() / 1000);
  RunId id;
  for (std::size_t i = 0; i < 6; ++i)
    id.bytes_[i] = static_cast<unsigned char>(millis >> (40 - 8 * i));
  for (std::size_t i = 0; i < 2; ++i)
    id.bytes_[6 + i] = static_cast<unsigned char>(random_high >> (8 - 8 * i));
  for (std::size_t i = 0; i < 8; ++i)
    id.bytes_[8 + i] = static_cast<unsigned char>(random_low >> (56 - 8 * i));
  return id;
}

UtcTime RunId::born() const {
  std::int64_t millis = 0;
  for (std::size_t i = 0; i < 6; ++i) millis = millis << 8 | bytes_[i];
  return UtcTime::from_micros(millis * 1000);
}

RunId RunId::from_bytes(std::string_view bytes) {
  CHECK(bytes.size() == kBytes, "a run id has {} bytes, not {}", kBytes, bytes.size());
  RunId id;
  std::memcpy(id.bytes_.data(), bytes.data(), kBytes);
  return id;
}

std::string to_base32(std::string_view sixteen_bytes) {
  CHECK(sixteen_bytes.size() == RunId::kBytes, "an id has 16 bytes, not {}", sixteen_bytes.size());
  std::string text;
  text.reserve(kBase32Length);
  unsigned buffer = 0;
  int bits = 2;  // two zero bits in front fill 128 up to 130
  for (const char c : sixteen_bytes) {
    buffer = buffer << 8 | static_cast<unsigned char>(c);
    for (bits += 8; bits >= 5; bits -= 5) text += kBase32[buffer >> (bits - 5) & 31U];
  }
  return text;
}

std::optional<std::array<unsigned char, RunId::kBytes>> from_base32(std::string_view text) {
  if (text.size() != kBase32Length) return std::nullopt;
  std::array<unsigned char, RunId::kBytes> bytes{};
  std::size_t filled = 0;
  unsigned buffer = 0;
  int bits = -2;
  for (const char c : text) {
    const auto digit = kBase32.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    if (filled == 0 && bits == -2 && digit > 7) return std::nullopt;  // over 128 bits
    buffer = (buffer << 5 | static_cast<unsigned>(digit)) & 0xFFFU;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes[filled++] = static_cast<unsigned char>(buffer >> bits);
  }
  return bytes;
}

std::string to_string(const RunId& id) { return "run_" + to_base32(id.bytes()); }

std::optional<RunId> parse_run_id(std::string_view text) {
  if (!text.starts_with("run_")) return std::nullopt;
  const auto bytes = from_base32(text.substr(4));
  if (!bytes) return std::nullopt;
  return RunId::from_bytes({reinterpret_cast<const char*>(bytes->data()), bytes->size()});
}

std::optional<WorkflowId> WorkflowId::parse(std::string_view text) {
  if (text.empty() || text.size() > kBytesMax) return std::nullopt;
  const bool legal = std::ranges::all_of(text, [](char c) {
    return c > ' ' && c < '\x7f' &&
           std::string_view("/?#%\"\\<>").find(c) == std::string_view::npos;
  });
  // In a path, a client would take these two for folders.
  if (!legal || text == "." || text == "..") return std::nullopt;
  return WorkflowId(std::string(text));
}

}  // namespace reprise
