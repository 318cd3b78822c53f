#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "activities/contracts/json_shape.hpp"
#include "activities/contracts/utf8.hpp"

namespace reprise {
namespace {

using Kind = JsonValue::Kind;

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

}  // namespace

JsonReader::JsonReader(const JsonValue& object, std::string path, Mode mode,
                       std::optional<Error>& problem)
    : object_(object), path_(std::move(path)), mode_(mode), problem_(problem) {}

std::string JsonReader::path_of(std::string_view key) const {
  return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
}

std::string JsonReader::item_path(std::string_view key, std::size_t index) const {
  return fmt::format("{}[{}]", path_of(key), index);
}

void JsonReader::refuse(std::string path, std::string detail) {
  if (problem_) return;
  problem_ =
      Error{.code = Errc::invalid_argument, .detail = std::move(detail), .field = std::move(path)};
}

void JsonReader::refuse_name(std::string_view key, std::string_view name,
                             const std::string& names) {
  refuse(path_of(key), fmt::format("is \"{}\": use one of {}", utf8_cut(name, 40), names));
}

const JsonValue* JsonReader::take_optional(std::string_view key) {
  known_.push_back(key);
  const JsonValue* found = object_.find(key);
  return found != nullptr && found->kind != Kind::null ? found : nullptr;
}

const JsonValue* JsonReader::take(std::string_view key, Kind kind, std::string_view what) {
  const JsonValue* found = take_optional(key);
  if (found == nullptr) {
    const bool is_null = object_.find(key) != nullptr;
    if (mode_ == Mode::answer || is_null)
      refuse(path_of(key), fmt::format("is {}: give {}", is_null ? "null" : "missing", what));
    return nullptr;
  }
  const bool fits = found->kind == kind || (kind == Kind::number && found->kind == Kind::integer);
  if (!fits) refuse(path_of(key), fmt::format("must be {}", what));
  return fits ? found : nullptr;
}

const JsonValue* JsonReader::take_list(std::string_view key, const Items& rule) {
  const JsonValue* found = take(key, Kind::list, "a list");
  const std::size_t count = found == nullptr ? 0 : found->items.size();
  if (found != nullptr && count > rule.max)
    refuse(path_of(key), fmt::format("has {} items: at most {}", count, rule.max));
  if (count < rule.min) refuse(path_of(key), fmt::format("needs at least {} items", rule.min));
  return problem_ ? nullptr : found;
}

const JsonValue* JsonReader::item_object(std::string_view key, const JsonValue& list,
                                         std::size_t index) {
  if (list.items[index].kind == Kind::object) return &list.items[index];
  refuse(item_path(key, index), "must be an object");
  return nullptr;
}

void JsonReader::check_text(const std::string& path, const JsonValue& value, const Text& rule) {
  if (value.kind != Kind::text) return refuse(path, "must be a text");
  const std::size_t length = utf8_length(value.text);
  if (length > rule.max)
    refuse(path, fmt::format("is {} characters long: at most {}", length, rule.max));
  if (rule.min > 0 && is_blank(value.text)) refuse(path, "is blank: write something");
  if (length < rule.min)
    refuse(path, fmt::format("is {} characters long: at least {}", length, rule.min));
}

void JsonReader::operator()(std::string_view key, std::string& value, Text rule) {
  if (const JsonValue* found = take(key, Kind::text, "a text")) {
    check_text(path_of(key), *found, rule);
    value = found->text;
  } else if (rule.min > 0) {
    refuse(path_of(key),
           fmt::format("is missing: give a text of {} to {} characters", rule.min, rule.max));
  }
}

void JsonReader::operator()(std::string_view key, std::vector<std::string>& value, Items rule) {
  const JsonValue* found = take_list(key, rule);
  if (found == nullptr) return;
  value.clear();
  for (std::size_t i = 0; i < found->items.size(); ++i) {
    check_text(item_path(key, i), found->items[i], rule.each);
    value.push_back(found->items[i].text);
  }
}

void JsonReader::operator()(std::string_view key, std::uint32_t& value, Whole rule) {
  value = rule.otherwise;
  const JsonValue* found = take(key, Kind::integer, "a whole number");
  if (found == nullptr) return;
  if (found->integer < rule.min || found->integer > rule.max)
    return refuse(path_of(key),
                  fmt::format("is {}: give {} to {}", found->integer, rule.min, rule.max));
  value = static_cast<std::uint32_t>(found->integer);
}

void JsonReader::operator()(std::string_view key, std::uint64_t& value, About) {
  const JsonValue* found = take(key, Kind::integer, "a whole number");
  if (found == nullptr) return;
  if (found->integer < 0) return refuse(path_of(key), "is negative");
  value = static_cast<std::uint64_t>(found->integer);
}

void JsonReader::operator()(std::string_view key, Hundredths& value, Scale rule) {
  const JsonValue* found = take(key, Kind::number, "a number");
  if (found == nullptr) return;
  const double scaled = found->number * 100;
  if (!(scaled >= 0 && scaled <= rule.max))
    return refuse(path_of(key), fmt::format("is {}: give a number from 0 to {}", found->number,
                                            to_string(Hundredths{rule.max})));
  value.value = static_cast<std::int32_t>(std::lround(scaled));
}

void JsonReader::operator()(std::string_view key, bool& value, About) {
  if (const JsonValue* found = take(key, Kind::boolean, "true or false")) value = found->boolean;
}

void JsonReader::rest(OtherMembers& members, std::size_t bytes_max) {
  std::size_t bytes = 0;
  for (const JsonMember& member : object_.members) {
    if (std::ranges::find(known_, member.key) != known_.end()) continue;
    std::string json = to_json(member.value);
    bytes += member.key.size() + json.size();
    if (bytes > bytes_max)
      return refuse(path_of(member.key),
                    fmt::format("makes {} larger than {} bytes", path_, bytes_max));
    members.insert_or_assign(member.key, std::move(json));
  }
  for (const auto& [key, json] : members) known_.push_back(key);
}

void JsonReader::finish() {
  if (mode_ == Mode::answer) return;
  for (const JsonMember& member : object_.members) {
    if (std::ranges::find(known_, member.key) != known_.end()) continue;
    std::ranges::sort(known_);
    return refuse(path_of(member.key),
                  fmt::format("is not known: use {}", fmt::join(known_, ", ")));
  }
}

}  // namespace reprise
