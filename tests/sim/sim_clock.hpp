// SimClock: virtual time. It moves when the simulation says so, and the wall clock also jumps.
//
// Guarantees: steady time never goes back; utc moves with it, plus every jump.
#pragma once

#include "base/time.hpp"

namespace reprise::sim {

class SimClock final : public Clock {
 public:
  [[nodiscard]] UtcTime utc() const override { return utc_; }
  [[nodiscard]] SteadyTime steady() const override { return steady_; }

  void advance(Duration by) {
    utc_ = utc_ + by;
    steady_ = steady_ + by;
  }
  // Somebody sets the wall clock.
  void jump(Duration by) { utc_ = utc_ + by; }

 private:
  UtcTime utc_ = UtcTime::from_micros(1'800'000'000'000'000);  // January 2027
  SteadyTime steady_ = SteadyTime::from_micros(1'000'000);
};

}  // namespace reprise::sim
