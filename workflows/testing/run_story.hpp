// RunStory: one run of a workflow, told by a test: start it, answer its activities, signal it,
// look at what it did. No engine, no clock, no thread.
//
// Guarantees: each step is one activation; the clock goes one second a step. verify_replay() runs
//             the code again from the recorded inputs and compares every command.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/core/catalog.hpp"
#include "engine/core/execution.hpp"

namespace reprise::testing {

class RunStory {
 public:
  RunStory(const WorkflowType& type, std::string input);

  // Completes the open activity of that name that was scheduled first.
  RunStory& answer(std::string_view activity, std::string result);
  RunStory& fail(std::string_view activity, ActivityFailure failure);
  RunStory& signal(std::string name, std::string payload);
  RunStory& update(std::string id, std::string name, std::string input);
  RunStory& cancel(std::string reason);
  RunStory& fire_timer();

  // Names of the open activities, in the order in which they were scheduled.
  [[nodiscard]] std::vector<std::string> open() const;
  // The input of the first open activity of that name.
  [[nodiscard]] std::string input_of(std::string_view activity) const;
  [[nodiscard]] const ActivityOptions& options_of(std::string_view activity) const;
  [[nodiscard]] std::vector<std::string> stages() const;
  [[nodiscard]] std::vector<std::string> facts(std::string_view name) const;
  [[nodiscard]] std::optional<std::string> result() const;
  // "type: message" of a failed run, "cancelled: reason" of a cancelled one; else empty.
  [[nodiscard]] std::string failure() const;
  // Why the run would be parked; empty when it would not.
  [[nodiscard]] const std::string& parked() const { return parked_; }
  // The type's own view, folded from every event so far.
  [[nodiscard]] std::string view() const;
  [[nodiscard]] const std::vector<Event>& events() const { return events_; }

  // True when a fresh execution issues the same commands from the same inputs.
  [[nodiscard]] bool verify_replay() const;

 private:
  struct Step {
    Event input;
    std::vector<EventBody> commands;
  };
  const ActivityScheduled& first_open(std::string_view activity) const;
  RunStory& step(EventBody input);
  void add(EventBody body);

  const WorkflowType& type_;
  Execution execution_;
  std::vector<Step> steps_;
  std::vector<Event> events_;
  std::vector<ActivityScheduled> open_;
  std::vector<CommandId> timers_;
  std::string parked_;
};

}  // namespace reprise::testing
