#include "workflows/testing/run_story.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace reprise::testing {
namespace {

RunStarted start_of(const WorkflowType& type, std::string input = {}) {
  return {.workflow = WorkflowId("story"),
          .type = type.definition.type,
          .input = Payload{std::move(input)},
          .seed = 42};
}

}  // namespace

RunStory::RunStory(const WorkflowType& type, std::string input)
    : type_(type), execution_(type.definition, RunId(), start_of(type)) {
  step(start_of(type, std::move(input)));
}

void RunStory::add(EventBody body) {
  const Sequence sequence(events_.size() + 1);
  const auto second = static_cast<std::int64_t>(steps_.size()) + 1;
  events_.push_back({sequence, UtcTime::from_micros(second * 1'000'000), std::move(body)});
}

RunStory& RunStory::step(EventBody input) {
  add(std::move(input));
  Step step{.input = events_.back(), .commands = {}};
  auto commands = execution_.activate({&step.input, 1}, step.input.time);
  if (!commands) {
    parked_ = to_string(commands.error());
    return *this;
  }
  step.commands = *commands;
  steps_.push_back(std::move(step));
  for (EventBody& command : *commands) {
    if (const auto* scheduled = std::get_if<ActivityScheduled>(&command))
      open_.push_back(*scheduled);
    if (const auto* started = std::get_if<TimerStarted>(&command))
      timers_.push_back(started->command);
    if (const auto* cancelled = std::get_if<ActivityCancelled>(&command))
      std::erase_if(open_, [&](const auto& open) { return open.command == cancelled->command; });
    if (const auto* cancelled = std::get_if<TimerCancelled>(&command))
      std::erase(timers_, cancelled->command);
    add(std::move(command));
  }
  return *this;
}

const ActivityScheduled& RunStory::first_open(std::string_view activity) const {
  const auto found = std::ranges::find(open_, activity, &ActivityScheduled::name);
  CHECK(found != open_.end(), "no open activity {}; failure '{}', parked '{}'", activity, failure(),
        parked_);
  return *found;
}

RunStory& RunStory::answer(std::string_view activity, std::string result) {
  const CommandId command = first_open(activity).command;
  std::erase_if(open_, [&](const auto& open) { return open.command == command; });
  return step(ActivityCompleted{command, Attempt(1), Payload{std::move(result)}});
}

RunStory& RunStory::fail(std::string_view activity, ActivityFailure failure) {
  const CommandId command = first_open(activity).command;
  std::erase_if(open_, [&](const auto& open) { return open.command == command; });
  return step(ActivityFailed{command, Attempt(6), std::move(failure)});
}

RunStory& RunStory::signal(std::string name, std::string payload) {
  return step(SignalReceived{.name = std::move(name), .payload = Payload{std::move(payload)}});
}

RunStory& RunStory::update(std::string id, std::string name, std::string input) {
  return step(UpdateAccepted{.id = std::move(id),
                             .name = std::move(name),
                             .input = Payload{std::move(input)},
                             .request = {}});
}

RunStory& RunStory::cancel(std::string reason) {
  return step(CancelRequested{.reason = std::move(reason)});
}

RunStory& RunStory::fire_timer() {
  CHECK(!timers_.empty(), "no timer runs");
  const CommandId command = timers_.front();
  timers_.erase(timers_.begin());
  return step(TimerFired{command});
}

std::vector<std::string> RunStory::open() const {
  std::vector<std::string> names;
  for (const ActivityScheduled& activity : open_) names.push_back(activity.name);
  return names;
}

std::string RunStory::input_of(std::string_view activity) const {
  return first_open(activity).input.bytes;
}

const ActivityOptions& RunStory::options_of(std::string_view activity) const {
  return first_open(activity).options;
}

std::vector<std::string> RunStory::stages() const {
  std::vector<std::string> stages;
  for (const Event& event : events_)
    if (const auto* stage = std::get_if<StageEntered>(&event.body)) stages.push_back(stage->name);
  return stages;
}

std::vector<std::string> RunStory::facts(std::string_view name) const {
  std::vector<std::string> facts;
  for (const Event& event : events_)
    if (const auto* fact = std::get_if<FactRecorded>(&event.body);
        fact != nullptr && fact->name == name)
      facts.push_back(fact->fact.bytes);
  return facts;
}

std::optional<std::string> RunStory::result() const {
  const auto* completed = std::get_if<RunCompleted>(&events_.back().body);
  return completed == nullptr ? std::nullopt : std::optional(completed->result.bytes);
}

std::string RunStory::failure() const {
  if (const auto* failed = std::get_if<RunFailed>(&events_.back().body))
    return failed->type + ": " + failed->message;
  if (const auto* cancelled = std::get_if<RunCancelled>(&events_.back().body))
    return "cancelled: " + cancelled->reason;
  return {};
}

std::string RunStory::view() const {
  const auto fold = type_.view.make();
  for (const Event& event : events_) fold->apply(event);
  return fold->encode();
}

bool RunStory::verify_replay() const {
  Execution again(type_.definition, RunId(), start_of(type_));
  return std::ranges::all_of(steps_, [&](const Step& step) {
    const auto commands = again.activate({&step.input, 1}, step.input.time);
    return commands && *commands == step.commands;
  });
}

}  // namespace reprise::testing
