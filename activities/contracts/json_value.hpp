// JsonValue: a JSON document in memory, read under limits and written in one canonical form.
//
// Guarantees: parse_json() accepts RFC 8259 in valid UTF-8, refuses a key that stands twice, and
//             keeps to its limits while it reads. to_json() is canonical: keys sorted by bytes, no
//             white space, shortest numbers; equal documents give equal bytes.
// Errors:     invalid_argument (what is wrong, and at which byte), too_large.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace reprise {

struct JsonMember;

struct JsonValue {
  enum class Kind : std::uint8_t { null, boolean, integer, number, text, list, object };

  Kind kind = Kind::null;
  bool boolean = false;
  std::int64_t integer = 0;
  double number = 0;  // also set for integers
  std::string text;
  std::vector<JsonValue> items;
  std::vector<JsonMember> members;  // sorted by key

  // Null when there is no such member, or when this is no object.
  [[nodiscard]] const JsonValue* find(std::string_view key) const;
};

struct JsonMember {
  std::string key;
  JsonValue value;
};

struct JsonLimits {
  std::size_t bytes_max = 2U << 20U;
  std::size_t depth_max = 64;
  std::size_t values_max = 100'000;
};

Result<JsonValue> parse_json(std::string_view text, JsonLimits limits = {});

std::string to_json(const JsonValue& value);

// Appends `text` as a JSON string. Bytes that are no UTF-8 become U+FFFD.
void append_json_text(std::string& out, std::string_view text);

}  // namespace reprise
