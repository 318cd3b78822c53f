#include <fmt/format.h>

#include "activities/contracts/json_shape.hpp"

namespace reprise {

std::string to_string(Hundredths number) {
  const std::int32_t whole = number.value / 100;
  const std::int32_t part = number.value % 100;
  if (part == 0) return fmt::format("{}", whole);
  if (part % 10 == 0) return fmt::format("{}.{}", whole, part / 10);
  return fmt::format("{}.{:02}", whole, part);
}

void JsonWriter::put(std::string_view key, std::string json) {
  members_.insert_or_assign(std::string(key), std::move(json));
}

void JsonWriter::put_text(std::string_view key, std::string_view text) {
  std::string json;
  append_json_text(json, text);
  put(key, std::move(json));
}

void JsonWriter::put_list(std::string_view key, const std::vector<std::string>& items) {
  std::string json = "[";
  for (const std::string& item : items) {
    if (json.size() > 1) json += ',';
    json += item;
  }
  put(key, json + "]");
}

void JsonWriter::operator()(std::string_view key, const std::string& value, Text) {
  if (writes(!value.empty())) put_text(key, value);
}

void JsonWriter::operator()(std::string_view key, const std::vector<std::string>& value, Items) {
  if (!writes(!value.empty())) return;
  std::vector<std::string> items;
  for (const std::string& item : value) append_json_text(items.emplace_back(), item);
  put_list(key, items);
}

void JsonWriter::operator()(std::string_view key, std::uint32_t value, Whole rule) {
  if (writes(value != rule.otherwise)) put(key, fmt::format("{}", value));
}

void JsonWriter::operator()(std::string_view key, std::uint64_t value, About) {
  if (writes(value != 0)) put(key, fmt::format("{}", value));
}

void JsonWriter::operator()(std::string_view key, Hundredths value, Scale) {
  if (writes(value.value != 0)) put(key, to_string(value));
}

void JsonWriter::operator()(std::string_view key, bool value, About) {
  if (writes(value)) put(key, value ? "true" : "false");
}

void JsonWriter::rest(const OtherMembers& members, std::size_t) {
  for (const auto& [key, json] : members) put(key, json);
}

std::string JsonWriter::take() const {
  std::string json = "{";
  for (const auto& [key, value] : members_) {
    if (json.size() > 1) json += ',';
    append_json_text(json, key);
    json += ':';
    json += value;
  }
  return json + "}";
}

}  // namespace reprise
