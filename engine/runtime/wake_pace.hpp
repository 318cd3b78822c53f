// WakePace: how fast timers may wake runs while callers wait for commits.
//
// It learns what callers are used to, the 99th percentile of the last 4,000 commits while few runs
// wake, and lets runs wake as fast as keeps 99 commits in 100 within 1.4 times that: a slower one lowers
// the rate by a tenth, any other raises it by a thousandth, which balance at 1 in 100 (stochastic
// approximation of a quantile; Robbins and Monro 1951). Where callers are rare, it rises by time.
// Guarantees: runs wake as fast as the machine can without callers (none for a second), before it knows
//             what they are used to, while few wake (600 a second), and once timers are later than
//             late_max until they are half as late. Never slower than 500 a second.
// Thread:     any.        Why: ADR-0022.
#pragma once

#include <cstddef>
#include <mutex>
#include <vector>

#include "base/time.hpp"

namespace reprise {

class WakePace {
 public:
  // late_max: no timer is later because of this, if the machine can wake runs in time; 0: no pace.
  WakePace(Duration late_max, const Clock& clock) : late_max_(late_max), clock_(clock) {}

  // A group became durable that callers waited for: the first of them for so long.
  void committed(Duration took);
  // So many runs are being woken, the latest of them after so long; returns when the next may be.
  SteadyTime woke(std::size_t runs, Duration late);

  // How late the runs are that wake now; 0 when none does.
  [[nodiscard]] Duration late() const;
  // Runs a second that may wake.
  [[nodiscard]] double rate() const;

 private:
  void count_wakes(std::size_t runs, SteadyTime now);
  [[nodiscard]] bool few_wake() const;
  [[nodiscard]] bool knows_usual() const;
  void learn(Duration took);
  void adjust(Duration took, Duration since_the_last);
  void see_lateness(Duration late);

  const Duration late_max_;
  const Clock& clock_;
  mutable std::mutex mutex_;    // guards what follows
  std::vector<Duration> calm_;  // the last commits while few runs woke, round and round
  std::size_t learned_ = 0;
  Duration usual_{0};  // their 99th percentile
  double rate_ = 2000;
  SteadyTime callers_at_;
  SteadyTime woke_at_;
  Duration late_{0};
  bool too_late_ = false;
  SteadyTime window_from_;  // wakes are counted by windows
  std::size_t woken_ = 0;
  std::size_t woken_before_ = 0;  // in the window before
};

}  // namespace reprise
