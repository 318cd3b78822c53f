// Other runs: children that are started and awaited, messages that are sent.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/core/execution.hpp"

namespace reprise {

void Execution::start_child(Operation& operation, ChildRequest request) noexcept {
  schedule_child(operation, std::move(request), Awaited::child_end);
}

CommandId Execution::start_child_only(Operation& operation, ChildRequest request) noexcept {
  return schedule_child(operation, std::move(request), Awaited::child_start);
}

// The run that issued a command first: what it named after itself keeps its name in a fork.
const RunId& Execution::issuer(CommandId command) const {
  if (origins_)
    for (const ForkOrigin& origin : *origins_)
      if (command <= origin.last_command) return origin.run;
  return run_;
}

CommandId Execution::schedule_child(Operation& operation, ChildRequest request,
                                    Awaited what) noexcept {
  operation.host = this;
  const CommandId command = last_command_.next();
  const bool abandoned = request.on_close == ParentClose::abandon;
  WorkflowId workflow = request.workflow
                            ? std::move(*request.workflow)
                            : WorkflowId(fmt::format("{}.{}", issuer(command), command));
  const CommandId id = issue(ChildScheduled{.command = command,
                                            .workflow = std::move(workflow),
                                            .type = std::move(request.type),
                                            .input = std::move(request.input),
                                            .on_close = request.on_close,
                                            .run_timeout = request.run_timeout,
                                            .execution_timeout = request.execution_timeout});
  children_.emplace(id, Child{.abandoned = abandoned, .closed = {}});
  open_.push_back({id, what, &operation});
  return id;
}

bool Execution::child_result(Operation& operation, CommandId child) noexcept {
  const auto found = children_.find(child);
  if (found == children_.end()) {
    operation.settled = Operation::Settled::failure;
    operation.failure =
        ActivityFailure{"no_result", "the child's result was taken before", false, {}};
    return goes_on();
  }
  if (!found->second.closed) {
    wait_for(child, Awaited::child_end, operation);
    return false;
  }
  ChildClosed& closed = *found->second.closed;
  const bool well = closed.error_type.empty();
  operation.settled = well ? Operation::Settled::value : Operation::Settled::failure;
  operation.value = std::move(closed.result);
  if (!well)
    operation.failure =
        ActivityFailure{std::move(closed.error_type), std::move(closed.message), false, {}};
  children_.erase(found);
  return goes_on();
}

// In the order in which the commands were issued, whenever somebody begins to wait.
void Execution::wait_for(CommandId id, Awaited what, Operation& operation) {
  operation.host = this;
  const auto place = std::ranges::lower_bound(open_, id, {}, &OpenCommand::id);
  open_.insert(place, {id, what, &operation});
}

void Execution::child_started(const ChildStarted& started) {
  const auto found = std::ranges::lower_bound(open_, started.command, {}, &OpenCommand::id);
  if (found == open_.end() || found->id != started.command || found->what != Awaited::child_start)
    return;
  settle_command(started.command, Operation::Settled::value, nullptr, nullptr);
}

void Execution::child_closed(const ChildClosed& closed) {
  const auto found = std::ranges::lower_bound(open_, closed.command, {}, &OpenCommand::id);
  if (found == open_.end() || found->id != closed.command) {
    if (const auto child = children_.find(closed.command); child != children_.end())
      child->second.closed = closed;
    return;
  }
  children_.erase(closed.command);
  const ActivityFailure failure{closed.error_type, closed.message, false, {}};
  if (closed.error_type.empty())
    settle_command(closed.command, Operation::Settled::value, &closed.result, nullptr);
  else
    settle_command(closed.command, Operation::Settled::failure, nullptr, &failure);
}

void Execution::send_message(Operation& operation, MessageRequest request) noexcept {
  operation.host = this;
  const CommandId id = issue(MessageSent{.command = last_command_.next(),
                                         .to = std::move(request.to),
                                         .verb = request.verb,
                                         .name = std::move(request.name),
                                         .payload = std::move(request.payload)});
  open_.push_back({id, Awaited::message, &operation});
}

void Execution::cancel_child(CommandId id) noexcept {
  Child& child = children_.at(id);
  if (!child.abandoned && !std::exchange(child.cancel_asked, true))
    issue(ChildCancelRequested{.command = id});
}

// The next run's id is a function of this one's, so that replay finds the same, and sorts behind it.

}  // namespace reprise
