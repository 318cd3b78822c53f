#include "tests/sim/script.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace reprise::sim {
namespace {

TEST(Excerpt, IsReadAsItIsWritten) {
  const Excerpt excerpt{.ticks = 812, .kept = {3, 99, 500, 501, 502, 700}};
  EXPECT_EQ(to_string(excerpt), "812:3,99,500-502,700");
  EXPECT_EQ(parse_excerpt("812:3,99,500-502,700").value(), excerpt);
  EXPECT_EQ(parse_excerpt("7:").value(), (Excerpt{.ticks = 7, .kept = {}}));
}

TEST(Excerpt, IsRefusedWhenItIsSomethingElse) {
  for (const char* text :
       {"", "7", ":3", "7:a", "7:3-", "7:3 4", "7:-3", "99999999999:1", "7:1,,2"})
    EXPECT_FALSE(parse_excerpt(text).has_value()) << text;
}

TEST(Script, DoesInAnExcerptWhatIsKeptAndNotesIt) {
  std::vector<std::uint8_t> noted(4);
  Script script(Excerpt{.ticks = 3, .kept = {2}}, noted);
  for (int tick = 1; *script.goes_on(); ++tick) {
    script.next_tick();
    EXPECT_EQ(script.allows(Deed::crash), tick == 2);
    EXPECT_EQ(script.allows(Deed::fault), tick == 2);
  }
  EXPECT_EQ(noted, (std::vector<std::uint8_t>{0, 1, 13, 1}));
}

}  // namespace
}  // namespace reprise::sim
