#include "engine/author/attributes.hpp"

#include <fmt/format.h>

#include <cmath>

namespace reprise {
namespace {

bool is_name(std::string_view name) {
  if (name.empty() || name.size() > kAttributeNameBytesMax) return false;
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!plain && c != '_' && c != '-' && c != '.') return false;
  }
  return (name.front() >= 'a' && name.front() <= 'z') ||
         (name.front() >= 'A' && name.front() <= 'Z');
}

std::size_t text_bytes(const AttributeValue& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text != nullptr ? text->size() : sizeof(double);
}

}  // namespace

Result<> check_attributes(const Attributes& attributes) {
  if (attributes.size() > kAttributesMax)
    return fail(Errc::too_large, fmt::format("a run has at most {} attributes", kAttributesMax));
  std::size_t bytes = 0;
  for (const auto& [name, value] : attributes) {
    if (!is_name(name))
      return fail(Errc::invalid_argument,
                  fmt::format("an attribute's name has 1 to {} letters, digits, _ - . and begins "
                              "with a letter",
                              kAttributeNameBytesMax),
                  name);
    if (const auto* number = std::get_if<double>(&value);
        number != nullptr && !std::isfinite(*number))
      return fail(Errc::invalid_argument, "a number must be finite", name);
    bytes += name.size() + text_bytes(value);
    if (bytes > kAttributesBytesMax)
      return fail(
          Errc::too_large,
          fmt::format("a run's attributes have at most {} bytes together", kAttributesBytesMax),
          name);
  }
  return {};
}

void change(Attributes& attributes, const AttributeChanges& changes) {
  for (const auto& [name, value] : changes) {
    if (value)
      attributes.insert_or_assign(name, *value);
    else
      attributes.erase(name);
  }
}

}  // namespace reprise
