// RunState: what a run's history says, folded event by event. Status, open work, what is pending.
//
// Guarantees: apply() accepts exactly the legal histories: dense sequences, commands numbered in
//             order, results of the current attempt and cancellations of open commands only, each
//             keyed signal once, one end and nothing after it. Replay, the live shard, `verify` and the simulator use this one fold.
// Thread:     one at a time.
// Errors:     corrupt, naming the event, when a history is not legal; unsupported when it holds a
//             kind that this build does not know. State is then as before the event.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/boxed.hpp"
#include "base/result.hpp"
#include "engine/core/describe.hpp"
#include "engine/core/event.hpp"
#include "engine/core/view.hpp"

namespace reprise {

struct OpenActivity {
  ActivityScheduled scheduled;
  UtcTime scheduled_at;
  Attempt attempt{1};  // the one that runs, or will run at next_attempt_at
  std::uint32_t failures_folded = 0;
  std::uint32_t losses = 0;  // of attempts that began in this process
  // Of attempts in a queue: a worker outlives the process, and some only waited.
  std::uint32_t queue_losses = 0;
  std::uint32_t timeouts = 0;
  std::optional<UtcTime> next_attempt_at;  // waiting for a retry
  Boxed<ActivityFailure> last_failure;
  Payload last_details;  // of the last attempt whose heartbeats told some

  // When it ends whatever its attempts do.
  [[nodiscard]] std::optional<UtcTime> closes_at() const {
    const Duration limit = scheduled.options.schedule_to_close;
    return limit > Duration(0) ? std::optional(scheduled_at + limit) : std::nullopt;
  }
};

struct OpenChild {
  ChildScheduled scheduled;
  std::optional<RunId> run;  // once it has started
  bool cancel_requested = false;
};

struct SeenSignal {
  Digest request;
  Sequence sequence;
};

struct SeenUpdate {
  Digest request;
  Sequence accepted;
  std::optional<Sequence> completed;
};

class RunState {
 public:
  explicit RunState(RunId run) : run_(run) {}

  // The next event.
  Result<> apply(const Event& event);
  // An activation consumed these: they must be pending, oldest first.
  Result<> consume(const std::vector<Sequence>& inputs);

  [[nodiscard]] const RunId& run() const { return run_; }
  [[nodiscard]] const std::optional<RunStarted>& started() const { return started_; }
  [[nodiscard]] UtcTime started_at() const { return started_at_; }
  [[nodiscard]] RunStatus status() const { return status_; }
  [[nodiscard]] bool closed() const { return status_ != RunStatus::running; }
  [[nodiscard]] Sequence last() const { return last_; }
  [[nodiscard]] CommandId last_command() const { return last_command_; }
  [[nodiscard]] const std::map<CommandId, OpenActivity>& activities() const { return activities_; }
  [[nodiscard]] const std::map<CommandId, UtcTime>& timers() const { return timers_; }
  // Children that have not ended, and messages without an answer. Of a closed run: those it left.
  [[nodiscard]] const std::map<CommandId, OpenChild>& children() const { return mail().children; }
  [[nodiscard]] const std::map<CommandId, MessageSent>& messages() const { return mail().messages; }
  // Accepted inputs that no activation has consumed, in order.
  [[nodiscard]] const std::vector<Event>& pending() const { return pending_; }
  [[nodiscard]] bool cancel_requested() const { return cancel_reason_.has_value(); }
  [[nodiscard]] const std::optional<std::string>& cancel_reason() const { return cancel_reason_; }
  [[nodiscard]] std::optional<UtcTime> earliest_timer() const;
  [[nodiscard]] const std::optional<PausedSince>& paused() const { return paused_; }
  // When its code may run first, while its start delay is all that holds it.
  [[nodiscard]] std::optional<UtcTime> starts_at() const;
  // When it is ended if it runs then.
  [[nodiscard]] std::optional<UtcTime> deadline() const;
  // The next of the run's own times, its timers aside.
  [[nodiscard]] std::optional<UtcTime> own_time() const;
  // The time of the wake row that the state asks for: when an idle run has something to do.
  [[nodiscard]] std::optional<UtcTime> wake_time() const;
  // Pending inputs wait, and nothing but their turn holds them.
  [[nodiscard]] bool may_activate(UtcTime now) const {
    const std::optional<UtcTime> start = starts_at();
    return !closed() && !pending_.empty() && !paused_ && (!start || *start <= now);
  }
  // The accepted signal with this key, if there is one.
  [[nodiscard]] std::optional<SeenSignal> signal_with(const Digest& key) const;
  // The accepted update with this id, if there is one.
  [[nodiscard]] const SeenUpdate* update(const std::string& id) const;
  [[nodiscard]] std::size_t updates() const { return mail().updates.size(); }
  [[nodiscard]] std::size_t updates_open() const { return mail().updates_open.size(); }
  // How the run ended; nothing while it runs.
  [[nodiscard]] const Boxed<Event>& end() const { return end_; }

  // Bookkeeping of an open activity that has no event of its own (attempts past kAttemptEventsMax).
  OpenActivity* activity(CommandId command);
  // Bookkeeping of a closed run, which records nothing any more.
  void child_started(CommandId command, const RunId& run);

 private:
  // What goes between this run and others, and its callers: many runs have none of it.
  struct Mail {
    std::map<CommandId, OpenChild> children;
    std::map<CommandId, MessageSent> messages;
    std::map<Digest, SeenSignal> signal_keys;
    std::map<std::string, SeenUpdate, std::less<>> updates;
    std::map<Sequence, std::string> updates_open;  // their ids
  };
  [[nodiscard]] const Mail& mail() const;
  Mail& opened_mail();

  Result<> apply_body(const Event& event);
  Result<> forked(const Event& event, const RunForked& fork);
  Result<> ended(const Event& event);
  Result<> command_opened(CommandId command);
  Result<OpenActivity*> open_activity(CommandId command, const char* what);
  Result<OpenChild*> open_child(CommandId command);
  Result<OpenActivity*> open_attempt(CommandId command, Attempt attempt);

  RunId run_;
  std::optional<RunStarted> started_;
  RunStatus status_ = RunStatus::running;
  Sequence last_;
  CommandId last_command_;
  std::map<CommandId, OpenActivity> activities_;
  std::map<CommandId, UtcTime> timers_;
  Boxed<Mail> mail_;
  std::vector<Event> pending_;
  std::optional<std::string> cancel_reason_;  // set once cancellation was asked for
  std::optional<PausedSince> paused_;
  UtcTime started_at_;
  Boxed<Event> end_;
};

}  // namespace reprise
