#include "base/digest.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstring>

#include "base/check.hpp"

namespace reprise {
namespace {

Digest canonical_digest(XXH128_hash_t hash) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, hash);
  Digest digest;
  static_assert(sizeof canonical.digest == Digest::kBytes);
  std::memcpy(digest.bytes.data(), canonical.digest, Digest::kBytes);
  return digest;
}

}  // namespace

Digest Digest::from_bytes(std::string_view bytes) {
  CHECK(bytes.size() == kBytes, "a digest has {} bytes, not {}", kBytes, bytes.size());
  Digest digest;
  std::memcpy(digest.bytes.data(), bytes.data(), kBytes);
  return digest;
}

Digest digest_of(std::string_view bytes) {
  return canonical_digest(XXH3_128bits(bytes.data(), bytes.size()));
}

struct DigestStream::State {
  XXH3_state_t hash;
};

DigestStream::DigestStream() : state_(std::make_unique<State>()) {
  CHECK(XXH3_128bits_reset(&state_->hash) == XXH_OK);
}

DigestStream::~DigestStream() = default;

void DigestStream::add(std::string_view bytes) {
  CHECK(XXH3_128bits_update(&state_->hash, bytes.data(), bytes.size()) == XXH_OK);
}

Digest DigestStream::digest() const { return canonical_digest(XXH3_128bits_digest(&state_->hash)); }

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

std::optional<Digest> digest_from_hex(std::string_view text) {
  if (text.size() != 2 * Digest::kBytes) return std::nullopt;
  Digest digest;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t digit = std::string_view("0123456789abcdef").find(text[i]);
    if (digit == std::string_view::npos) return std::nullopt;
    digest.bytes[i / 2] = static_cast<unsigned char>(digest.bytes[i / 2] << 4 | digit);
  }
  return digest;
}

}  // namespace reprise
