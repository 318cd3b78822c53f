#include "engine/core/run_state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/core/retry.hpp"

namespace reprise {
namespace {

std::unexpected<Error> illegal(const Event& event, std::string_view why) {
  return fail(Errc::corrupt, fmt::format("event {} ({}): {}", event.sequence,
                                         to_string(kind_of(event.body)), why));
}

}  // namespace

std::optional<UtcTime> RunState::earliest_timer() const {
  std::optional<UtcTime> earliest;
  for (const auto& [command, fire_at] : timers_)
    if (!earliest || fire_at < *earliest) earliest = fire_at;
  return earliest;
}

std::optional<UtcTime> RunState::starts_at() const {
  if (!started_ || started_->not_before == UtcTime() || cancel_reason_) return std::nullopt;
  if (pending_.empty() || pending_.front().sequence != Sequence(1)) return std::nullopt;
  return started_->not_before;
}

std::optional<UtcTime> RunState::deadline() const {
  if (!started_ || closed()) return std::nullopt;
  std::optional<UtcTime> deadline;
  if (started_->run_timeout > Duration(0))
    deadline = std::max(started_at_, started_->not_before) + started_->run_timeout;
  const UtcTime execution = started_->execution_deadline;
  if (execution != UtcTime() && (!deadline || execution < *deadline)) deadline = execution;
  return deadline;
}

std::optional<UtcTime> RunState::own_time() const {
  const std::optional<UtcTime> start = starts_at();
  const std::optional<UtcTime> end = deadline();
  return start && end ? std::min(start, end) : start ? start : end;
}

const RunState::Mail& RunState::mail() const {
  static const Mail none;
  return mail_ ? *mail_ : none;
}

RunState::Mail& RunState::opened_mail() {
  if (!mail_) mail_ = Mail();
  return *mail_;
}

std::optional<UtcTime> RunState::wake_time() const {
  if (closed() || !activities_.empty()) return std::nullopt;
  const std::optional<UtcTime> timer = earliest_timer();
  const std::optional<UtcTime> own = own_time();
  return timer && own ? std::min(timer, own) : timer ? timer : own;
}

std::optional<SeenSignal> RunState::signal_with(const Digest& key) const {
  const auto found = mail().signal_keys.find(key);
  if (found == mail().signal_keys.end()) return std::nullopt;
  return found->second;
}

const SeenUpdate* RunState::update(const std::string& id) const {
  const auto found = mail().updates.find(id);
  return found == mail().updates.end() ? nullptr : &found->second;
}

OpenActivity* RunState::activity(CommandId command) {
  const auto found = activities_.find(command);
  return found == activities_.end() ? nullptr : &found->second;
}

void RunState::child_started(CommandId command, const RunId& run) {
  if (const auto child = open_child(command)) (*child)->run = run;
}

Result<> RunState::apply(const Event& event) {
  if (event.sequence != last_.next())
    return illegal(event, fmt::format("it follows event {}", last_));
  if (closed()) return illegal(event, "the run has ended before it");
  if (started_.has_value() == std::holds_alternative<RunStarted>(event.body))
    return illegal(event, started_ ? "the run starts twice" : "the run has not started");
  if (Result<> ok = apply_body(event); !ok) return ok;
  if (class_of(event.body) == EventClass::input) pending_.push_back(event);
  last_ = event.sequence;
  return {};
}

Result<> RunState::consume(const std::vector<Sequence>& inputs) {
  for (std::size_t i = 0; i < inputs.size(); ++i)
    if (i >= pending_.size() || pending_[i].sequence != inputs[i])
      return fail(Errc::corrupt, fmt::format("an activation consumes event {}, which is not the "
                                             "oldest pending input",
                                             inputs[i]));
  pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(inputs.size()));
  return {};
}

Result<> RunState::command_opened(CommandId command) {
  if (command != last_command_.next())
    return fail(Errc::corrupt,
                fmt::format("command {} follows command {}", command, last_command_));
  last_command_ = command;
  return {};
}

