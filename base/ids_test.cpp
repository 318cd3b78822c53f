#include "base/ids.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace reprise {
namespace {

std::string any_sixteen_bytes() {
  return *rc::gen::container<std::string>(RunId::kBytes, rc::gen::arbitrary<char>());
}

std::string bytes_of(const std::array<unsigned char, RunId::kBytes>& bytes) {
  return {bytes.begin(), bytes.end()};
}

RC_GTEST_PROP(Base32, ComesBack, ()) {
  const std::string bytes = any_sixteen_bytes();
  const auto back = from_base32(to_base32(bytes));
  RC_ASSERT(back.has_value());
  RC_ASSERT(bytes_of(*back) == bytes);
}

RC_GTEST_PROP(Base32, SortsAsTheBytesDo, ()) {
  const std::string a = any_sixteen_bytes();
  const std::string b = any_sixteen_bytes();
  RC_ASSERT((to_base32(a) < to_base32(b)) == (a < b));
}

RC_GTEST_PROP(Base32, WhatIsAcceptedHasOneSpellingOnly, ()) {
  const std::string text =
      *rc::gen::container<std::string>(26, rc::gen::elementOf(std::string("07z8vil-AZ~")));
  const auto bytes = from_base32(text);
  if (bytes) RC_ASSERT(to_base32(bytes_of(*bytes)) == text);
}

TEST(Base32, KeepsItsSpelling) {
  EXPECT_EQ(to_base32(std::string(16, '\0')), std::string(26, '0'));
  EXPECT_EQ(to_base32(std::string(16, '\xff')), "7" + std::string(25, 'z'));
  EXPECT_EQ(to_base32("0123456789abcdef"), "1g64s36d1n6rvkgeb1c9hp8sb6");
}

TEST(Base32, RefusesWhatItDoesNotWrite) {
  const std::string zeros(26, '0');
  EXPECT_TRUE(from_base32(zeros));
  EXPECT_FALSE(from_base32(""));
  EXPECT_FALSE(from_base32(zeros + "0"));
  EXPECT_FALSE(from_base32(zeros.substr(1)));
  EXPECT_FALSE(from_base32("8" + zeros.substr(1))) << "more than 128 bits";
  for (const char c : std::string("ilouA- \0\x80", 9))
    EXPECT_FALSE(from_base32(zeros.substr(1) + c)) << static_cast<int>(c);
}

TEST(RunId, SortsByTimeOfBirth) {
  const auto early = RunId::make(UtcTime::from_micros(1'000'000), ~0ULL, ~0ULL);
  const auto late = RunId::make(UtcTime::from_micros(1'001'000), 0, 0);
  EXPECT_LT(early, late);
  EXPECT_LT(to_string(early), to_string(late));
}

TEST(RunId, TellsWhenItWasBorn) {
  const auto born = UtcTime::from_micros(1'700'000'000'123'000);
  EXPECT_EQ(RunId::make(born, ~0ULL, ~0ULL).born(), born);
}

TEST(RunId, TakesEightyRandomBits) {
  const UtcTime born = UtcTime::from_micros(1'000'000);
  EXPECT_NE(RunId::make(born, 1, 0), RunId::make(born, 0, 0));
  EXPECT_NE(RunId::make(born, 0x8000, 0), RunId::make(born, 0, 0));
  EXPECT_NE(RunId::make(born, 0, 1), RunId::make(born, 0, 0));
  EXPECT_NE(RunId::make(born, 0, 1ULL << 63), RunId::make(born, 0, 0));
}

TEST(RunId, ReadsItsOwnTextOnly) {
  const RunId id = RunId::make(UtcTime::from_micros(1'700'000'000'000'000), 7, 9);
  EXPECT_EQ(parse_run_id(to_string(id)), id);
  EXPECT_FALSE(parse_run_id(to_base32(id.bytes())));
  EXPECT_FALSE(parse_run_id("RUN_" + to_base32(id.bytes())));
  EXPECT_FALSE(parse_run_id(to_string(id) + " "));
  EXPECT_FALSE(parse_run_id("run_"));
  EXPECT_FALSE(parse_run_id(""));
}

TEST(WorkflowId, IsOneToTwoHundredFiftyFiveBytes) {
  EXPECT_FALSE(WorkflowId::parse(""));
  EXPECT_TRUE(WorkflowId::parse("a"));
  EXPECT_TRUE(WorkflowId::parse(std::string(255, 'a')));
  EXPECT_FALSE(WorkflowId::parse(std::string(256, 'a')));
}

TEST(WorkflowId, IsNoFolderOfAPath) {
  EXPECT_FALSE(WorkflowId::parse("."));
  EXPECT_FALSE(WorkflowId::parse(".."));
  EXPECT_TRUE(WorkflowId::parse("..."));
  EXPECT_TRUE(WorkflowId::parse(".a"));
}

TEST(WorkflowId, StandsInAUrlAsItIs) {
  EXPECT_TRUE(WorkflowId::parse("order-17:2026_a.b~c@d"));
  for (int c = 0; c < 256; ++c) {
    const std::string text{'a', static_cast<char>(c), 'b'};
    const bool legal =
        c > 0x20 && c < 0x7f && !std::string("/?#%\"\\<>").contains(static_cast<char>(c));
    EXPECT_EQ(WorkflowId::parse(text).has_value(), legal) << c;
  }
}

}  // namespace
}  // namespace reprise
