#include "tools/reprise/text.hpp"

#include <gtest/gtest.h>

namespace reprise::cli {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Text, NoEscapeSequenceOfAServerReachesTheTerminal) {
  EXPECT_EQ(printable("a\x1b[2Jb\x07"), "a?[2Jb?");
  EXPECT_EQ(printable("a\xC2\x9B"
                      "2Jb"),
            "a?2Jb");
  EXPECT_EQ(printable("two\r\nlines\t."), "two lines .");
  EXPECT_EQ(printable("two\r\nlines", /*one_line=*/false), "two\nlines");
  EXPECT_EQ(printable("äöü … ✓"), "äöü … ✓");
}

TEST(Text, WithoutColourThereIsNoEscapeSequence) {
  EXPECT_EQ(TextStyle{}.paint(Tone::bad, "x"), "x");
  EXPECT_EQ((TextStyle{.colour = true}.paint(Tone::bad, "x")), "\x1b[31mx\x1b[0m");
}

TEST(Text, WidthsCountCharactersNotBytes) {
  EXPECT_EQ(columns_of("äöü"), 3U);
  EXPECT_EQ(cut("äöüß", 3), "äö…");
  EXPECT_EQ(cut("abc", 3), "abc");
  EXPECT_EQ(padded("ä", 3), "ä  ");
}

TEST(Text, LinesBreakAtSpacesAndKeepTheirOwnBreaks) {
  EXPECT_EQ(wrapped("one two three four five six", 20, ""), "one two three four\nfive six\n");
  EXPECT_EQ(wrapped("a\n\nb", 40, "  "), "  a\n\n  b\n");
  EXPECT_EQ(wrapped("aaaaaaaaaaaaaaaaaaaaaaaaa", 20, ""), "aaaaaaaaaaaaaaaaaaaa\naaaaa\n");
}

TEST(Text, DurationsHaveTheUnitThatAPersonWouldUse) {
  EXPECT_EQ(human_duration(microseconds(400)), "0.4 ms");
  EXPECT_EQ(human_duration(milliseconds(42)), "42 ms");
  EXPECT_EQ(human_duration(milliseconds(1234)), "1.2 s");
  EXPECT_EQ(human_duration(seconds(125)), "2 min 05 s");
  EXPECT_EQ(human_duration(seconds(11'400)), "3 h 10 min");
}

TEST(TextTable, ColumnsAlignAndNoLineIsWiderThanTheScreen) {
  TextTable table({"ID", "N", "TITLE"});
  table.add({{.text = "a"}, {.text = "10", .right = true}, {.text = "short"}});
  table.add({{.text = "bbbb"}, {.text = "5", .right = true}, {.text = std::string(200, 'x')}});
  const std::string text = table.text(TextStyle{.columns = 40});
  EXPECT_TRUE(text.starts_with("ID    N   TITLE\na     10  short\nbbbb   5  xxx"));
  EXPECT_EQ(text.substr(text.rfind("bbbb")).size(), 41U);
}

}  // namespace
}  // namespace reprise::cli
