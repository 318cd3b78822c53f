#include "engine/runtime/watchdog.hpp"

#include <utility>

#include "base/thread_name.hpp"

namespace reprise {

Watchdog::Watchdog(std::vector<const ActivationMark*> marks, Duration limit, OnStuck on_stuck,
                   const Clock& clock)
    : marks_(std::move(marks)),
      limit_(limit),
      on_stuck_(std::move(on_stuck)),
      clock_(clock),
      seen_(marks_.size()),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

void Watchdog::run(const std::stop_token& stop) {
  name_this_thread("watchdog");
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    stopped_.wait_for(lock, stop, limit_ / 4, [] { return false; });
    if (!stop.stop_requested()) look();
  }
}

void Watchdog::look() {
  const SteadyTime now = clock_.steady();
  for (std::size_t i = 0; i < marks_.size(); ++i) {
    const auto running = marks_[i]->running();
    if (!running) continue;
    if (running->number != seen_[i].number) seen_[i] = {.number = running->number, .since = now};
    if (seen_[i].told || now - seen_[i].since < limit_) continue;
    seen_[i].told = true;
    on_stuck_(running->run, limit_);
  }
}

}  // namespace reprise
