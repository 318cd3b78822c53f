#include "engine/core/attribute_codec.hpp"

#include <bit>

namespace reprise {
namespace {

enum Tag : std::uint8_t { removed, text, whole, real, no, yes };

void write_value(Writer& out, const AttributeValue& value) {
  if (const auto* s = std::get_if<std::string>(&value)) {
    out.varint(text);
    out.bytes(*s);
  } else if (const auto* n = std::get_if<std::int64_t>(&value)) {
    out.varint(whole);
    out.zigzag(*n);
  } else if (const auto* d = std::get_if<double>(&value)) {
    out.varint(real);
    out.varint(std::bit_cast<std::uint64_t>(*d));
  } else {
    out.varint(std::get<bool>(value) ? yes : no);
  }
}

// False when the bytes are none.
bool read_value(Reader& in, std::optional<AttributeValue>& value) {
  switch (in.varint()) {
    case removed: value.reset(); break;
    case text: value = std::string(in.bytes()); break;
    case whole: value = in.zigzag(); break;
    case real: value = std::bit_cast<double>(in.varint()); break;
    case no: value = false; break;
    case yes: value = true; break;
    default: return false;
  }
  return in.ok();
}

}  // namespace

void write(Writer& out, const Attributes& attributes) {
  out.varint(attributes.size());
  for (const auto& [name, value] : attributes) {
    out.bytes(name);
    write_value(out, value);
  }
}

void write(Writer& out, const AttributeChanges& changes) {
  out.varint(changes.size());
  for (const auto& [name, value] : changes) {
    out.bytes(name);
    if (value)
      write_value(out, *value);
    else
      out.varint(removed);
  }
}

std::optional<AttributeChanges> read_changes(Reader& in) {
  AttributeChanges changes;
  for (std::uint64_t n = in.varint(); n > 0 && in.ok(); --n) {
    std::string name(in.bytes());
    if (!changes.empty() && name <= changes.rbegin()->first) return std::nullopt;
    std::optional<AttributeValue> value;
    if (!read_value(in, value)) return std::nullopt;
    changes.emplace_hint(changes.end(), std::move(name), std::move(value));
  }
  if (!in.ok()) return std::nullopt;
  return changes;
}

std::optional<Attributes> read_attributes(Reader& in) {
  std::optional<AttributeChanges> changes = read_changes(in);
  if (!changes) return std::nullopt;
  Attributes attributes;
  for (auto& [name, value] : *changes) {
    if (!value) return std::nullopt;
    attributes.emplace_hint(attributes.end(), name, std::move(*value));
  }
  return attributes;
}

}  // namespace reprise
