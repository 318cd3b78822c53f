// Attributes: what a run tells those who look for it, as typed values under short names; and its memo.
//
// Guarantees: bounded: at most 32 names of 1 to 64 bytes, and 1 KiB of names and texts together. They
//             are part of the run's view: lists show them and are filtered by them.
// Units:      whole numbers are 64 bits; other numbers are finite doubles.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.hpp"
#include "engine/author/payload.hpp"

namespace reprise {

inline constexpr std::size_t kAttributesMax = 32;
inline constexpr std::size_t kAttributeNameBytesMax = 64;
inline constexpr std::size_t kAttributesBytesMax = 1024;
inline constexpr std::size_t kMemoBytesMax = 16U << 10U;

using AttributeValue = std::variant<std::string, std::int64_t, double, bool>;
using Attributes = std::map<std::string, AttributeValue, std::less<>>;
// A name without a value is removed.
using AttributeChanges = std::map<std::string, std::optional<AttributeValue>, std::less<>>;

// What a run is labelled with; the memo is opaque, and shown with its description.
struct RunLabels {
  Attributes attributes{};
  Payload memo{};
  friend bool operator==(const RunLabels&, const RunLabels&) = default;
};

// invalid_argument (the attribute's name is the field) or too_large.
Result<> check_attributes(const Attributes& attributes);

void change(Attributes& attributes, const AttributeChanges& changes);

}  // namespace reprise
