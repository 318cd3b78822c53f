// ActivationMark: which run's code a thread is running now, for whoever watches that it ends.
//
// Guarantees: begin() and end() cost a few plain stores; running() never gives half of an id.
// Thread:     begin(), end() and current(): the thread that runs the code; running(): any.
#pragma once

#include <atomic>
#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <utility>

#include "base/ids.hpp"

namespace reprise {

class ActivationMark {
 public:
  struct Running {
    std::uint64_t number = 0;  // of the activation: another one has another number
    RunId run;
  };

  // The mark of this thread; null: nobody watches it.
  static ActivationMark*& current() noexcept {
    thread_local ActivationMark* mark = nullptr;
    return mark;
  }

  void begin(const RunId& run) noexcept {
    std::uint64_t halves[2];
    std::memcpy(halves, run.bytes().data(), sizeof halves);
    high_.store(halves[0], std::memory_order_relaxed);
    low_.store(halves[1], std::memory_order_relaxed);
    number_.store(number_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }
  void end() noexcept {
    number_.store(number_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }
  [[nodiscard]] std::optional<Running> running() const {
    const std::uint64_t number = number_.load(std::memory_order_acquire);
    if (number % 2 == 0) return std::nullopt;
    const std::uint64_t halves[2] = {high_.load(std::memory_order_relaxed),
                                     low_.load(std::memory_order_relaxed)};
    std::atomic_thread_fence(std::memory_order_acquire);
    if (number_.load(std::memory_order_relaxed) != number) return std::nullopt;
    char bytes[sizeof halves];
    std::memcpy(bytes, halves, sizeof bytes);
    return Running{number, RunId::from_bytes({bytes, sizeof bytes})};
  }

 private:
  std::atomic<std::uint64_t> number_ = 0;  // odd: code runs
  std::atomic<std::uint64_t> high_ = 0;
  std::atomic<std::uint64_t> low_ = 0;
};

// Marks the activation of a run on this thread while it lives.
class ActivationMarking {
 public:
  explicit ActivationMarking(const RunId& run) : mark_(ActivationMark::current()) {
    if (mark_ != nullptr) mark_->begin(run);
  }
  ActivationMarking(const ActivationMarking&) = delete;
  ActivationMarking& operator=(const ActivationMarking&) = delete;
  ~ActivationMarking() {
    if (mark_ != nullptr) mark_->end();
  }

 private:
  ActivationMark* mark_;
};

}  // namespace reprise
