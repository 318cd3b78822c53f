#include "api/query_input.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "activities/contracts/utf8.hpp"

namespace reprise::api {
namespace {

constexpr std::size_t kShownBytesMax = 40;

}  // namespace

void QueryReader::refuse(std::string_view name, std::string reason) {
  errors_.add(fmt::format("query.{}", utf8_cut(name, kShownBytesMax)), std::move(reason));
}

std::optional<std::string_view> QueryReader::text(std::string_view name) {
  known_.push_back(name);
  const auto& all = request_.query();
  const auto found = std::ranges::find(all, name, &HttpField::name);
  if (found == all.end()) return std::nullopt;
  if (std::find_if(found + 1, all.end(), [&](const HttpField& f) { return f.name == name; }) !=
      all.end())
    refuse(name, "stands twice: give it once");
  if (!is_utf8(found->value)) {
    refuse(name, "is no UTF-8");
    return std::nullopt;
  }
  if (found->value.empty()) return std::nullopt;
  return found->value;
}

std::uint64_t QueryReader::number(std::string_view name, NumberRange range) {
  const auto value = text(name);
  if (!value) return range.otherwise;
  std::uint64_t number = 0;
  const char* const end = value->data() + value->size();
  const auto [parsed, error] = std::from_chars(value->data(), end, number);
  if (error == std::errc{} && parsed == end && number >= range.min && number <= range.max)
    return number;
  refuse(name, fmt::format("must be a whole number from {} to {}", range.min, range.max));
  return range.otherwise;
}

std::optional<Duration> QueryReader::duration(std::string_view name, Duration max) {
  const auto value = text(name);
  if (!value) return std::nullopt;
  const auto duration = parse_duration(*value);
  if (duration && *duration <= max) return duration;
  refuse(name, fmt::format("must be a duration of at most {} s, like 30s or 500ms",
                           std::chrono::duration_cast<std::chrono::seconds>(max).count()));
  return std::nullopt;
}

std::size_t QueryReader::choice(std::string_view name,
                                std::initializer_list<std::string_view> names) {
  const auto value = text(name);
  if (!value) return 0;
  const auto* const place = std::ranges::find(names, *value);
  if (place != names.end()) return static_cast<std::size_t>(place - names.begin());
  std::vector<std::string_view> choices(names);
  std::erase(choices, "");  // what stands for "not given"
  refuse(name, fmt::format("is \"{}\": use one of {}", utf8_cut(*value, kShownBytesMax),
                           fmt::join(choices, ", ")));
  return 0;
}

void QueryReader::finish() {
  for (const HttpField& field : request_.query()) {
    if (std::ranges::find(known_, field.name) != known_.end()) continue;
    refuse(field.name, known_.empty()
                           ? std::string("is not known: this route has no parameters")
                           : fmt::format("is not known: use {}", fmt::join(known_, ", ")));
  }
}

}  // namespace reprise::api
