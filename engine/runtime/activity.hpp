// Activities in this process: how a body is written, registered and told to stop.
//
// A body is a coroutine on an Asio executor:
//     asio::awaitable<ActivityOutcome> call_model(ActivityInvocation invocation);
// Guarantees: a body runs at least once for each command and again after a failure, a timeout or a
//             crash, with the same idempotency key each time. Its outcome counts if the attempt is
//             still the current one; otherwise it is refused.
// Thread:     one of the engine's threads, shared with workflows: never block; deadlines and cancels
//             arrive as Asio cancellation (terminal), after which the outcome is ignored. A body with
//             a heartbeat timeout calls heartbeat() more often than that.
// Errors:     a body returns its failure; an exception that leaves it counts as a retryable failure
//             of type "exception".
#pragma once

#include <boost/asio/awaitable.hpp>

#include <expected>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "engine/author/contract.hpp"

namespace reprise {

// One attempt, as its body sees it. Ids and times travel here, outside the input.
struct ActivityInvocation {
  WorkflowId workflow;
  RunId run;
  CommandId command;
  Attempt attempt;
  std::string name;
  std::string provider;  // ActivityOptions::provider
  Payload input;
  SteadyTime deadline;
  Payload last_details{};  // of the heartbeats before this attempt; empty: there were none
  std::move_only_function<void(std::optional<Payload>) const> on_heartbeat{};

  // Says that the attempt is alive, and how far it is: the next attempt is given the details, at
  // most 4 KiB, should this one not end well. Without details those before stay.
  void heartbeat(std::optional<Payload> details = {}) const {
    if (on_heartbeat) on_heartbeat(std::move(details));
  }
  // The same for each attempt of a command: "run_…/7".
  [[nodiscard]] std::string idempotency_key() const {
    return to_string(run) + "/" + std::to_string(command.value());
  }
};

using ActivityOutcome = std::expected<Payload, ActivityFailure>;
using ActivityBody =
    std::move_only_function<boost::asio::awaitable<ActivityOutcome>(ActivityInvocation) const>;

class ActivityRegistry {
 public:
  // The contract's name and version name the body.
  template <ActivityContract C>
  void add(ActivityBody body) {
    add(C::kName, C::kVersion, std::move(body));
  }
  void add(std::string_view name, std::uint32_t version, ActivityBody body);
  [[nodiscard]] const ActivityBody* find(std::string_view name, std::uint32_t version) const;

 private:
  std::map<std::pair<std::string, std::uint32_t>, ActivityBody, std::less<>> bodies_;
};

}  // namespace reprise
