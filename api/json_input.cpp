#include "api/json_input.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "activities/contracts/utf8.hpp"

namespace reprise::api {
namespace {

using Kind = JsonValue::Kind;

constexpr std::string_view kSpace = " \t\r\n";
constexpr std::size_t kShownBytesMax = 40;  // of what a user wrote

bool is_blank(std::string_view text) { return text.find_first_not_of(kSpace) == text.npos; }

void skip_space(std::string_view& json) {
  json.remove_prefix(std::min(json.find_first_not_of(kSpace), json.size()));
}

// Bytes of the JSON text at the front of `json`, its quotes included.
std::size_t text_bytes(std::string_view json) {
  std::size_t end = 1;
  while (json[end] != '"') end += json[end] == '\\' ? 2 : 1;
  return end + 1;
}

// Bytes of the JSON value at the front of `json`, which is valid.
std::size_t value_bytes(std::string_view json) {
  if (json.front() == '"') return text_bytes(json);
  if (json.front() != '{' && json.front() != '[') return json.find_first_of(",}] \t\r\n");
  std::size_t depth = 0;
  for (std::size_t i = 0;; ++i) {
    const char c = json[i];
    if (c == '"') i += text_bytes(json.substr(i)) - 1;
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth == 0) return i + 1;
  }
}

// The parser's words as a reason, which follows the field's name. They are not changed where they
// are made: workflows put them into what they ask, and a replay must find the same there.
std::string reason_of(std::string detail) {
  constexpr std::string_view kSubject = "the JSON ";
  constexpr std::string_view kPlace = "is not JSON: at byte ";
  if (detail.starts_with(kSubject)) detail.erase(0, kSubject.size());
  if (detail.starts_with("the key ")) detail.insert(0, "is ambiguous: ");
  if (!detail.starts_with(kPlace)) return detail;
  // Behind the place the library speaks, of its own states and types.
  const bool is_too_large = detail.contains("number overflow");
  detail.resize(std::min(detail.find(':', kPlace.size()), detail.size()));
  return is_too_large ? detail + ": the number is out of range" : detail;
}

}  // namespace

Result<JsonValue> parse_body(std::string_view body) {
  if (body.starts_with("\xEF\xBB\xBF"))
    return fail(Errc::invalid_argument, "begins with a byte order mark: send UTF-8 without one");
  Result<JsonValue> parsed = parse_json(body);
  if (parsed) return parsed;
  if (!is_utf8(body)) return fail(Errc::invalid_argument, "is not UTF-8");
  parsed.error().detail = reason_of(std::move(parsed.error().detail));
  return parsed;
}

void InputErrors::add(std::string field, std::string reason) {
  if (fields_.size() >= kCountMax) return;
  if (std::ranges::find(fields_, field, &FieldProblem::field) != fields_.end()) return;
  fields_.push_back({.field = std::move(field), .reason = std::move(reason)});
}

std::optional<JsonValue> read_object(std::string_view body, InputErrors& errors) {
  if (is_blank(body)) {
    errors.add("body", "is empty: send a JSON object");
    return std::nullopt;
  }
  Result<JsonValue> parsed = parse_body(body);
  if (!parsed) {
    errors.add("body", std::move(parsed.error().detail));
    return std::nullopt;
  }
  if (parsed->kind == Kind::object) return std::move(*parsed);
  errors.add("body", "must be a JSON object");
  return std::nullopt;
}

bool check_json(std::string_view body, InputErrors& errors) {
  if (body.empty()) return true;
  const Result<JsonValue> parsed = parse_body(body);
  if (!parsed) errors.add("body", parsed.error().detail);
  return parsed.has_value();
}

std::optional<std::string_view> raw_member(std::string_view json, std::string_view key) {
  skip_space(json);
  while (json.front() != '}') {
    json.remove_prefix(1);  // the brace or the comma
    skip_space(json);
    if (json.front() == '}') break;
    const std::size_t key_bytes = text_bytes(json);
    const std::string_view name = json.substr(1, key_bytes - 2);
    json.remove_prefix(key_bytes);
    skip_space(json);
    json.remove_prefix(1);  // the colon
    skip_space(json);
    const std::size_t bytes = value_bytes(json);
    if (name == key) return json.substr(0, bytes);
    json.remove_prefix(bytes);
    skip_space(json);
  }
  return std::nullopt;
}

ObjectReader::ObjectReader(const JsonValue& object, std::string path, InputErrors& errors,
                           std::span<const std::string_view> not_yet)
    : object_(object), path_(std::move(path)), errors_(errors), not_yet_(not_yet) {}

std::string ObjectReader::path_of(std::string_view key) const {
  return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
}

const JsonValue* ObjectReader::any(std::string_view key) {
  known_.push_back(key);
  return object_.find(key);
}

