#include "tools/replay/timeline.hpp"

#include <fmt/format.h>

#include "engine/core/run.hpp"

namespace reprise {
namespace {

constexpr std::size_t kTextMax = 100;

// On one line and not longer than a terminal's.
std::string cut(std::string_view text) {
  std::string line(text.substr(0, kTextMax));
  for (char& c : line)
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  if (text.size() > kTextMax) line += "…";
  return line;
}

std::string size_of(const Payload& payload) {
  return payload.bytes.size() <= kTextMax ? cut(payload.bytes)
                                          : fmt::format("{} bytes", payload.bytes.size());
}

std::string seconds(Duration duration) {
  return fmt::format("{:.3f}s", static_cast<double>(duration.count()) / 1e6);
}

std::string detail(const Event& event) {
  return std::visit(
      [&]<typename Body>(const Body& e) -> std::string {
        if constexpr (std::same_as<Body, RunStarted>)
          return fmt::format("{} {}", e.type, e.workflow);
        else if constexpr (std::same_as<Body, SignalReceived>)
          return fmt::format("{} {}", e.name, size_of(e.payload));
        else if constexpr (std::same_as<Body, ActivityScheduled>)
          return fmt::format("#{} {}", e.command, e.name);
        else if constexpr (std::same_as<Body, ActivityCompleted>)
          return fmt::format("#{} attempt {}: {}", e.command, e.attempt, size_of(e.result));
        else if constexpr (std::same_as<Body, ActivityAttemptFailed>)
          return fmt::format("#{} attempt {}: {} ({}), again in {}", e.command, e.attempt,
                             e.failure.type, cut(e.failure.message),
                             seconds(e.next_attempt_at - event.time));
        else if constexpr (std::same_as<Body, ActivityFailed>)
          return fmt::format("#{} after attempt {}: {} ({})", e.command, e.attempt, e.failure.type,
                             cut(e.failure.message));
        else if constexpr (std::same_as<Body, ActivityAttemptLost>)
          return fmt::format("#{} attempt {}: its process ended", e.command, e.attempt);
        else if constexpr (std::same_as<Body, TimerStarted>)
          return fmt::format("#{} for {}", e.command, seconds(e.duration));
        else if constexpr (std::same_as<Body, FactRecorded>)
          return fmt::format("{} {}", e.name, size_of(e.fact));
        else if constexpr (std::same_as<Body, StageEntered>)
          return e.visit == 1 ? e.name : fmt::format("{}#{}", e.name, e.visit);
        else if constexpr (requires { e.reason; })
          return cut(e.reason);
        else if constexpr (std::same_as<Body, RunCompleted>)
          return size_of(e.result);
        else if constexpr (std::same_as<Body, RunContinued>)
          return fmt::format("as {}", e.next_run);
        else if constexpr (std::same_as<Body, PatchApplied>)
          return e.id;
        else if constexpr (std::same_as<Body, RunFailed>)
          return fmt::format("{}: {}", e.type, cut(e.message));
        else if constexpr (std::same_as<Body, ChildScheduled>)
          return fmt::format("#{} {} {}", e.command, e.type, e.workflow);
        else if constexpr (std::same_as<Body, ChildStarted>)
          return fmt::format("#{} as {}", e.command, e.run);
        else if constexpr (std::same_as<Body, ChildClosed>)
          return fmt::format(
              "#{}: {}", e.command,
              e.error_type.empty() ? size_of(e.result) : e.error_type + ": " + cut(e.message));
        else if constexpr (std::same_as<Body, MessageSent>)
          return fmt::format("#{} {} {} {}", e.command, to_string(e.verb), e.to, e.name);
        else if constexpr (std::same_as<Body, MessageAnswered>)
          return fmt::format("#{} {}", e.command, e.error_type.empty() ? "accepted" : e.error_type);
        else if constexpr (std::same_as<Body, UpdateAccepted>)
          return fmt::format("{} {} {}", e.id, e.name, size_of(e.input));
        else if constexpr (std::same_as<Body, UpdateCompleted>)
          return fmt::format(
              "of event {}: {}", e.update,
              e.error_type.empty() ? size_of(e.result) : e.error_type + ": " + cut(e.message));
        else if constexpr (std::same_as<Body, RunTimedOut>)
          return e.execution ? "of the execution" : "of the run";
        else if constexpr (std::same_as<Body, RunUnpaused>)
          return {};
        else if constexpr (std::same_as<Body, UnknownEvent>)
          return fmt::format("kind {}, {} bytes", e.kind, e.bytes.size());
        else
          return fmt::format("#{}", e.command);
      },
      event.body);
}

}  // namespace

std::string timeline_line(const Event& event, UtcTime started) {
  return fmt::format("{:>5}  {:>10}  {:<23} {}", event.sequence,
                     "+" + seconds(event.time - started), to_string(kind_of(event.body)),
                     detail(event));
}

}  // namespace reprise
