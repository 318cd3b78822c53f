// Retry arithmetic: when the next attempt of an activity is due, if there is one.
//
// Guarantees: pure; the jitter is a hash of run, command and attempt, so that recovery and replay
//             compute the same times. A delay that the other side named is a lower bound.
#pragma once

#include <optional>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "engine/author/contract.hpp"

namespace reprise {

// Failed attempts up to this one have an event of their own; later ones are counted, and the closing
// event carries the count.
inline constexpr std::uint32_t kAttemptEventsMax = 10;
// An activity whose attempt was lost with its process this often has failed.
inline constexpr std::uint32_t kLossesMax = 3;

// An attempt's heartbeat may tell this much.
inline constexpr std::size_t kHeartbeatDetailsBytesMax = 4096;

// How long to wait after attempt `failed`; nothing when it was the last.
std::optional<Duration> retry_delay(const RetryPolicy& policy, const ActivityFailure& failure,
                                    const RunId& run, CommandId command, Attempt failed);

// The start-to-close time of an attempt, after `timeouts` attempts of the same command timed out.
Duration attempt_timeout(const ActivityOptions& options, std::uint32_t timeouts);

}  // namespace reprise
