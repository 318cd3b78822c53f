#include "activities/contracts/json_value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "activities/contracts/utf8.hpp"

namespace reprise {
namespace {

// Builds the tree from the parser's events, and stops it at the first limit.
class TreeBuilder {
 public:
  using json = nlohmann::json;
  explicit TreeBuilder(JsonLimits limits) : limits_(limits) {}

  // The names below are those that nlohmann's SAX interface asks for.
  bool null() { return put({}); }
  bool boolean(bool value) { return put({.kind = JsonValue::Kind::boolean, .boolean = value}); }
  bool number_integer(json::number_integer_t value) {
    return put(
        {.kind = JsonValue::Kind::integer, .integer = value, .number = static_cast<double>(value)});
  }
  bool number_unsigned(json::number_unsigned_t value) {
    if (std::in_range<std::int64_t>(value)) return number_integer(static_cast<std::int64_t>(value));
    return number_float(static_cast<double>(value), {});
  }
  bool number_float(json::number_float_t value, const std::string&) {
    return put({.kind = JsonValue::Kind::number, .number = value});
  }
  bool string(std::string& value) {
    return put({.kind = JsonValue::Kind::text, .text = std::move(value)});
  }
  bool binary(json::binary_t&) { return false; }
  bool start_object(std::size_t) { return open(JsonValue::Kind::object); }
  bool start_array(std::size_t) { return open(JsonValue::Kind::list); }
  bool key(std::string& key) {
    keys_.back() = std::move(key);
    return true;
  }
  bool end_array() { return close(); }
  bool end_object() {
    std::vector<JsonMember>& members = open_.back().members;
    std::ranges::sort(members, {}, &JsonMember::key);
    const auto twice = std::ranges::adjacent_find(members, {}, &JsonMember::key);
    if (twice != members.end())
      return refuse(Errc::invalid_argument,
                    fmt::format("the key \"{}\" stands twice in one object", twice->key));
    return close();
  }
  bool parse_error(std::size_t position, const std::string&, const json::exception& error) {
    std::string what = error.what();
    if (const auto colon = what.rfind(": "); colon != std::string::npos) what.erase(0, colon + 2);
    return refuse(Errc::invalid_argument,
                  fmt::format("is not JSON: at byte {}: {}", position, what));
  }

  Result<JsonValue> take() {
    if (error_) return std::unexpected(std::move(*error_));
    return std::move(root_);
  }

 private:
  bool refuse(Errc code, std::string detail) {
    if (!error_) error_ = Error{.code = code, .detail = std::move(detail), .field = {}};
    return false;
  }
  bool put(JsonValue value) {
    if (++values_ > limits_.values_max)
      return refuse(Errc::too_large,
                    fmt::format("the JSON has more than {} values", limits_.values_max));
    if (open_.empty())
      root_ = std::move(value);
    else if (open_.back().kind == JsonValue::Kind::list)
      open_.back().items.push_back(std::move(value));
    else
      open_.back().members.push_back({std::move(keys_.back()), std::move(value)});
    return true;
  }
  bool open(JsonValue::Kind kind) {
    if (open_.size() >= limits_.depth_max)
      return refuse(Errc::too_large,
                    fmt::format("the JSON is nested deeper than {}", limits_.depth_max));
    open_.push_back({.kind = kind});
    keys_.emplace_back();
    return true;
  }
  bool close() {
    JsonValue value = std::move(open_.back());
    open_.pop_back();
    keys_.pop_back();
    return put(std::move(value));
  }

  JsonLimits limits_;
  std::vector<JsonValue> open_;
  std::vector<std::string> keys_;  // the key read last, for each open value
  JsonValue root_;
  std::size_t values_ = 0;
  std::optional<Error> error_;
};

template <typename Number>
void append_number(std::string& out, Number number) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void append_json(std::string& out, const JsonValue& value) {
  switch (value.kind) {
    case JsonValue::Kind::null: out += "null"; return;
    case JsonValue::Kind::boolean: out += value.boolean ? "true" : "false"; return;
    case JsonValue::Kind::integer: return append_number(out, value.integer);
    case JsonValue::Kind::number: return append_number(out, value.number);
    case JsonValue::Kind::text: return append_json_text(out, value.text);
    case JsonValue::Kind::list:
      out += '[';
      for (std::size_t i = 0; i < value.items.size(); ++i) {
        if (i > 0) out += ',';
        append_json(out, value.items[i]);
      }
      out += ']';
      return;
    case JsonValue::Kind::object:
      out += '{';
      for (std::size_t i = 0; i < value.members.size(); ++i) {
        if (i > 0) out += ',';
        append_json_text(out, value.members[i].key);
        out += ':';
        append_json(out, value.members[i].value);
      }
      out += '}';
      return;
  }
}

}  // namespace

const JsonValue* JsonValue::find(std::string_view key) const {
  const auto found = std::ranges::lower_bound(members, key, {}, &JsonMember::key);
  return found != members.end() && found->key == key ? &found->value : nullptr;
}

Result<JsonValue> parse_json(std::string_view text, JsonLimits limits) {
  if (text.size() > limits.bytes_max)
    return fail(Errc::too_large,
                fmt::format("the JSON has {} bytes: at most {}", text.size(), limits.bytes_max));
  TreeBuilder builder(limits);
  nlohmann::json::sax_parse(text, &builder);
  return builder.take();
}

std::string to_json(const JsonValue& value) {
  std::string out;
  append_json(out, value);
  return out;
}

void append_json_text(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const char c = text.front();
    const std::size_t length = utf8_character(text);
    if (length == 0) {
      out += "\xEF\xBF\xBD";
    } else if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  out += '"';
}

}  // namespace reprise
