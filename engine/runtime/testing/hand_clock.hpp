// HandClock: a clock that stands still until a test moves it.
#pragma once

#include "base/time.hpp"

namespace reprise::testing {

class HandClock final : public Clock {
 public:
  [[nodiscard]] UtcTime utc() const override { return UtcTime() + (steady_ - SteadyTime()); }
  [[nodiscard]] SteadyTime steady() const override { return steady_; }
  void advance(Duration by) { steady_ = steady_ + by; }

 private:
  SteadyTime steady_ = SteadyTime::from_micros(3'600'000'000);
};

}  // namespace reprise::testing
