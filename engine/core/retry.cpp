#include "engine/core/retry.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/digest.hpp"

namespace reprise {
namespace {

// Whatever a policy or the other side says: sums with recorded time stay far from overflow.
constexpr Duration kDelayMax = std::chrono::days(365);

// `value` made `percent` of itself `times` times, from nothing up to `limit`.
Duration grown(Duration value, std::uint32_t percent, std::uint32_t times, Duration limit) {
  limit = std::clamp(limit, Duration(0), kDelayMax);
  value = std::clamp(value, Duration(0), limit);
  for (std::uint32_t i = 0; i < times && percent != 100; ++i) {
    const double next = static_cast<double>(value.count()) * percent / 100.0;
    if (next >= static_cast<double>(limit.count())) return limit;
    if (next < 1) return Duration(0);
    value = Duration(static_cast<std::int64_t>(next));
  }
  return value;
}

Duration jitter(Duration delay, std::uint32_t percent, const RunId& run, CommandId command,
                Attempt attempt) {
  if (percent == 0 || delay.count() == 0) return Duration(0);
  const std::uint64_t hash = leading_u64(digest_of(fmt::format("{}/{}/{}", run, command, attempt)));
  const double share = static_cast<double>(hash >> 11) / static_cast<double>(1ULL << 53);
  return Duration(static_cast<std::int64_t>(static_cast<double>(delay.count()) *
                                            static_cast<double>(percent) / 100.0 * share));
}

}  // namespace

std::optional<Duration> retry_delay(const RetryPolicy& policy, const ActivityFailure& failure,
                                    const RunId& run, CommandId command, Attempt failed) {
  if (!failure.retryable) return std::nullopt;
  if (policy.attempts_max != 0 && failed.value() >= policy.attempts_max) return std::nullopt;
  if (std::ranges::find(policy.non_retryable, failure.type) != policy.non_retryable.end())
    return std::nullopt;
  const Duration delay =
      grown(policy.initial, policy.coefficient_percent, failed.value() - 1, policy.interval_max);
  return std::max(delay + jitter(delay, policy.jitter_percent, run, command, failed),
                  std::min(failure.retry_after, kDelayMax));
}

Duration attempt_timeout(const ActivityOptions& options, std::uint32_t timeouts) {
  constexpr Duration kDay = std::chrono::hours(24);
  return grown(options.start_to_close, options.timeout_growth_percent, timeouts,
               std::max(kDay, options.start_to_close));
}

}  // namespace reprise
