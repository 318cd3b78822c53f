#include "engine/core/queue_gate.hpp"

#include <algorithm>

namespace reprise {

void QueueGate::set(const QueueRules& rules) {
  rules_ = rules;
  if (!rules_.rate) entered_.clear();
}

SteadyTime QueueGate::opens_at() const {
  if (!rules_.rate || entered_.size() < rules_.rate->count) return {};
  return entered_[entered_.size() - rules_.rate->count] + rules_.rate->per;
}

void QueueGate::enter(SteadyTime now) {
  ++inside_;
  if (!rules_.rate) return;
  entered_.push_back(now);
  while (entered_.size() > rules_.rate->count) entered_.pop_front();
}

void QueueGate::unspend(SteadyTime entered) {
  const auto found = std::ranges::find(entered_, entered);
  if (found != entered_.end()) entered_.erase(found);
}

void QueueGate::spend_all(SteadyTime now) {
  if (rules_.rate) entered_.assign(rules_.rate->count, now);
}

}  // namespace reprise
