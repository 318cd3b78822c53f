#include "tests/sim/script.hpp"

#include <fmt/format.h>

#include <charconv>

namespace reprise::sim {
namespace {

constexpr int kTicksMax = 1'000'000;

std::optional<int> number(std::string_view& text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || value < 0 || value > kTicksMax) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

std::string to_string(const Excerpt& excerpt) {
  std::string text = fmt::format("{}:", excerpt.ticks);
  for (auto first = excerpt.kept.begin(); first != excerpt.kept.end();) {
    auto behind = std::next(first);
    int last = *first;
    for (; behind != excerpt.kept.end() && *behind == last + 1; ++behind) last = *behind;
    if (text.back() != ':') text += ',';
    text += last == *first ? std::to_string(last) : fmt::format("{}-{}", *first, last);
    first = behind;
  }
  return text;
}

Result<Excerpt> parse_excerpt(std::string_view text) {
  const auto wrong = fail(Errc::invalid_argument, "an excerpt is written 812:3,99,500-502");
  Excerpt excerpt;
  const auto ticks = number(text);
  if (!ticks || !take(text, ':')) return wrong;
  excerpt.ticks = *ticks;
  while (!text.empty()) {
    const auto first = number(text);
    if (!first) return wrong;
    const auto last = take(text, '-') ? number(text) : first;
    if (!last) return wrong;
    for (int tick = *first; tick <= *last; ++tick) excerpt.kept.insert(tick);
    if (!text.empty() && !take(text, ',')) return wrong;
  }
  return excerpt;
}

}  // namespace reprise::sim
