#include "tools/reprise/json_read.hpp"

#include <nlohmann/json.hpp>

#include "tools/reprise/text.hpp"

namespace reprise::cli {

Json parse_or_null(std::string_view text) {
  Json value = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  return value.is_discarded() ? Json() : value;
}

const Json& at(const Json& object, std::string_view key) {
  static const Json null;
  if (!object.is_object()) return null;
  const auto found = object.find(key);
  return found == object.end() ? null : *found;
}

std::string text_at(const Json& object, std::string_view key) {
  return printable(raw_text_at(object, key));
}

std::string first_text_at(const Json& object, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys)
    if (std::string text = text_at(object, key); !text.empty()) return text;
  return {};
}

std::string raw_text_at(const Json& object, std::string_view key) {
  const Json& value = at(object, key);
  return value.is_string() ? value.get<std::string>() : std::string();
}

std::optional<std::uint64_t> count_at(const Json& object, std::string_view key) {
  const Json& value = at(object, key);
  if (!value.is_number_unsigned()) return std::nullopt;
  return value.get<std::uint64_t>();
}

std::optional<double> number_at(const Json& object, std::string_view key) {
  const Json& value = at(object, key);
  if (!value.is_number()) return std::nullopt;
  return value.get<double>();
}

bool true_at(const Json& object, std::string_view key) {
  const Json& value = at(object, key);
  return value.is_boolean() && value.get<bool>();
}

std::optional<UtcTime> time_at(const Json& object, std::string_view key) {
  const std::string text = raw_text_at(object, key);
  return text.empty() ? std::nullopt : parse_rfc3339(text);
}

std::string field_of(std::string_view document, std::string_view key) {
  return text_at(parse_or_null(document), key);
}

std::string plain_text(const Json& value) {
  if (value.is_string()) return printable(value.get<std::string>());
  if (value.is_array()) {
    std::string out;
    for (const Json& item : value) (out += out.empty() ? "" : ", ") += plain_text(item);
    return out;
  }
  if (value.is_null()) return {};
  return printable(value.dump(-1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace reprise::cli
