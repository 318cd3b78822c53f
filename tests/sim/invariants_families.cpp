// Children and messages: what one run's history says of another holds in the other's.
#include <map>
#include <utility>

#include "engine/core/letters.hpp"
#include "tests/sim/invariants.hpp"
#include "tests/sim/violation.hpp"

namespace reprise::sim {
namespace {

using CommandName = std::pair<RunId, CommandId>;

// The first run of each child, by the command that scheduled it.
std::map<CommandName, RunId> find_children(const StoreImage& image) {
  std::map<CommandName, RunId> children;
  for (const auto& [run, state] : image.states) {
    const RunStarted& started = *state.started();
    if (!started.parent || started.continued_from != RunId()) continue;
    const CommandName name{started.parent->run, started.parent->command};
    require(children.emplace(name, run).second, "command {} of {} started two children",
            name.second, name.first);
  }
  return children;
}

// The last run of the chain that `run` began.
RunId last_of(const StoreImage& image, RunId run) {
  for (;;) {
    const Boxed<Event>& end = image.states.at(run).end();
    const auto* continued = end ? std::get_if<RunContinued>(&end->body) : nullptr;
    if (continued == nullptr) return run;
    run = continued->next_run;
  }
}

void check_child(const StoreImage& image, const CommandName& name, const RunId& child) {
  const auto parent = image.histories.find(name.first);
  require(parent != image.histories.end(), "{} is a child of a run that is gone", child);
  for (const Event& event : parent->second.events) {
    if (command_of(event.body) != name.second) continue;
    const RunStarted& started = *image.states.at(child).started();
    if (const auto* scheduled = std::get_if<ChildScheduled>(&event.body))
      require(scheduled->workflow == started.workflow && scheduled->type == started.type &&
                  scheduled->input == started.input,
              "{} is not the child that {} scheduled", child, name.first);
    if (const auto* begun = std::get_if<ChildStarted>(&event.body))
      require(begun->run == child, "{} says its child is {}, and it is {}", name.first, begun->run,
              child);
    if (const auto* closed = std::get_if<ChildClosed>(&event.body)) {
      const Boxed<Event>& end = image.states.at(last_of(image, child)).end();
      require(end && closed_child(name.second, *end) == *closed,
              "{} says that {} ended as it did not", name.first, child);
    }
  }
}

bool has_signal(const StoreImage& image, const MessageSent& sent) {
  for (const auto& [run, history] : image.histories) {
    if (image.states.at(run).started()->workflow != sent.to) continue;
    for (const Event& event : history.events)
      if (const auto* signal = std::get_if<SignalReceived>(&event.body);
          signal != nullptr && signal->payload == sent.payload)
        return true;
  }
  return false;
}

void check_messages(const StoreImage& image, const StoredHistory& history) {
  std::map<CommandId, MessageSent> sent;
  for (const Event& event : history.events) {
    if (const auto* message = std::get_if<MessageSent>(&event.body))
      sent.emplace(message->command, *message);
    const auto* answered = std::get_if<MessageAnswered>(&event.body);
    if (answered == nullptr || !answered->error_type.empty()) continue;
    const MessageSent& message = sent.at(answered->command);
    require(message.verb != MessageVerb::signal || has_signal(image, message),
            "a signal to {} was accepted and is gone", message.to);
  }
}

}  // namespace

void check_families(const StoreImage& image) {
  const std::map<CommandName, RunId> children = find_children(image);
  for (const auto& [name, child] : children) check_child(image, name, child);
  for (const auto& [run, history] : image.histories) {
    check_messages(image, history);
    for (const Event& event : history.events)
      if (const auto* begun = std::get_if<ChildStarted>(&event.body);
          begun != nullptr && image.is_own(run, event))
        require(children.contains({run, begun->command}), "{} has a child that never started", run);
  }
}

}  // namespace reprise::sim
