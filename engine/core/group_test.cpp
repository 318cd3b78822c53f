#include "engine/core/group.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace reprise {
namespace {

RC_GTEST_PROP(Group, AGroupComesBack, (const std::string& before, std::uint8_t count)) {
  Group group{.previous = digest_of(before), .entries = {}};
  for (std::uint64_t i = 0; i < count; ++i)
    group.entries.push_back({RunId::make(UtcTime(), i, i),
                             Sequence(*rc::gen::arbitrary<std::uint64_t>()),
                             digest_of(std::to_string(i))});
  const EncodedGroup encoded = encode_group(group);
  const Result<DecodedGroup> decoded = decode_group(encoded.bytes);
  RC_ASSERT(decoded.has_value());
  RC_ASSERT(decoded->group == group);
  RC_ASSERT(decoded->hash == encoded.hash);
}

TEST(Group, EveryBitFlipAndEveryPrefixIsRefused) {
  const Group group{.previous = digest_of("x"),
                    .entries = {{RunId(), Sequence(1), digest_of("r")}}};
  const std::string bytes = encode_group(group).bytes;
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(decode_group(flipped).has_value()) << "bit " << bit;
  }
  for (std::size_t length = 0; length < bytes.size(); ++length)
    EXPECT_FALSE(decode_group(bytes.substr(0, length)).has_value()) << length << " bytes";
}

TEST(Group, TheHashCoversWhatStoodBefore) {
  EXPECT_NE(encode_group({.previous = digest_of("a"), .entries = {}}).hash,
            encode_group({.previous = digest_of("b"), .entries = {}}).hash);
}

}  // namespace
}  // namespace reprise
