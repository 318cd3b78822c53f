// Watchdog: notices a run whose code neither waits nor ends. C++ cannot interrupt it.
//
// Guarantees: when one activation has run for `limit`, at most a quarter more, on_stuck is told the run,
//             once for each activation. What it does is the process's own business: it notes the run and
//             ends, and the next process parks that run and serves the others (EngineOptions::stuck_runs).
// Thread:     its own; on_stuck is called there.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "base/time.hpp"
#include "engine/core/activation_mark.hpp"

namespace reprise {

class Watchdog {
 public:
  using OnStuck = std::function<void(const RunId&, Duration limit)>;

  // The marks outlive it.
  Watchdog(std::vector<const ActivationMark*> marks, Duration limit, OnStuck on_stuck,
           const Clock& clock);

 private:
  struct Seen {
    std::uint64_t number = 0;
    SteadyTime since;
    bool told = false;
  };
  void run(const std::stop_token& stop);
  void look();

  const std::vector<const ActivationMark*> marks_;
  const Duration limit_;
  const OnStuck on_stuck_;
  const Clock& clock_;
  std::vector<Seen> seen_;  // of each mark
  std::mutex mutex_;
  std::condition_variable_any stopped_;
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace reprise
