// Text: how words stand on a screen. Colours, widths, durations, tables. Pure.
//
// Guarantees: nothing that came from a server reaches a terminal with control characters in it
//             (printable()); without colour the text holds no escape sequence at all.
// Units:      a column is a code point: East Asian wide characters count as one.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"

namespace reprise::cli {

enum class Tone : unsigned char { plain, bold, dim, good, warn, bad, accent };

// What the output can show.
struct TextStyle {
  bool colour = false;
  bool unicode = false;
  std::size_t columns = 100;

  [[nodiscard]] std::string paint(Tone tone, std::string_view text) const;
  // The first where the terminal speaks UTF-8, else the second.
  [[nodiscard]] std::string_view glyph(std::string_view fancy, std::string_view plain) const {
    return unicode ? fancy : plain;
  }
};

// Line breaks and tabs become spaces when `one_line`; other control characters become '?'.
std::string printable(std::string_view text, bool one_line = true);

std::size_t columns_of(std::string_view text);
// At most `columns` wide; what is cut ends in `mark`.
std::string cut(std::string_view text, std::size_t columns, std::string_view mark = "…");
std::string padded(std::string_view text, std::size_t columns);
// Lines of at most `columns`, broken at spaces, each behind `indent`; the text's own line breaks stay.
std::string wrapped(std::string_view text, std::size_t columns, std::string_view indent);

// "0.4 s", "12.3 s", "2 min 05 s", "3 h 10 min".
std::string human_duration(Duration duration);

// Aligned columns, two spaces apart; the last one is cut where the screen ends.
class TextTable {
 public:
  struct Cell {
    std::string text;
    Tone tone = Tone::plain;
    bool right = false;
  };
  // `titles` empty: no heading.
  explicit TextTable(std::vector<std::string> titles = {}) : titles_(std::move(titles)) {}
  void add(std::vector<Cell> row) { rows_.push_back(std::move(row)); }
  [[nodiscard]] bool empty() const { return rows_.empty(); }
  [[nodiscard]] std::string text(const TextStyle& style, std::string_view indent = "") const;

 private:
  std::vector<std::string> titles_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace reprise::cli
