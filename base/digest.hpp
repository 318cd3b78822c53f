// Digest: 128 bits of XXH3 over bytes. Checksum, chain hash, command digest and routing hash.
//
// Guarantees: stable for ever: digests are durable format. Finds damage, reordering and accident;
//             it is not a signature, and does not stop someone who may rewrite the whole log.
// Source:     XXH3-128 (xxHash specification 0.2.0), seed 0, canonical (big-endian) bytes; ADR-0003.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace reprise {

struct Digest {
  static constexpr std::size_t kBytes = 16;
  std::array<unsigned char, kBytes> bytes{};

  friend auto operator<=>(const Digest&, const Digest&) = default;
  [[nodiscard]] std::string_view view() const {
    return {reinterpret_cast<const char*>(bytes.data()), kBytes};
  }
  // `bytes` must be 16 long.
  static Digest from_bytes(std::string_view bytes);
};

Digest digest_of(std::string_view bytes);

// The digest of bytes that come in pieces: the same as of all of them at once.
class DigestStream {
 public:
  DigestStream();
  ~DigestStream();
  DigestStream(const DigestStream&) = delete;
  DigestStream& operator=(const DigestStream&) = delete;

  void add(std::string_view bytes);
  [[nodiscard]] Digest digest() const;

 private:
  struct State;
  const std::unique_ptr<State> state_;
};

// The first 8 bytes as an integer: for routing and for seeds.
std::uint64_t leading_u64(const Digest& digest);

// 32 lower-case hexadecimal digits.
std::string to_hex(const Digest& digest);
// Nothing when the text is anything else than 32 such digits.
std::optional<Digest> digest_from_hex(std::string_view text);

}  // namespace reprise
