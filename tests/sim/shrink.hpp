// Shrinking: from a seed that fails to a small part of it that fails as well.
//
// Leaves out requests, crashes and faults, many at once and then fewer (delta debugging: Zeller,
// Hildebrandt 2002), as long as what is left still fails, in whatever way.
// Guarantees: the excerpt fails each time. No single one of what is left can be left out, unless the
//             tries came to their end.
// Thread:     one that is alone in its process: each try is a fork, so that a CHECK which ends the
//             process is a failure like any other.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "tests/sim/simulation.hpp"

namespace reprise::sim {

// In how many ticks each kind of deed was done.
struct Deeds {
  int ticks = 0;
  int requests = 0;
  int crashes = 0;
  int faults = 0;
};
std::string to_string(const Deeds& deeds);

// The excerpt that does all that was noted.
Excerpt all_of(std::span<const std::uint8_t> noted);

struct Shrunk {
  Excerpt excerpt;
  Deeds deeds;
  Deeds deeds_at_first;
  int tries = 0;
};
// Nothing when the seed, or its excerpt, does not fail.
std::optional<Shrunk> shrink(const SimOptions& options, int tries_max = 3000);

}  // namespace reprise::sim
