// Latencies: what a benchmark collects of one figure, and its percentiles.
//
// Units: microseconds.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "base/time.hpp"

namespace reprise {

class Latencies {
 public:
  void add(Duration latency) { micros_.push_back(static_cast<double>(latency.count())); }
  void add(const Latencies& other) {
    micros_.insert(micros_.end(), other.micros_.begin(), other.micros_.end());
  }
  [[nodiscard]] std::size_t count() const { return micros_.size(); }
  // `share` of 0.5 is the median. 0 when nothing was collected.
  [[nodiscard]] double percentile(double share) {
    if (micros_.empty()) return 0;
    const auto at = static_cast<std::size_t>(share * static_cast<double>(micros_.size() - 1));
    std::nth_element(micros_.begin(), micros_.begin() + static_cast<std::ptrdiff_t>(at),
                     micros_.end());
    return micros_[at];
  }

 private:
  std::vector<double> micros_;
};

}  // namespace reprise
