// FlipTarget: a database that bits are flipped in: tables of two levels, two live logs, a manifest, a
// floor in the middle of the last log, large payloads.
//
// Guarantees: the same folder gives the same target; two that are made are alike, not the same (ids
//             and times differ).
#pragma once

#include <filesystem>
#include <vector>

#include "base/digest.hpp"
#include "tests/faults/store_image.hpp"

namespace reprise::testing {

struct FlipTarget {
  StoreImage image;
  std::vector<Digest> states;  // of the store, after each of its appends; the last is the image's
};

// A server that was killed; one that was stopped.
FlipTarget make_killed_target();
FlipTarget make_stopped_target();

void save_target(const FlipTarget& target, const std::filesystem::path& folder);
// Throws std::runtime_error when there is none.
FlipTarget load_target(const std::filesystem::path& folder);

}  // namespace reprise::testing
