// What a workflow and an activity agree on: name, version, types; and how attempts are made.
//
// A contract is a struct with no data:
//     struct AnalyzeTask {
//       static constexpr std::string_view kName = "task.analyze";
//       static constexpr std::uint32_t kVersion = 1;
//       static constexpr Reuse kReuse = Reuse::value;
//       using Input = AnalysisInput;
//       using Output = ModelAnswer;
//     };
// Guarantees: name, version and the digest of the input's bytes are what replay compares; options
//             (retry, timeouts, queue, precedence, provider) are not, so they may change from build to build.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/boxed.hpp"
#include "base/time.hpp"
#include "engine/author/payload.hpp"
#include "engine/author/precedence.hpp"

namespace reprise {

// May a fork take over the recorded outcome of an equal call?
enum class Reuse : std::uint8_t {
  value = 1,  // Yes: the result is a value, as good in another run.
  never = 2,  // No: it is a handle, a lease, a budget, or a write to shared state.
};

// What becomes of a child that still runs when its parent ends.
enum class ParentClose : std::uint8_t { terminate = 1, cancel = 2, abandon = 3 };

// What one run says to another.
enum class MessageVerb : std::uint8_t { signal = 1, cancel = 2, terminate = 3 };
template <typename C>
concept ActivityContract = requires {
  { C::kName } -> std::convertible_to<std::string_view>;
  { C::kVersion } -> std::convertible_to<std::uint32_t>;
  { C::kReuse } -> std::convertible_to<Reuse>;
  requires PayloadValue<typename C::Input>;
  requires PayloadValue<typename C::Output>;
};

// The n-th retry waits initial × coefficient^(n-1), at most interval_max, plus up to `jitter` of it;
// a delay that the other side named comes first.
struct RetryPolicy {
  Duration initial = std::chrono::seconds(1);
  std::uint32_t coefficient_percent = 200;
  Duration interval_max = std::chrono::minutes(1);
  std::uint32_t attempts_max = 6;  // the first one included; 0: without end
  std::uint32_t jitter_percent = 10;
  std::vector<std::string> non_retryable;  // failure types that are final

  friend bool operator==(const RetryPolicy&, const RetryPolicy&) = default;
};

// Four timeouts, of which each ends in a failure of type "timeout" that names it in its message:
//   schedule to close  all attempts and the waits between them; by the wall clock, across restarts
//   schedule to start  an attempt's wait in its queue; final, since the queue is the same next time
//   start to close     one attempt, from when somebody works on it
//   heartbeat          how long an attempt may be silent
struct ActivityOptions {
  RetryPolicy retry;
  Duration start_to_close = std::chrono::minutes(2);
  std::string queue;              // whose remote workers do it; empty: in this process, at once
  std::string provider;           // which of several backends does it; empty: the default one
  Duration schedule_to_close{0};  // 0: none
  Duration schedule_to_start{0};  // 0: none
  Duration heartbeat_timeout{0};  // 0: none
  std::uint32_t timeout_growth_percent = 100;  // 150: each attempt after a timeout gets half more
  bool shares_commit = false;                  // of a local step: see ctx.step()
  bool in_process = false;         // this process does it, when the limits of its queue let it
  Boxed<Precedence> precedence{};  // in its queue; empty: its run's

  // Remote workers do it.
  [[nodiscard]] bool is_remote() const { return !queue.empty() && !in_process; }
  friend bool operator==(const ActivityOptions&, const ActivityOptions&) = default;
};

// Of a local step: ctx.step(). The others of ActivityOptions make no sense there.
struct StepOptions {
  RetryPolicy retry;
  Duration start_to_close = std::chrono::minutes(2);
  bool shares_commit = false;
};

// Why an activity gave no result.
struct ActivityFailure {
  std::string type;     // "rate_limited", "timeout", "lost": what retry policies name
  std::string message;  // for people; never a secret
  bool retryable = true;
  Duration retry_after{0};  // the other side's own wish; 0: none

  friend bool operator==(const ActivityFailure&, const ActivityFailure&) = default;
};

}  // namespace reprise
