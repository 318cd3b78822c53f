#include "engine/core/wire.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace reprise {
namespace {

RC_GTEST_PROP(Wire, EveryNumberComesBack, (std::uint64_t number, std::int64_t with_sign)) {
  std::string bytes;
  Writer out(bytes);
  out.varint(number);
  out.zigzag(with_sign);
  Reader in(bytes);
  RC_ASSERT(in.varint() == number);
  RC_ASSERT(in.zigzag() == with_sign);
  RC_ASSERT(in.ok() && in.at_end());
}

RC_GTEST_PROP(Wire, BytesComeBackAndACutIsFound, (const std::string& text)) {
  std::string bytes;
  Writer(bytes).bytes(text);
  RC_ASSERT(Reader(bytes).bytes() == text);
  Reader cut(std::string_view(bytes).substr(0, bytes.size() - 1));
  cut.bytes();
  RC_ASSERT(!cut.ok());
}

TEST(Wire, TheEndsOfTheNumbersTakeTenBytes) {
  for (const std::uint64_t number : {std::uint64_t{0}, std::uint64_t{127}, UINT64_MAX}) {
    std::string bytes;
    Writer(bytes).varint(number);
    EXPECT_EQ(bytes.size(), number < 128 ? 1U : 10U);
    EXPECT_EQ(Reader(bytes).varint(), number);
  }
}

TEST(Wire, ANumberOver64BitsIsAFault) {
  Reader in("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02");
  EXPECT_EQ(in.varint(), 0U);
  EXPECT_FALSE(in.ok());
}

TEST(Wire, ANumberThatDoesNotFitItsTypeIsAFault) {
  std::string bytes;
  Writer(bytes).varint(65'536);
  Reader in(bytes);
  EXPECT_EQ(in.number<std::uint16_t>(), 0U);
  EXPECT_FALSE(in.ok());
}

TEST(Wire, AfterAFaultEveryReadGivesNothing) {
  Reader in(
      "\x05"
      "abc");
  EXPECT_EQ(in.bytes(), "");
  EXPECT_EQ(in.varint(), 0U);
  EXPECT_EQ(in.fixed(1), "");
  EXPECT_FALSE(in.ok());
  EXPECT_TRUE(in.at_end());
}

}  // namespace
}  // namespace reprise
