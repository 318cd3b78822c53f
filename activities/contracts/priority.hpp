// Priority: how urgent a task or one of its parts is.
#pragma once

#include <array>
#include <cstdint>

#include "activities/contracts/json_shape.hpp"

namespace reprise {

// Durable numbers. Lower comes first.
enum class Priority : std::uint8_t { high = 1, normal = 2, low = 3 };

// "medium" is read as normal.
constexpr auto enum_names(Priority) {
  return std::array{EnumName{Priority::normal, "normal"}, EnumName{Priority::high, "high"},
                    EnumName{Priority::low, "low"}, EnumName{Priority::normal, "medium"}};
}

}  // namespace reprise
