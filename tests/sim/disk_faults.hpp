// DiskFaults: when the simulated disk fails, and how.
#pragma once

#include "tests/sim/marks.hpp"
#include "tests/sim/prng.hpp"
#include "tests/sim/script.hpp"
#include "tests/sim/sim_disk.hpp"

namespace reprise::sim {

class DiskFaults {
 public:
  DiskFaults(Prng& prng, Marks& marks, Script& script)
      : prng_(prng), marks_(marks), script_(script) {}

  // One append in so many fails, or takes a part of the bytes only; one sync in so many fails.
  DiskFault on_append(std::uint64_t one_in);
  DiskFault on_sync(std::uint64_t one_in);
  void calm() { calm_ = true; }

 private:
  bool strikes(std::uint64_t one_in);

  Prng& prng_;
  Marks& marks_;
  Script& script_;
  bool calm_ = false;
};

}  // namespace reprise::sim
