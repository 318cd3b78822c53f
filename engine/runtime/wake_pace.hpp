// WakePace: how fast timers may wake runs while callers wait for commits.
//
// It learns what callers are used to, the 99th percentile of what a commit takes while few runs wake,
// and lets runs wake as fast as keeps 99 commits in 100 within twice that: a slow one lowers the rate
// by a tenth, any other raises it by a thousandth, which balance at 1 in 100. Both are stochastic
// approximations of a quantile (Robbins and Monro 1951).
// Guarantees: runs wake as fast as the machine can without callers (none for a second), before it knows
//             what they are used to, and while timers are later than late_max. Never slower than 500 a
//             second.
// Thread:     any.        Why: ADR-0022.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>

#include "base/ids.hpp"
#include "base/time.hpp"

namespace reprise {

class WakePace {
 public:
  // late_max: no timer is later because of this, if the machine can wake runs in time; 0: no pace.
  WakePace(Duration late_max, const Clock& clock) : late_max_(late_max), clock_(clock) {}

  // A group became durable that callers waited for: the first of them for so long.
  void committed(Duration took);
  // So many runs are being woken; returns when the next may be.
  SteadyTime woke(std::size_t runs);
  // The timers of a shard that are read now were due so long ago.
  void behind(ShardIndex shard, Duration late);

  // How late timers are, in the shard that is furthest behind.
  [[nodiscard]] Duration late() const;
  // Runs a second that may wake.
  [[nodiscard]] double rate() const;

 private:
  void count_wakes(std::size_t runs, SteadyTime now);
  [[nodiscard]] bool few_wake() const;
  [[nodiscard]] bool knows_usual() const;
  void learn(Duration took);

  const Duration late_max_;
  const Clock& clock_;
  mutable std::mutex mutex_;  // guards what follows
  std::map<ShardIndex, Duration> behind_;
  Duration late_{0};  // the most of those
  double usual_ = 0;  // microseconds: the 99th percentile
  std::size_t learned_from_ = 0;
  double rate_ = 2000;
  SteadyTime callers_at_;
  SteadyTime window_from_;  // wakes are counted by windows
  std::size_t woken_ = 0;
  std::size_t woken_before_ = 0;  // in the window before
};

}  // namespace reprise
