// Priority, as contracts write it: how urgent a task or one of its parts is.
#pragma once

#include <array>

#include "activities/contracts/json_shape.hpp"
#include "engine/author/precedence.hpp"

namespace reprise {

// "medium" is read as normal.
constexpr auto enum_names(Priority) {
  return std::array{EnumName{Priority::normal, "normal"}, EnumName{Priority::high, "high"},
                    EnumName{Priority::low, "low"}, EnumName{Priority::normal, "medium"}};
}

}  // namespace reprise
