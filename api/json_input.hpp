// JSON input: a request's body, checked field by field, with all that is wrong in one answer.
//
// Guarantees: a key that stands twice, bad UTF-8, a depth over 64 and anything behind the document
//             are refused, as is a byte order mark in front (RFC 8259, 8.1); so is every field that
//             nobody asked for. A field is named by its path, "context.constraints[1]", a body as a
//             whole by "body"; each reason says the fix.
//             Shapes (activities/contracts/json_shape.hpp) are read with the same rules as the
//             workflow reads them: what passes here passes there.
// Units:      text lengths in characters (code points).
#pragma once

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "activities/contracts/json_shape.hpp"
#include "api/problem.hpp"

namespace reprise::api {

class InputErrors {
 public:
  static constexpr std::size_t kCountMax = 50;  // what is told of one request

  // The first reason for a field is kept.
  void add(std::string field, std::string reason);
  [[nodiscard]] bool empty() const { return fields_.empty(); }
  [[nodiscard]] const std::vector<FieldProblem>& fields() const { return fields_; }

 private:
  std::vector<FieldProblem> fields_;
};

// Any JSON document; the error's detail is a reason for the field "body".
Result<JsonValue> parse_body(std::string_view body);
// The object that `body` holds; nothing, and an error, when it holds none.
std::optional<JsonValue> read_object(std::string_view body, InputErrors& errors);
// Any JSON document, or nothing at all; false, and an error, when it is something else.
bool check_json(std::string_view body, InputErrors& errors);

// The bytes of a member of the object `json`, as they stand; `json` passed read_object() and has the
// member. Nothing when its key is written with escapes.
std::optional<std::string_view> raw_member(std::string_view json, std::string_view key);

class ObjectReader {
 public:
  // `not_yet`: paths of fields that are known but that this version does not act on: refused by name.
  ObjectReader(const JsonValue& object, InputErrors& errors,
               std::span<const std::string_view> not_yet = {})
      : ObjectReader(object, {}, errors, not_yet) {}

  void operator()(std::string_view key, std::string& value, Text rule = {});
  void operator()(std::string_view key, std::vector<std::string>& value, Items rule = {});
  void operator()(std::string_view key, std::uint32_t& value, Whole rule = {});
  void operator()(std::string_view key, bool& value, About rule = {});
  template <NamedEnum E>
  void operator()(std::string_view key, E& value, About = {}) {
    std::vector<std::string_view> names;
    for (const auto& entry : enum_names(value)) names.push_back(entry.name);
    if (const auto index = choice(key, names)) value = enum_names(value)[*index].value;
  }
  template <Shape T>
  void operator()(std::string_view key, T& value, About = {}) {
    const JsonValue* found = take(key, JsonValue::Kind::object, "an object");
    if (found == nullptr) return;
    ObjectReader reader(*found, path_of(key), errors_, not_yet_);
    T::fields(reader, value);
    reader.finish();
  }
  // Everything that no other field takes; call it last.
  void rest(OtherMembers& members, std::size_t bytes_max);

  // The place of the member's text among `names`.
  std::optional<std::size_t> choice(std::string_view key, std::span<const std::string_view> names);
  // The member, of any kind; null when it is absent.
  const JsonValue* any(std::string_view key);
  // An error when the member is absent.
  void require(std::string_view key, std::string_view what);

  // After the last field: refuses what no field took.
  void finish();

 private:
  ObjectReader(const JsonValue& object, std::string path, InputErrors& errors,
               std::span<const std::string_view> not_yet);
  const JsonValue* take(std::string_view key, JsonValue::Kind kind, std::string_view what);
  void check_text(const std::string& path, const JsonValue& value, const Text& rule);
  [[nodiscard]] std::string path_of(std::string_view key) const;

  const JsonValue& object_;
  std::string path_;
  InputErrors& errors_;
  std::span<const std::string_view> not_yet_;
  std::vector<std::string_view> known_;
};

}  // namespace reprise::api
