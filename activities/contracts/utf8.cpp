#include "activities/contracts/utf8.hpp"

#include <algorithm>

namespace reprise {
namespace {

unsigned byte_at(std::string_view text, std::size_t index) {
  return static_cast<unsigned char>(text[index]);
}

bool continues(std::string_view text, std::size_t index) {
  return index < text.size() && (byte_at(text, index) & 0xC0U) == 0x80U;
}

}  // namespace

std::size_t utf8_character(std::string_view text) {
  if (text.empty()) return 0;
  const unsigned lead = byte_at(text, 0);
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || lead > 0xF4 || !continues(text, 1)) return 0;
  if (lead < 0xE0) return 2;
  const unsigned second = byte_at(text, 1);
  if (!continues(text, 2)) return 0;
  if (lead < 0xF0) {
    const bool overlong = lead == 0xE0 && second < 0xA0;
    const bool surrogate = lead == 0xED && second > 0x9F;
    return overlong || surrogate ? 0 : 3;
  }
  const bool overlong = lead == 0xF0 && second < 0x90;
  const bool beyond = lead == 0xF4 && second > 0x8F;
  return overlong || beyond || !continues(text, 3) ? 0 : 4;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_character(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::size_t utf8_length(std::string_view text) {
  std::size_t count = 0;
  for (; !text.empty(); ++count) text.remove_prefix(std::max<std::size_t>(utf8_character(text), 1));
  return count;
}

std::string utf8_cut(std::string_view text, std::size_t bytes_max) {
  constexpr std::string_view kEllipsis = "…";
  if (text.size() <= bytes_max) return std::string(text);
  const std::size_t room = bytes_max < kEllipsis.size() ? 0 : bytes_max - kEllipsis.size();
  std::size_t end = 0;
  for (;;) {
    const std::size_t length = std::max<std::size_t>(utf8_character(text.substr(end)), 1);
    if (end + length > room) break;
    end += length;
  }
  return std::string(text.substr(0, end)) +
         std::string(bytes_max < kEllipsis.size() ? "" : kEllipsis);
}

}  // namespace reprise
