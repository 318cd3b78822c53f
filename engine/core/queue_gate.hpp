// QueueGate: whether one more attempt of a queue may begin, by the rules that people set for it.
//
// Guarantees: never more than `concurrency_max` are inside at once, and in no span of `per` do more than
//             `count` enter: not on the average, in no one of them. Changed rules hold from the change
//             on; who is inside stays.
// Thread:     one at a time.
// Why:        ADR-0018: a token bucket of the same two numbers lets nearly twice `count` enter within
//             `per`, after a pause.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "base/time.hpp"

namespace reprise {

struct QueueRate {
  std::uint32_t count = 1;  // at least 1
  Duration per = std::chrono::seconds(1);
  friend bool operator==(const QueueRate&, const QueueRate&) = default;
};

struct QueueRules {
  std::optional<std::uint32_t> concurrency_max{};  // at least 1; nothing: no limit
  std::optional<QueueRate> rate{};

  [[nodiscard]] bool are_given() const { return concurrency_max || rate; }
  friend bool operator==(const QueueRules&, const QueueRules&) = default;
};

class QueueGate {
 public:
  void set(const QueueRules& rules);
  [[nodiscard]] const QueueRules& rules() const { return rules_; }

  // `held`: places that nobody of those inside has, and that are not free.
  [[nodiscard]] bool is_open(SteadyTime now, std::size_t held) const {
    return has_place(held) && opens_at() <= now;
  }
  // When its rate lets the next one in, if there is a place then.
  [[nodiscard]] SteadyTime opens_at() const;
  void enter(SteadyTime now);
  void leave() { --inside_; }
  // Who entered then did not begin, and has left: its rate is not spent.
  void unspend(SteadyTime entered);
  // As if all that the rate allows had entered now.
  void spend_all(SteadyTime now);
  [[nodiscard]] std::size_t inside() const { return inside_; }

 private:
  [[nodiscard]] bool has_place(std::size_t held) const {
    return !rules_.concurrency_max || inside_ + held < *rules_.concurrency_max;
  }
  QueueRules rules_;
  std::size_t inside_ = 0;
  std::deque<SteadyTime> entered_;  // the last ones, as many as the rate counts; oldest first
};

}  // namespace reprise
