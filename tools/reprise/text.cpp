#include "tools/reprise/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace reprise::cli {
namespace {

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

std::string_view escape_of(Tone tone) {
  switch (tone) {
    case Tone::plain: return "";
    case Tone::bold: return "\x1b[1m";
    case Tone::dim: return "\x1b[2m";
    case Tone::good: return "\x1b[32m";
    case Tone::warn: return "\x1b[33m";
    case Tone::bad: return "\x1b[31m";
    case Tone::accent: return "\x1b[36m";
  }
  return "";
}

void append_wrapped(std::string& out, std::string_view line, std::size_t columns,
                    std::string_view indent) {
  do {
    std::string_view part = line;
    if (columns_of(line) > columns) {
      const std::size_t fitting = cut(line, columns, "").size();
      const std::size_t space = line.substr(0, fitting + 1).rfind(' ');
      part = line.substr(0, space == std::string_view::npos || space == 0 ? fitting : space);
    }
    line.remove_prefix(part.size());
    while (line.starts_with(' ')) line.remove_prefix(1);
    if (!part.empty()) (out += indent) += part;
    out += '\n';
  } while (!line.empty());
}

}  // namespace

std::string TextStyle::paint(Tone tone, std::string_view text) const {
  if (!colour || tone == Tone::plain) return std::string(text);
  return fmt::format("{}{}\x1b[0m", escape_of(tone), text);
}

std::string printable(std::string_view text, bool one_line) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    // U+0080 to U+009F, two bytes in UTF-8: terminals obey them like ESC.
    const bool c1 =
        byte == 0xC2U && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0U;
    if (c1) ++i;
    if (byte == '\n' || byte == '\t')
      out += one_line ? ' ' : text[i];
    else if (c1 || byte == 0x7FU || (byte < 0x20U && byte != '\r'))
      out += '?';
    else if (byte != '\r')
      out += text[i];
  }
  return out;
}

std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !is_continuation(c); }));
}

std::string cut(std::string_view text, std::size_t columns, std::string_view mark) {
  if (columns_of(text) <= columns) return std::string(text);
  const std::size_t room = columns - std::min(columns, columns_of(mark));
  std::size_t end = 0;
  for (std::size_t taken = 0; end < text.size(); ++end)
    if (!is_continuation(text[end]) && taken++ == room) break;
  return std::string(text.substr(0, end)) + std::string(mark);
}

std::string padded(std::string_view text, std::size_t columns) {
  const std::size_t width = columns_of(text);
  return std::string(text) + std::string(columns > width ? columns - width : 0, ' ');
}

std::string wrapped(std::string_view text, std::size_t columns, std::string_view indent) {
  const std::size_t room = columns > indent.size() + 20 ? columns - indent.size() : 20;
  std::string out;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    append_wrapped(out, text.substr(0, end), room, indent);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return out;
}

std::string human_duration(Duration duration) {
  const auto micros = std::max<std::int64_t>(duration.count(), 0);
  if (micros < 50) return "0 s";
  if (micros < 9'950) return fmt::format("{:.1f} ms", static_cast<double>(micros) / 1e3);
  if (micros < 99'500) return fmt::format("{:.0f} ms", static_cast<double>(micros) / 1e3);
  if (micros < 59'950'000) return fmt::format("{:.1f} s", static_cast<double>(micros) / 1e6);
  const std::int64_t seconds = (micros + 500'000) / 1'000'000;
  if (seconds < 3600) return fmt::format("{} min {:02} s", seconds / 60, seconds % 60);
  return fmt::format("{} h {:02} min", seconds / 3600, seconds / 60 % 60);
}

std::string TextTable::text(const TextStyle& style, std::string_view indent) const {
  std::vector<std::size_t> widths;
  const auto widen = [&widths](std::size_t column, std::string_view cell) {
    if (widths.size() <= column) widths.resize(column + 1);
    widths[column] = std::max(widths[column], columns_of(cell));
  };
  for (std::size_t i = 0; i < titles_.size(); ++i) widen(i, titles_[i]);
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < row.size(); ++i) widen(i, row[i].text);

  std::string out;
  const auto append_row = [&](const std::vector<Cell>& row) {
    out += indent;
    std::size_t used = indent.size();
    for (std::size_t i = 0; i < row.size(); ++i) {
      const bool last = i + 1 == row.size();
      const std::size_t room = style.columns > used + 8 ? style.columns - used : 8;
      const std::string_view mark = style.unicode ? "…" : "~";
      const std::string cell = last ? cut(row[i].text, room, mark) : row[i].text;
      const std::size_t gap = widths[i] > columns_of(cell) ? widths[i] - columns_of(cell) : 0;
      if (row[i].right) out.append(gap, ' ');
      out += style.paint(row[i].tone, cell);
      if (!row[i].right && !last) out.append(gap, ' ');
      if (!last) out += "  ";
      used += widths[i] + 2;
    }
    out.erase(out.find_last_not_of(' ') + 1);
    out += '\n';
  };
  if (!titles_.empty()) {
    std::vector<Cell> heading;
    for (const std::string& title : titles_) heading.push_back({.text = title, .tone = Tone::dim});
    append_row(heading);
  }
  for (const auto& row : rows_) append_row(row);
  return out;
}

}  // namespace reprise::cli
