#include "base/digest.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace reprise {
namespace {

std::string hex_of(std::string_view bytes) { return to_hex(digest_of(bytes)); }

// Durable format: these values are in stores. `xxhsum -H2` prints them too.
TEST(Digest, ValuesNeverChange) {
  EXPECT_EQ(hex_of(""), "99aa06d3014798d86001c324468d497f");
  EXPECT_EQ(hex_of("a"), "a96faf705af16834e6c632b61e964e1f");
  EXPECT_EQ(hex_of("reprise"), "3f58ed41a6e508b600d97cc5d794b87c");
  EXPECT_EQ(hex_of(std::string(200, 'x')), "062dfbe359870f1a0f7bed28ebd8500d");
  EXPECT_EQ(hex_of(std::string(5000, 'x')), "c40b706e6ba9af508d8567cbc9ee3d90");
}

TEST(Digest, LeadingBytesAreBigEndian) {
  EXPECT_EQ(leading_u64(digest_of("")), 0x99aa06d3014798d8ULL);
}

TEST(Digest, ComesBackFromItsBytes) {
  const Digest digest = digest_of("bytes");
  EXPECT_EQ(Digest::from_bytes(digest.view()), digest);
}

RC_GTEST_PROP(Digest, OneFlippedBitIsAnotherDigest, (std::string bytes)) {
  RC_PRE(!bytes.empty());
  const Digest before = digest_of(bytes);
  const auto at = *rc::gen::inRange<std::size_t>(0, bytes.size());
  const int bit = *rc::gen::inRange(0, 8);
  bytes[at] = static_cast<char>(bytes[at] ^ (1 << bit));
  RC_ASSERT(digest_of(bytes) != before);
}

RC_GTEST_PROP(Digest, OfPiecesIsTheDigestOfTheWhole, (std::vector<std::string> pieces)) {
  DigestStream stream;
  std::string whole;
  for (const std::string& piece : pieces) {
    stream.add(piece);
    whole += piece;
  }
  RC_ASSERT(stream.digest() == digest_of(whole));
}

RC_GTEST_PROP(Digest, ComesBackFromItsDigits, (std::string bytes)) {
  const std::string digits = to_hex(digest_of(bytes));
  RC_ASSERT(digest_from_hex(digits) == digest_of(bytes));
  RC_ASSERT(!digest_from_hex(digits.substr(1)));
  RC_ASSERT(!digest_from_hex("g" + digits.substr(1)));
}

TEST(DigestDeathTest, RefusesAnotherLength) {
  EXPECT_DEATH((void)Digest::from_bytes("short"), "16 bytes, not 5");
}

}  // namespace
}  // namespace reprise
