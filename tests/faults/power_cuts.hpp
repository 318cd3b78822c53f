// PowerCuts: cuts the power of each scenario behind each operation of its disk, with each tail, and
// checks what is left.
//
// Garbage behind the end of a log may look like a record with a flipped bit, and is refused then (the
// log cannot tell them apart: ADR-0011); these refusals are counted. Every other one is a fault.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/faults/scenarios.hpp"

namespace reprise::testing {

struct PowerCutOptions {
  std::size_t every = 1;         // of the operations of a scenario
  std::size_t lives_every = 20;  // of the images: a server goes on with it
  unsigned threads = 2;
};

struct PowerCutReport {
  static constexpr std::size_t kKinds = 7;       // of DiskOperation
  std::size_t moments = 0;                       // behind an operation, or before the first
  std::array<std::size_t, kKinds> operations{};  // that moments stand behind, by kind
  std::size_t cuts = 0;                          // moments times tails
  std::size_t opened = 0;                        // of them, images that no other cut had left
  std::size_t lived = 0;                         // of these, went on with by a server
  std::size_t garbage_refused = 0;
  std::vector<std::string> faults;

  void add(const PowerCutReport& other);
};

PowerCutReport cut_power(const Scenario& scenario, const PowerCutOptions& options);

}  // namespace reprise::testing
