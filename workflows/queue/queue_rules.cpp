#include "workflows/queue/queue_rules.hpp"

#include <algorithm>

namespace reprise {

Result<> check(const QueuePlan& plan) {
  const auto& [count, per] = plan.rate;
  if (count == 0 && per.empty()) return {};
  if (count == 0)
    return fail(Errc::invalid_argument, "must be given with rate.per: how many may begin in it",
                "rate.count");
  const auto period = parse_duration(per);
  if (!period || *period < std::chrono::milliseconds(1) || *period > kQueueRatePerMax)
    return fail(Errc::invalid_argument, "must be a duration from 1ms to 1h, like 30s", "rate.per");
  return {};
}

Duration rate_period(const QueuePlan& plan) {
  return parse_duration(plan.rate.per).value_or(Duration(0));
}

void QueueState::set(QueueChange change, UtcTime now) {
  plan = std::move(change.plan);
  out = change.out;
  changed_us = static_cast<std::uint64_t>(std::max<std::int64_t>(now.micros(), 0));
  version = std::max(version + 1, changed_us);
}

std::optional<std::uint32_t> QueueState::out_max(UtcTime now) const {
  if (plan.concurrency_max == 0) return std::nullopt;
  const UtcTime changed = UtcTime::from_micros(static_cast<std::int64_t>(changed_us));
  if (changed + std::chrono::hours(24) < now) return plan.concurrency_max;
  return std::max(plan.concurrency_max, out);
}

}  // namespace reprise
