#include "engine/core/testing/play.hpp"

#include <fmt/format.h>

namespace reprise::testing {

std::string brief(const EventBody& command) {
  if (const auto* e = std::get_if<ActivityScheduled>(&command))
    return fmt::format("activity {} {}:{}", e->command, e->name, e->input.bytes);
  if (const auto* e = std::get_if<ActivityCancelled>(&command))
    return fmt::format("activity cancelled {}", e->command);
  if (const auto* e = std::get_if<TimerStarted>(&command))
    return fmt::format("timer {}", e->command);
  if (const auto* e = std::get_if<TimerCancelled>(&command))
    return fmt::format("timer cancelled {}", e->command);
  if (const auto* e = std::get_if<FactRecorded>(&command))
    return fmt::format("fact {} {}:{}", e->command, e->name, e->fact.bytes);
  if (const auto* e = std::get_if<StageEntered>(&command))
    return fmt::format("stage {} {}#{}", e->command, e->name, e->visit);
  if (const auto* e = std::get_if<RunCompleted>(&command)) return "completed " + e->result.bytes;
  if (const auto* e = std::get_if<RunFailed>(&command)) return "failed " + e->type;
  if (const auto* e = std::get_if<RunCancelled>(&command)) return "cancelled " + e->reason;
  if (const auto* e = std::get_if<RunContinued>(&command)) return "continued " + e->input.bytes;
  if (const auto* e = std::get_if<PatchApplied>(&command))
    return fmt::format("patch {} {}", e->command, e->id);
  if (const auto* e = std::get_if<UpdateCompleted>(&command))
    return fmt::format("update {}: {}{}", e->update, e->error_type, e->result.bytes);
  if (const auto* e = std::get_if<ChildScheduled>(&command))
    return fmt::format("child {} {}:{}", e->command, e->type, e->input.bytes);
  if (const auto* e = std::get_if<ChildCancelRequested>(&command))
    return fmt::format("child cancelled {}", e->command);
  if (const auto* e = std::get_if<MessageSent>(&command))
    return fmt::format("message {} to {} {}:{}", e->command, e->to, e->name, e->payload.bytes);
  return std::string(to_string(kind_of(command)));
}

Play::Play(WorkflowDefinition definition, ActivationLimits limits)
    : definition_(std::move(definition)),
      execution_(std::make_unique<Execution>(
          definition_, RunId::make(UtcTime(), 1, 2),
          RunStarted{
              .workflow = WorkflowId("w"), .type = definition_.type, .input = {}, .seed = 42},
          limits)) {}

Texts Play::together(const std::vector<EventBody>& inputs) {
  std::vector<Event> events;
  for (const EventBody& input : inputs) events.push_back({last_ = last_.next(), now, input});
  const Result<std::vector<EventBody>> issued = execution_->activate(events, now);
  if (!issued) {
    parked_ = to_string(issued.error());
    return {"parked"};
  }
  Texts texts;
  for (const EventBody& command : *issued) texts.push_back(brief(command));
  return texts;
}

Texts Play::start(const std::string& input) {
  return together({RunStarted{WorkflowId("w"), definition_.type, {input}, 42, RunId()}});
}
Texts Play::complete(std::uint32_t command, const std::string& result) {
  return together({ActivityCompleted{CommandId(command), Attempt(1), {result}}});
}
Texts Play::fail(std::uint32_t command, const std::string& type) {
  return together({ActivityFailed{CommandId(command), Attempt(1), {type, "because"}, 0}});
}
Texts Play::fire(std::uint32_t timer) { return together({TimerFired{CommandId(timer)}}); }
Texts Play::signal(const std::string& name, const std::string& payload) {
  return together({SignalReceived{name, {payload}, {}}});
}
Texts Play::update(const std::string& name, const std::string& input) {
  return together({UpdateAccepted{"u" + std::to_string(last_.value()), name, {input}, {}}});
}
Texts Play::cancel(const std::string& reason) { return together({CancelRequested{reason}}); }

}  // namespace reprise::testing
