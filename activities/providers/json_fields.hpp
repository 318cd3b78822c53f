// Reading the JSON of a server that may send anything: a field that is absent or of another type
// reads as empty. For sources only: no header of this folder includes it.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

namespace reprise {

// Keeps the order of members: a model writes its answer in the order of the schema.
using Json = nlohmann::ordered_json;

// Discarded (is_discarded(), and no object) when `text` is no JSON.
inline Json parse_json_fields(const std::string& text) {
  return Json::parse(text, nullptr, /*allow_exceptions=*/false);
}

// Bytes that are no UTF-8 become U+FFFD.
inline std::string dump_json(const Json& value) {
  return value.dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

inline std::string text_at(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

inline std::uint64_t count_at(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

// The member, or null JSON, in which nothing is found.
inline Json member_at(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() ? *found : Json();
}

}  // namespace reprise
