// A shape: the JSON form of a type, described once beside it, and used three ways: to write it
// (JsonWriter), to read it with exact errors (JsonReader), to publish it as JSON Schema
// (SchemaWriter).
//
//     struct Finding {
//       std::string topic;
//       Hundredths confidence;
//       static void fields(auto& codec, auto& self) {
//         codec("topic", self.topic, Text{.min = 1, .max = 200});
//         codec("confidence", self.confidence, Scale{.max = 100});
//       }
//     };
//
// Guarantees: encode() is canonical: keys sorted, a field at its default left out; so a new field
//             with a default changes no bytes of old values. decode() takes nothing unknown.
// Units:      text lengths in characters (code points).
// Errors:     invalid_argument; `field` is the path, "subtasks[2].title", the detail what to do.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "activities/contracts/json_value.hpp"
#include "base/result.hpp"
#include "engine/author/payload.hpp"

namespace reprise {

// --- rules: what a field may hold; `about` goes into the schema ---
struct About {
  std::string_view about;
};
struct Text {
  std::size_t min = 0;  // 1 and more: must be given, and not be blank
  std::size_t max = 40'000;
  std::string_view about;
};
struct Whole {
  std::uint32_t min = 0;
  std::uint32_t max = UINT32_MAX;
  std::uint32_t otherwise = 0;  // the value of an absent field
  std::string_view about;
};
struct Scale {
  std::int32_t max = 100;  // in hundredths
  std::string_view about;
};
struct Items {
  std::size_t min = 0;
  std::size_t max = 50;
  Text each = {.min = 1, .max = 2000, .about = {}};  // where the items are texts
  std::string_view about;
};

// A decimal number with two digits, kept as an integer: 0.95 is 95. JSON shows 0.95.
struct Hundredths {
  std::int32_t value = 0;
  friend auto operator<=>(Hundredths, Hundredths) = default;
};
std::string to_string(Hundredths number);

// An enum travels by name: constexpr auto enum_names(E) gives an array of these, its default first.
template <typename E>
struct EnumName {
  E value;
  std::string_view name;
};
template <typename E>
concept NamedEnum = std::is_enum_v<E> && requires(E e) { enum_names(e); };

template <NamedEnum E>
constexpr std::string_view to_string(E value) {
  for (const auto& entry : enum_names(value))
    if (entry.value == value) return entry.name;
  return "unknown";
}

class JsonWriter;
template <typename T>
concept Shape = requires(JsonWriter& writer, const T& value) { T::fields(writer, value); };

// Members of an object that have no field of their own: key → JSON.
using OtherMembers = std::map<std::string, std::string>;

class JsonWriter {
 public:
  enum class Defaults : bool { omit, write };
  explicit JsonWriter(Defaults defaults) : defaults_(defaults) {}

  void operator()(std::string_view key, const std::string& value, Text rule = {});
  void operator()(std::string_view key, const std::vector<std::string>& value, Items rule = {});
  void operator()(std::string_view key, std::uint32_t value, Whole rule = {});
  void operator()(std::string_view key, std::uint64_t value, About rule = {});
  void operator()(std::string_view key, Hundredths value, Scale rule = {});
  void operator()(std::string_view key, bool value, About rule = {});
  template <NamedEnum E>
  void operator()(std::string_view key, E value, About = {}) {
    if (writes(value != enum_names(value)[0].value)) put_text(key, to_string(value));
  }
  template <Shape T>
  void operator()(std::string_view key, const T& value, About = {}) {
    if (std::string json = object(value, defaults_); writes(json != "{}"))
      put(key, std::move(json));
  }
  template <Shape T>
  void operator()(std::string_view key, const std::optional<T>& value, About = {}) {
    if (value) put(key, object(*value, defaults_));
  }
  template <Shape T>
  void operator()(std::string_view key, const std::vector<T>& value, Items = {}) {
    if (!writes(!value.empty())) return;
    std::vector<std::string> items;
    for (const T& item : value) items.push_back(object(item, defaults_));
    put_list(key, items);
  }
  void rest(const OtherMembers& members, std::size_t bytes_max);

  // The object, its keys sorted.
  [[nodiscard]] std::string take() const;

  template <Shape T>
  static std::string object(const T& value, Defaults defaults) {
    JsonWriter writer(defaults);
    T::fields(writer, value);
    return writer.take();
  }

 private:
  [[nodiscard]] bool writes(bool is_set) const { return is_set || defaults_ == Defaults::write; }
  void put(std::string_view key, std::string json);
  void put_text(std::string_view key, std::string_view text);
  void put_list(std::string_view key, const std::vector<std::string>& items);

  Defaults defaults_;
  std::map<std::string, std::string, std::less<>> members_;
};

class JsonReader {
 public:
  // strict: a field may be absent (its default), an unknown one is refused.
  // answer: what a model gave: every field must be there, unknown ones are passed over.
  enum class Mode : bool { strict, answer };

  // `problem` takes the first error; later reads change nothing.
  JsonReader(const JsonValue& object, std::string path, Mode mode, std::optional<Error>& problem);