void ObjectReader::require(std::string_view key, std::string_view what) {
  if (object_.find(key) == nullptr) errors_.add(path_of(key), fmt::format("is missing: {}", what));
}

const JsonValue* ObjectReader::take(std::string_view key, Kind kind, std::string_view what) {
  const JsonValue* found = any(key);
  if (found == nullptr || found->kind == kind) return found;
  if (found->kind == Kind::null)
    errors_.add(path_of(key), fmt::format("is null: give {}, or leave it out", what));
  else
    errors_.add(path_of(key), fmt::format("must be {}", what));
  return nullptr;
}

void ObjectReader::check_text(const std::string& path, const JsonValue& value, const Text& rule) {
  if (value.kind != Kind::text) return errors_.add(path, "must be a text");
  const std::size_t length = utf8_length(value.text);
  if (length > rule.max)
    errors_.add(path, fmt::format("is {} characters long: at most {}", length, rule.max));
  if (rule.min > 0 && is_blank(value.text)) errors_.add(path, "is blank: write something");
  if (length < rule.min)
    errors_.add(path, fmt::format("is {} characters long: at least {}", length, rule.min));
}

void ObjectReader::operator()(std::string_view key, std::string& value, Text rule) {
  if (rule.min > 0)
    require(key, fmt::format("give a text of {} to {} characters", rule.min, rule.max));
  const JsonValue* found = take(key, Kind::text, "a text");
  if (found == nullptr) return;
  check_text(path_of(key), *found, rule);
  value = found->text;
}

void ObjectReader::operator()(std::string_view key, std::vector<std::string>& value, Items rule) {
  if (rule.min > 0) require(key, fmt::format("give a list of at least {}", rule.min));
  const JsonValue* found = take(key, Kind::list, "a list of texts");
  if (found == nullptr) return;
  const std::size_t count = found->items.size();
  if (count > rule.max)
    return errors_.add(path_of(key), fmt::format("has {} items: at most {}", count, rule.max));
  if (count < rule.min)
    errors_.add(path_of(key), fmt::format("has {} items: at least {}", count, rule.min));
  value.clear();
  for (std::size_t i = 0; i < count; ++i) {
    check_text(fmt::format("{}[{}]", path_of(key), i), found->items[i], rule.each);
    value.push_back(found->items[i].text);
  }
}

void ObjectReader::operator()(std::string_view key, std::uint32_t& value, Whole rule) {
  value = rule.otherwise;
  const JsonValue* found = take(key, Kind::integer, "a whole number");
  if (found == nullptr) return;
  if (found->integer < rule.min || found->integer > rule.max)
    return errors_.add(path_of(key),
                       fmt::format("is {}: give {} to {}", found->integer, rule.min, rule.max));
  value = static_cast<std::uint32_t>(found->integer);
}

void ObjectReader::operator()(std::string_view key, bool& value, About) {
  if (const JsonValue* found = take(key, Kind::boolean, "true or false")) value = found->boolean;
}

std::optional<std::size_t> ObjectReader::choice(std::string_view key,
                                                std::span<const std::string_view> names) {
  const JsonValue* found = take(key, Kind::text, fmt::format("one of {}", fmt::join(names, ", ")));
  if (found == nullptr) return std::nullopt;
  const auto place = std::ranges::find(names, found->text);
  if (place != names.end()) return static_cast<std::size_t>(place - names.begin());
  errors_.add(path_of(key),
              fmt::format("is \"{}\": use one of {}", utf8_cut(found->text, kShownBytesMax),
                          fmt::join(names, ", ")));
  return std::nullopt;
}

void ObjectReader::rest(OtherMembers& members, std::size_t bytes_max) {
  std::size_t bytes = 0;
  for (const JsonMember& member : object_.members) {
    if (std::ranges::find(known_, member.key) != known_.end()) continue;
    known_.push_back(member.key);
    std::string json = to_json(member.value);
    bytes += member.key.size() + json.size();
    if (bytes > bytes_max)
      return errors_.add(path_of(member.key),
                         fmt::format("makes {} larger than {} bytes", path_, bytes_max));
    members.insert_or_assign(member.key, std::move(json));
  }
}

void ObjectReader::finish() {
  std::ranges::sort(known_);
  for (const JsonMember& member : object_.members) {
    if (std::ranges::binary_search(known_, std::string_view(member.key))) continue;
    std::string path = path_of(utf8_cut(member.key, kShownBytesMax));
    const bool is_planned = std::ranges::find(not_yet_, path) != not_yet_.end();
    errors_.add(std::move(path),
                is_planned ? "is not supported yet: leave it out"
                           : fmt::format("is not known: use {}", fmt::join(known_, ", ")));
  }
}

}  // namespace reprise::api
