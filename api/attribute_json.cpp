#include "api/attribute_json.hpp"

#include <fmt/format.h>

#include "api/json_output.hpp"

namespace reprise::api {
namespace {

void append_value(std::string& out, const AttributeValue& value) {
  std::visit(
      [&out]<typename Value>(const Value& v) {
        if constexpr (std::same_as<Value, std::string>)
          append_json_text(out, v);
        else
          fmt::format_to(std::back_inserter(out), "{}", v);
      },
      value);
}

void append_value(std::string& out, const std::optional<AttributeValue>& value) {
  if (value)
    append_value(out, *value);
  else
    out += "null";
}

template <typename Map>
void append_map(std::string& out, const Map& map) {
  ObjectWriter json(out);
  for (const auto& [name, value] : map) append_value(json.begin(name), value);
  json.close();
}

}  // namespace

void append_attributes(std::string& out, const Attributes& attributes) {
  append_map(out, attributes);
}

void append_attributes(std::string& out, const AttributeChanges& changes) {
  append_map(out, changes);
}

Result<Attributes> attributes_of(const JsonValue& object) {
  Attributes attributes;
  for (const JsonMember& member : object.members) {
    const JsonValue& value = member.value;
    switch (value.kind) {
      case JsonValue::Kind::text: attributes.emplace(member.key, value.text); break;
      case JsonValue::Kind::integer: attributes.emplace(member.key, value.integer); break;
      case JsonValue::Kind::number: attributes.emplace(member.key, value.number); break;
      case JsonValue::Kind::boolean: attributes.emplace(member.key, value.boolean); break;
      default:
        return fail(Errc::invalid_argument, "must be a text, a number, true or false", member.key);
    }
  }
  return attributes;
}

}  // namespace reprise::api
