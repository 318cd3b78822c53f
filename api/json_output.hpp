// ObjectWriter: one JSON object, appended to a text member by member.
//
// Guarantees: texts are escaped, bytes that are no UTF-8 become U+FFFD; nothing is allocated but the
//             text itself. What raw() is given must be JSON.
// Example:    ObjectWriter(out).text("id", id).number("seq", 7).time("at", now).close();
#pragma once

#include <fmt/format.h>

#include <chrono>
#include <concepts>
#include <iterator>
#include <string>
#include <string_view>

#include "activities/contracts/json_value.hpp"
#include "base/time.hpp"
#include "engine/author/payload.hpp"

namespace reprise::api {

// The payload as JSON, exactly as it stands, when it is JSON; {"base64": "…"} when it is anything
// else, and null when it is empty. Line breaks between JSON tokens become spaces, so that an event
// is one line.
void append_payload(std::string& out, const Payload& payload);

// The bytes as a JSON text in base 64 (RFC 4648, padded).
void append_base64(std::string& out, std::string_view bytes);

class ObjectWriter {
 public:
  explicit ObjectWriter(std::string& out) : out_(out) { out_ += '{'; }
  ObjectWriter(const ObjectWriter&) = delete;
  ObjectWriter& operator=(const ObjectWriter&) = delete;

  ObjectWriter& text(std::string_view key, std::string_view value) {
    append_json_text(begin(key), value);
    return *this;
  }
  ObjectWriter& milliseconds(std::string_view key, Duration value) {
    return number(key, std::chrono::duration_cast<std::chrono::milliseconds>(value).count());
  }
  ObjectWriter& text_or_null(std::string_view key, std::string_view value) {
    return value.empty() ? null(key) : text(key, value);
  }
  template <std::integral Number>
    requires(!std::same_as<Number, bool>)
  ObjectWriter& number(std::string_view key, Number value) {
    fmt::format_to(std::back_inserter(begin(key)), "{}", value);
    return *this;
  }
  ObjectWriter& boolean(std::string_view key, bool value) {
    return raw(key, value ? "true" : "false");
  }
  ObjectWriter& null(std::string_view key) { return raw(key, "null"); }
  ObjectWriter& time(std::string_view key, UtcTime value) {
    fmt::format_to(std::back_inserter(begin(key)), "\"{}\"", to_rfc3339(value));
    return *this;
  }
  // UtcTime() stands for "not yet".
  ObjectWriter& time_or_null(std::string_view key, UtcTime value) {
    return value == UtcTime() ? null(key) : time(key, value);
  }
  ObjectWriter& raw(std::string_view key, std::string_view json) {
    begin(key) += json;
    return *this;
  }
  ObjectWriter& payload(std::string_view key, const Payload& value) {
    append_payload(begin(key), value);
    return *this;
  }
  // Writes the key; the caller appends its value.
  std::string& begin(std::string_view key) {
    if (!is_first_) out_ += ',';
    is_first_ = false;
    append_json_text(out_, key);
    return out_ += ':';
  }
  void close() { out_ += '}'; }

 private:
  std::string& out_;
  bool is_first_ = true;
};

}  // namespace reprise::api
