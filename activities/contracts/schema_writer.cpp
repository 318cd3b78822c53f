#include <fmt/format.h>

#include "activities/contracts/json_shape.hpp"

namespace reprise {
namespace {

std::string quoted(std::string_view text) {
  std::string json;
  append_json_text(json, text);
  return json;
}

// ,"description":"…", or nothing.
std::string description(std::string_view about) {
  return about.empty() ? std::string() : ",\"description\":" + quoted(about);
}

}  // namespace

void SchemaWriter::put(std::string_view key, std::string_view schema) {
  const std::string_view comma = properties_.empty() ? "" : ",";
  properties_ += fmt::format("{}{}:{}", comma, quoted(key), schema);
  required_ += fmt::format("{}{}", comma, quoted(key));
}

void SchemaWriter::put_typed(std::string_view key, std::string_view type, std::string_view about) {
  put(key, fmt::format(R"({{"type":"{}"{}}})", type, description(about)));
}

void SchemaWriter::put_enum(std::string_view key, const std::vector<std::string_view>& names,
                            std::string_view about) {
  std::string list;
  for (const std::string_view name : names) list += (list.empty() ? "" : ",") + quoted(name);
  put(key, fmt::format(R"({{"type":"string","enum":[{}]{}}})", list, description(about)));
}

void SchemaWriter::put_list(std::string_view key, std::string_view item_schema,
                            std::string_view about) {
  put(key, fmt::format(R"({{"type":"array","items":{}{}}})", item_schema, description(about)));
}

void SchemaWriter::operator()(std::string_view key, const std::string&, Text rule) {
  put_typed(key, "string", rule.about);
}

void SchemaWriter::operator()(std::string_view key, const std::vector<std::string>&, Items rule) {
  put_list(key, R"({"type":"string"})", rule.about);
}

void SchemaWriter::operator()(std::string_view key, std::uint32_t, Whole rule) {
  put_typed(key, "integer", rule.about);
}

void SchemaWriter::operator()(std::string_view key, Hundredths, Scale rule) {
  put_typed(key, "number", rule.about);
}

void SchemaWriter::operator()(std::string_view key, bool, About rule) {
  put_typed(key, "boolean", rule.about);
}

std::string SchemaWriter::take() const {
  return fmt::format(
      R"({{"type":"object","properties":{{{}}},"required":[{}],"additionalProperties":false}})",
      properties_, required_);
}

}  // namespace reprise
