// Call: what a client asked of an object, when, and what it was answered.
//
// Units: an Instant counts what all clients did, in the one order in which it happened.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

namespace reprise::linear {

using Instant = std::uint64_t;
inline constexpr Instant kNever = std::numeric_limits<Instant>::max();

template <typename Operation, typename Answer>
struct Call {
  std::size_t client = 0;
  Instant asked = 0;
  // When the answer was there; of a call without one, from when on it can no longer take effect.
  Instant ended = kNever;
  Operation operation{};
  std::optional<Answer> answer{};  // nothing: it may have taken effect or not, nobody knows
};

}  // namespace reprise::linear
