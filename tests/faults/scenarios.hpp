// The scenarios of a server's life in which the power is cut behind each operation of the disk.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "tests/faults/recording.hpp"

namespace reprise::testing {

struct Scenario {
  std::string_view name;
  std::string_view what;
  std::vector<Recording> (*record)();  // lives it
};

std::span<const Scenario> scenarios();

}  // namespace reprise::testing
