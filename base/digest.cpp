#include "base/digest.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstring>

#include "base/check.hpp"

namespace reprise {

Digest Digest::from_bytes(std::string_view bytes) {
  CHECK(bytes.size() == kBytes, "a digest has {} bytes, not {}", kBytes, bytes.size());
  Digest digest;
  std::memcpy(digest.bytes.data(), bytes.data(), kBytes);
  return digest;
}

Digest digest_of(std::string_view bytes) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits(bytes.data(), bytes.size()));
  Digest digest;
  static_assert(sizeof canonical.digest == Digest::kBytes);
  std::memcpy(digest.bytes.data(), canonical.digest, Digest::kBytes);
  return digest;
}

std::uint64_t leading_u64(const Digest& digest) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i) value = value << 8 | digest.bytes[i];
  return value;
}

std::string to_hex(const Digest& digest) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(2 * Digest::kBytes);
  for (const unsigned char byte : digest.bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

}  // namespace reprise