Result<OpenActivity*> RunState::open_activity(CommandId command, const char* what) {
  if (OpenActivity* open = activity(command)) return open;
  return fail(Errc::corrupt,
              fmt::format("{} of command {}, which is no open activity", what, command));
}

Result<OpenChild*> RunState::open_child(CommandId command) {
  if (mail_)
    if (const auto found = mail_->children.find(command); found != mail_->children.end())
      return &found->second;
  return fail(Errc::corrupt, fmt::format("command {} is no open child", command));
}

// Attempts past kAttemptEventsMax leave no event of their own: there the number may have run ahead.
Result<OpenActivity*> RunState::open_attempt(CommandId command, Attempt attempt) {
  Result<OpenActivity*> open = open_activity(command, "an attempt");
  if (!open) return open;
  const Attempt current = (*open)->attempt;
  if (attempt != current && !(attempt > current && current.value() > kAttemptEventsMax))
    return fail(Errc::corrupt, fmt::format("attempt {} of command {} ends, and attempt {} is open",
                                           attempt, command, current));
  return open;
}

Result<> RunState::apply_body(const Event& event) {
  return std::visit(
      [&]<typename Body>(const Body& body) -> Result<> {
        if constexpr (std::same_as<Body, RunStarted>) {
          started_ = body;
          started_at_ = event.time;
        } else if constexpr (std::same_as<Body, SignalReceived>) {
          if (body.key &&
              !opened_mail()
                   .signal_keys
                   .emplace(body.key->key, SeenSignal{body.key->request, event.sequence})
                   .second)
            return illegal(event, "a signal with its key was accepted before");
        } else if constexpr (std::same_as<Body, UpdateAccepted>) {
          Mail& mail = opened_mail();
          if (!mail.updates.emplace(body.id, SeenUpdate{body.request, event.sequence, {}}).second)
            return illegal(event, "an update with its id was accepted before");
          mail.updates_open.emplace(event.sequence, body.id);
        } else if constexpr (std::same_as<Body, UpdateCompleted>) {
          Mail& mail = opened_mail();
          const auto open = mail.updates_open.find(body.update);
          if (open == mail.updates_open.end())
            return illegal(event, fmt::format("event {} is no open update", body.update));
          mail.updates.at(open->second).completed = event.sequence;
          mail.updates_open.erase(open);
        } else if constexpr (std::same_as<Body, CancelRequested>) {
          if (std::exchange(cancel_reason_, body.reason))
            return illegal(event, "it was asked before");
        } else if constexpr (std::same_as<Body, ActivityScheduled>) {
          if (Result<> ok = command_opened(body.command); !ok) return ok;
          activities_.try_emplace(body.command, body, event.time);
        } else if constexpr (std::same_as<Body, ActivityCompleted> ||
                             std::same_as<Body, ActivityFailed>) {
          if (auto open = open_attempt(body.command, body.attempt); !open)
            return std::unexpected(open.error());
          activities_.erase(body.command);
        } else if constexpr (std::same_as<Body, ActivityCancelled>) {
          if (auto open = open_activity(body.command, "the cancellation"); !open)
            return std::unexpected(open.error());
          activities_.erase(body.command);
        } else if constexpr (std::same_as<Body, ActivityAttemptFailed>) {
          auto open = open_attempt(body.command, body.attempt);
          if (!open) return std::unexpected(open.error());
          if (body.failure.type == "timeout") ++(*open)->timeouts;
          (*open)->attempt = body.attempt.next();
          (*open)->next_attempt_at = body.next_attempt_at;
          (*open)->last_failure = body.failure;
          if (!body.details.bytes.empty()) (*open)->last_details = body.details;
        } else if constexpr (std::same_as<Body, ActivityAttemptLost>) {
          auto open = open_attempt(body.command, body.attempt);
          if (!open) return std::unexpected(open.error());
          const bool in_queue = !(*open)->scheduled.options.queue.empty();
          ++(in_queue ? (*open)->queue_losses : (*open)->losses);
          (*open)->attempt = body.attempt.next();
          (*open)->next_attempt_at.reset();
        } else if constexpr (std::same_as<Body, TimerStarted>) {
          if (Result<> ok = command_opened(body.command); !ok) return ok;
          timers_.emplace(body.command, body.fire_at);
        } else if constexpr (std::same_as<Body, TimerFired> || std::same_as<Body, TimerCancelled>) {
          if (timers_.erase(body.command) == 0)
            return illegal(event, fmt::format("command {} is no open timer", body.command));
        } else if constexpr (std::same_as<Body, ChildScheduled>) {
          if (Result<> ok = command_opened(body.command); !ok) return ok;
          opened_mail().children.emplace(body.command, OpenChild{.scheduled = body, .run = {}});
        } else if constexpr (std::same_as<Body, ChildStarted>) {
          auto child = open_child(body.command);
          if (!child) return std::unexpected(child.error());
          if ((*child)->run) return illegal(event, "the child has started before");
          (*child)->run = body.run;
        } else if constexpr (std::same_as<Body, ChildCancelRequested>) {
          auto child = open_child(body.command);
          if (!child) return std::unexpected(child.error());
          (*child)->cancel_requested = true;
        } else if constexpr (std::same_as<Body, ChildClosed>) {
          if (auto child = open_child(body.command); !child) return std::unexpected(child.error());
          opened_mail().children.erase(body.command);
        } else if constexpr (std::same_as<Body, MessageSent>) {
          if (Result<> ok = command_opened(body.command); !ok) return ok;
          opened_mail().messages.emplace(body.command, body);
        } else if constexpr (std::same_as<Body, MessageAnswered>) {
          if (!mail_ || mail_->messages.erase(body.command) == 0)
            return illegal(event, fmt::format("command {} is no open message", body.command));
        } else if constexpr (std::same_as<Body, FactRecorded> || std::same_as<Body, StageEntered> ||
                             std::same_as<Body, PatchApplied> ||
                             std::same_as<Body, AttributesChanged>) {
          return command_opened(body.command);
        } else if constexpr (std::same_as<Body, RunForked>) {
          return forked(event, body);
        } else if constexpr (std::same_as<Body, RunPaused>) {
          if (paused_) return illegal(event, "it is paused already");
          paused_ = PausedSince{event.time, body.reason};
        } else if constexpr (std::same_as<Body, RunUnpaused>) {
          if (!paused_) return illegal(event, "it is not paused");
          paused_.reset();
        } else if constexpr (std::same_as<Body, UnknownEvent>) {
          return fail(
              Errc::unsupported,
              fmt::format("event {} is of kind {}, or of a form of it, that this build does "
                          "not know",
                          event.sequence, body.kind));
        } else {
          return ended(event);
        }
        return {};
      },
      event.body);
}

// What was open goes on with the time it had left; attempts that ran are made again.
Result<> RunState::forked(const Event& event, const RunForked& fork) {
  if (fork.through != last_)
    return illegal(event, fmt::format("it was cut at event {}", fork.through));
  for (auto& [command, fire_at] : timers_) fire_at = fire_at + fork.shift;
  for (auto& [command, open] : activities_) {
    open.scheduled_at = open.scheduled_at + fork.shift;
    open.next_attempt_at = open.next_attempt_at ? *open.next_attempt_at + fork.shift : event.time;
  }
  started_at_ = started_at_ + fork.shift;
  for (UtcTime* at : {&started_->not_before, &started_->execution_deadline})
    if (*at != UtcTime()) *at = *at + fork.shift;
  return {};
}

Result<> RunState::ended(const Event& event) {
  if (is_ended_from_outside(event.body)) {
    activities_.clear();
    timers_.clear();
    pending_.clear();
  }
  if (!activities_.empty() || !timers_.empty())
    return illegal(event, "the run ends with open commands");
  paused_.reset();
  status_ = status_after(event.body);
  end_ = event;
  return {};
}

}  // namespace reprise
