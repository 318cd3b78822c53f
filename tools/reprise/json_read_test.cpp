#include "tools/reprise/json_read.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

namespace reprise::cli {
namespace {

std::optional<std::uint64_t> count_in(std::string_view number) {
  return count_at(parse_or_null("{\"n\":" + std::string(number) + "}"), "n");
}

TEST(JsonRead, ACountIsAWholeNumberOfSixtyFourBits) {
  EXPECT_EQ(count_in("0"), 0U);
  EXPECT_EQ(count_in("18446744073709551615"), std::numeric_limits<std::uint64_t>::max());
}

TEST(JsonRead, ANumberThatIsNoCountIsMissing) {
  for (const std::string_view number : {"-1", "1.5", "1e50", "-1e50", "18446744073709551616",
                                        "1561000000000000000000000000000", "\"3\"", "null", "[1]"})
    EXPECT_FALSE(count_in(number)) << number;
}

}  // namespace
}  // namespace reprise::cli
