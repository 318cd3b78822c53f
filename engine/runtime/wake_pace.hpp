// WakePace: how fast timers may wake runs while callers wait for commits.
//
//     wakes  |||||||||||||||___|||||||||||||||___     nothing wakes for a moment, twice a second
//
// Commits that begin while nothing wakes tell what callers would have without timers: the 99th
// percentile of the last 4,000. The others tell what timers do to them: one that takes more than 1.4
// times that lowers the rate by a tenth, any other raises it by a thousandth, which balance where 99 in
// 100 stay within (stochastic approximation of a quantile; Robbins and Monro 1951). Where callers are
// rare, it rises by time.
// Guarantees: runs wake as fast as the machine can, and without such moments, while there are no callers
//             (none for a second), while few wake (100 a second), and once timers are later than
//             late_max until they are half as late. Never slower than 500 a second, but in those moments.
// Thread:     any.        Why: ADR-0022.
#pragma once

#include <cstddef>
#include <mutex>
#include <vector>

#include "base/time.hpp"

namespace reprise {

class WakePace {
 public:
  // late_max: once a timer is so late, runs wake as fast as the machine can; 0: no pace.
  WakePace(Duration late_max, const Clock& clock) : late_max_(late_max), clock_(clock) {}

  // A group became durable that callers waited for: the first of them for so long.
  void committed(Duration took);
  // No run may wake before.
  [[nodiscard]] SteadyTime not_before() const;
  // So many runs are being woken, the latest of them after so long; returns when the next may be.
  SteadyTime woke(std::size_t runs, Duration late);
  // What woke() was told of is on its way to the shards.
  void delivered();

  // How late the latest of the runs are that wake now; 0 when none does.
  [[nodiscard]] Duration late() const;
  // How many may wake together. A few at a time cost callers less than a lump, and the machine more.
  [[nodiscard]] std::size_t at_once() const;
  // Runs a second that may wake.
  [[nodiscard]] double rate() const;

 private:
  void count_wakes(std::size_t runs, SteadyTime now);
  [[nodiscard]] bool few_wake(SteadyTime now) const;
  [[nodiscard]] bool has_pace(SteadyTime now) const;
  [[nodiscard]] bool is_calm(SteadyTime now) const;
  [[nodiscard]] bool knows_usual() const;
  void learn(Duration took);
  void adjust(Duration took, Duration since_the_last);
  [[nodiscard]] double most_used() const;
  void see_lateness(Duration late);

  const Duration late_max_;
  const Clock& clock_;
  mutable std::mutex mutex_;    // guards what follows
  std::vector<Duration> calm_;  // the last commits that began while nothing woke, round and round
  std::size_t learned_ = 0;
  Duration usual_{0};  // their 99th percentile
  double rate_ = 2000;
  SteadyTime callers_at_;
  std::size_t under_way_ = 0;  // woke() and not delivered() yet
  SteadyTime woke_at_;
  SteadyTime calm_from_;  // the last moment of calm that is over
  SteadyTime calm_to_;
  bool too_late_ = false;
  SteadyTime window_from_;  // wakes are counted by windows
  std::size_t woken_ = 0;
  std::size_t woken_before_ = 0;  // in the window before
  Duration late_{0};              // the latest of a window
  Duration late_before_{0};
};

}  // namespace reprise