  void operator()(std::string_view key, std::string& value, Text rule = {});
  void operator()(std::string_view key, std::vector<std::string>& value, Items rule = {});
  void operator()(std::string_view key, std::uint32_t& value, Whole rule = {});
  void operator()(std::string_view key, std::uint64_t& value, About rule = {});
  void operator()(std::string_view key, Hundredths& value, Scale rule = {});
  void operator()(std::string_view key, bool& value, About rule = {});
  template <NamedEnum E>
  void operator()(std::string_view key, E& value, About = {}) {
    const JsonValue* found = take(key, JsonValue::Kind::text, "a text");
    if (found == nullptr) return;
    std::string names;
    for (const auto& entry : enum_names(value)) {
      if (entry.name == found->text) return static_cast<void>(value = entry.value);
      names += (names.empty() ? "" : ", ") + std::string(entry.name);
    }
    refuse_name(key, found->text, names);
  }
  template <Shape T>
  void operator()(std::string_view key, T& value, About = {}) {
    if (const JsonValue* found = take(key, JsonValue::Kind::object, "an object"))
      read_object(*found, path_of(key), value);
  }
  template <Shape T>
  void operator()(std::string_view key, std::optional<T>& value, About = {}) {
    const JsonValue* found = take_optional(key);
    if (found != nullptr) read_object(*found, path_of(key), value.emplace());
  }
  template <Shape T>
  void operator()(std::string_view key, std::vector<T>& value, Items rule = {}) {
    const JsonValue* found = take_list(key, rule);
    if (found == nullptr) return;
    value.assign(found->items.size(), T{});
    for (std::size_t i = 0; i < value.size(); ++i)
      if (const JsonValue* item = item_object(key, *found, i))
        read_object(*item, item_path(key, i), value[i]);
  }
  // Everything that no other field takes; call it last.
  void rest(OtherMembers& members, std::size_t bytes_max);

  // After the last field: refuses what no field took.
  void finish();

 private:
  template <Shape T>
  void read_object(const JsonValue& object, std::string path, T& value) {
    JsonReader reader(object, std::move(path), mode_, problem_);
    T::fields(reader, value);
    reader.finish();
  }
  const JsonValue* take(std::string_view key, JsonValue::Kind kind, std::string_view what);
  const JsonValue* take_optional(std::string_view key);
  const JsonValue* take_list(std::string_view key, const Items& rule);
  const JsonValue* item_object(std::string_view key, const JsonValue& list, std::size_t index);
  void check_text(const std::string& path, const JsonValue& value, const Text& rule);
  void refuse(std::string path, std::string detail);
  void refuse_name(std::string_view key, std::string_view name, const std::string& names);
  [[nodiscard]] std::string path_of(std::string_view key) const;
  [[nodiscard]] std::string item_path(std::string_view key, std::size_t index) const;

  const JsonValue& object_;
  std::string path_;
  Mode mode_;
  std::optional<Error>& problem_;
  std::vector<std::string_view> known_;
};

// A JSON Schema that the strict modes of model providers take: every object closed, every field
// required, keys in the order of the description.
class SchemaWriter {
 public:
  void operator()(std::string_view key, const std::string& value, Text rule = {});
  void operator()(std::string_view key, const std::vector<std::string>& value, Items rule = {});
  void operator()(std::string_view key, std::uint32_t value, Whole rule = {});
  void operator()(std::string_view key, Hundredths value, Scale rule = {});
  void operator()(std::string_view key, bool value, About rule = {});
  template <NamedEnum E>
  void operator()(std::string_view key, E value, About rule = {}) {
    std::vector<std::string_view> names;
    for (const auto& entry : enum_names(value))
      if (to_string(entry.value) == entry.name) names.push_back(entry.name);
    put_enum(key, names, rule.about);
  }
  template <Shape T>
  void operator()(std::string_view key, const T&, About = {}) {
    put(key, of<T>());
  }
  template <Shape T>
  void operator()(std::string_view key, const std::vector<T>&, Items rule = {}) {
    put_list(key, of<T>(), rule.about);
  }

  template <Shape T>
  static std::string of() {
    SchemaWriter writer;
    const T value{};
    T::fields(writer, value);
    return writer.take();
  }

 private:
  void put(std::string_view key, std::string_view schema);
  void put_typed(std::string_view key, std::string_view type, std::string_view about);
  void put_enum(std::string_view key, const std::vector<std::string_view>& names,
                std::string_view about);
  void put_list(std::string_view key, std::string_view item_schema, std::string_view about);
  [[nodiscard]] std::string take() const;

  std::string properties_;
  std::string required_;
};

template <Shape T>
Result<> read_json(std::string_view json, JsonReader::Mode mode, T& value, JsonLimits limits = {}) {
  Result<JsonValue> parsed = parse_json(json, limits);
  if (!parsed) return std::unexpected(std::move(parsed.error()));
  if (parsed->kind != JsonValue::Kind::object)
    return fail(Errc::invalid_argument, "must be a JSON object");
  std::optional<Error> problem;
  JsonReader reader(*parsed, {}, mode, problem);
  T::fields(reader, value);
  reader.finish();
  if (problem) return std::unexpected(std::move(*problem));
  return {};
}

// A Shape is a payload value (engine/author/payload.hpp).
template <Shape T>
Payload encode(const T& value) {
  return {JsonWriter::object(value, JsonWriter::Defaults::omit)};
}
template <Shape T>
Result<> decode(const Payload& payload, T& value) {
  value = T{};
  return read_json(payload.bytes, JsonReader::Mode::strict, value);
}

}  // namespace reprise
