// What a run looks like from outside: open work, timers, its end, its events.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/boxed.hpp"
#include "engine/core/event.hpp"
#include "engine/core/view.hpp"

namespace reprise {

struct PendingActivity {
  CommandId command;
  std::string name;
  Attempt attempt;  // the one that runs, or ran last
  UtcTime scheduled_at;
  std::optional<UtcTime> next_attempt_at;  // set while it waits for a retry
  Boxed<ActivityFailure> last_failure;
};

struct PendingTimer {
  CommandId command;
  UtcTime fire_at;
};

struct PendingChild {
  CommandId command;
  std::string type;
  WorkflowId workflow;
  std::optional<RunId> run;  // once it has started
};

struct ParkedReason {
  Sequence at;           // the event that did not match, or the last one
  std::string expected;  // what the log says
  std::string found;     // what this build's code did
  std::string build;
  UtcTime since;
};

struct PausedSince {
  UtcTime since;
  std::string reason;
};

// A limit of a run, and how much of it is used.
struct LimitUse {
  std::string_view limit;  // "history_events", …
  std::uint64_t used = 0;
  std::uint64_t max = 0;
  // From four fifths on people are warned.
  [[nodiscard]] bool is_near() const { return max > 0 && used >= max - max / 5; }
};

struct RunDescription {
  RunView view;
  Payload memo{};  // empty: it was given none
  std::vector<PendingActivity> activities;
  std::vector<PendingTimer> timers;
  std::vector<PendingChild> children;
  std::size_t updates_open = 0;    // accepted, not yet answered
  std::size_t inputs_pending = 0;  // accepted, not yet consumed by an activation
  bool cancel_requested = false;
  std::optional<PausedSince> paused;
  std::optional<UtcTime> starts_at;  // its code has not run yet, because of its start delay
  std::optional<UtcTime> deadline;
  std::optional<ParkedReason> parked;
  std::vector<LimitUse> near_limits;  // what will be refused, or park the run, before long
};

// One of the parked runs of a store.
struct ParkedRun {
  WorkflowId workflow;
  RunId run;
  ParkedReason reason;
  std::string cursor;  // where a list goes on behind it
};

// How a run ended.
struct RunOutcome {
  RunId run;
  RunStatus status = RunStatus::completed;
  Payload result;          // of a completed run
  std::string error_type;  // of a failed one
  std::string message;     // of one that ended otherwise
  UtcTime closed_at;
  std::optional<RunId> next_run;  // of one that continued as new
};

// Of a run whose last event is `end`.
RunOutcome outcome_of(const RunId& run, const Event& end);

// What became of an update.
struct UpdateOutcome {
  RunId run;
  std::string id;
  Sequence accepted;
  bool repeated = false;                  // the id came before: nothing was added
  std::optional<UpdateCompleted> answer;  // nothing: it is under way
};

struct HistoryPage {
  RunId run;
  std::vector<Event> events;
  Sequence next;        // ask again with after = next
  bool closed = false;  // no event will come behind `next`
};

struct EngineFigures {
  std::size_t runs_cached = 0;
  std::uint64_t groups_committed = 0;
  std::uint64_t batches_committed = 0;
  std::size_t commit_bytes_waiting = 0;
  std::size_t activities_running = 0;
  Duration timers_late{0};  // of runs on disk that wake now
};

}  // namespace reprise
