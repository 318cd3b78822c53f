// Event: one fact of a run's history. What happened, numbered, and never changed.
//
// Guarantees: kinds have explicit numbers that are never reused (29 is reserved). Sequences are dense from 1.
// Three classes:
//   input    comes from outside and waits, pending, for an activation to consume it
//   note     is kept for people and for retry arithmetic; activates nothing
//   command  was issued by the workflow in an activation
// Units:      times are recorded time (UTC, microseconds).
// Why:        ADR-0003.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/boxed.hpp"
#include "base/digest.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"
#include "engine/author/attributes.hpp"
#include "engine/author/contract.hpp"
#include "engine/author/payload.hpp"

namespace reprise {

enum class EventKind : std::uint16_t {
  run_started = 1,
  signal_received = 2,
  activity_scheduled = 3,
  activity_completed = 4,
  activity_attempt_failed = 5,
  activity_failed = 6,
  activity_attempt_lost = 7,
  activity_cancelled = 8,
  timer_started = 9,
  timer_fired = 10,
  timer_cancelled = 11,
  fact_recorded = 12,
  stage_entered = 13,
  cancel_requested = 14,
  run_completed = 15,
  run_failed = 16,
  run_cancelled = 17,
  run_forked = 18,
  run_continued = 19,
  update_accepted = 20,
  update_completed = 21,
  child_scheduled = 22,
  child_started = 23,
  child_closed = 24,
  child_cancel_requested = 25,
  message_sent = 26,
  message_answered = 27,
  attributes_changed = 28,
  patch_applied = 30,
  run_terminated = 31,
  run_paused = 32,
  run_unpaused = 33,
  run_timed_out = 34,
};

enum class EventClass : std::uint8_t { input, note, command };

// "activity_completed"; "unknown" for a number that this build does not know.
std::string_view to_string(EventKind kind) noexcept;
// "signal", "cancel", "terminate"; "unknown" for a number that this build does not know.
std::string_view to_string(MessageVerb verb) noexcept;

// The workflow type that tells a receiver elsewhere how a run ended; its ids begin with the prefix.
inline constexpr std::string_view kCallbackType = "reprise.callback";
inline constexpr std::string_view kCallbackIdPrefix = "callback_";

// Where a run stands in another one: the command of that run.
struct RunAddress {
  WorkflowId workflow;
  RunId run;
  CommandId command;
  friend bool operator==(const RunAddress&, const RunAddress&) = default;
};

// The run whose history this one began as a copy of, up to a command. Code that ran as that run
// goes on seeing its id, so that it issues again what it issued then.
struct ForkOrigin {
  RunId run;
  CommandId last_command;
  friend bool operator==(const ForkOrigin&, const ForkOrigin&) = default;
};

// --- inputs ---
struct RunStarted {
  WorkflowId workflow;
  std::string type;
  Payload input;
  std::uint64_t seed = 0;        // of random() and uuid()
  RunId first_run;               // of the chain of runs under this id; itself for the first
  RunId continued_from{};        // the run that continued as this one; RunId(): it is the first
  UtcTime not_before{};          // its code does not run before; 0: at once
  Duration run_timeout{0};       // from its start, the delay behind it; 0: none
  UtcTime execution_deadline{};  // of all runs that continue it; 0: none
  Boxed<RunAddress> parent{};    // empty: it is nobody's child
  Boxed<RunLabels> labels{};     // empty: it has none
  Boxed<std::vector<ForkOrigin>> origins{};  // of a fork: oldest first
  Boxed<Precedence> precedence{};            // of its activities and children; empty: none is given
  Boxed<std::string> callback_url{};         // is told how it ended; empty: nobody is
  friend bool operator==(const RunStarted&, const RunStarted&) = default;
};
// What makes a repeated signal known: digests of its Idempotency-Key and of its whole request.
struct SignalKey {
  Digest key;
  Digest request;
  friend bool operator==(const SignalKey&, const SignalKey&) = default;
};
struct SignalReceived {
  std::string name;
  Payload payload;
  std::optional<SignalKey> key;
  Sequence carried_from{};  // its event in the run that continued as this one; 0: it is new
  friend bool operator==(const SignalReceived&, const SignalReceived&) = default;
};
// A signal that is answered: by the UpdateCompleted that names it.
struct UpdateAccepted {
  std::string id;  // the caller's, once in a run
  std::string name;
  Payload input;
  Digest request;           // of the caller's whole request
  Sequence carried_from{};  // as a signal's
  friend bool operator==(const UpdateAccepted&, const UpdateAccepted&) = default;
};
struct ActivityCompleted {
  CommandId command;
  Attempt attempt;
  Payload result;
  friend bool operator==(const ActivityCompleted&, const ActivityCompleted&) = default;
};
struct ActivityFailed {
  CommandId command;
  Attempt attempt;  // the last one
  ActivityFailure failure;
  std::uint32_t attempts_folded = 0;  // failed attempts that have no event of their own
  friend bool operator==(const ActivityFailed&, const ActivityFailed&) = default;
};
struct ChildStarted {
  CommandId command;
  RunId run;
  friend bool operator==(const ChildStarted&, const ChildStarted&) = default;
};
// The child has ended, or could not be started.
struct ChildClosed {
  CommandId command;
  Payload result;
  std::string error_type{};  // empty: it completed
  std::string message{};
  friend bool operator==(const ChildClosed&, const ChildClosed&) = default;
};
struct MessageAnswered {
  CommandId command;
  std::string error_type{};  // empty: it was accepted
  std::string message{};
  friend bool operator==(const MessageAnswered&, const MessageAnswered&) = default;
};
struct TimerFired {
  CommandId command;
  friend bool operator==(const TimerFired&, const TimerFired&) = default;
};
struct CancelRequested {
  std::string reason;
  friend bool operator==(const CancelRequested&, const CancelRequested&) = default;
};

// --- notes ---
struct ActivityAttemptFailed {
  CommandId command;
  Attempt attempt;
  ActivityFailure failure;
  UtcTime next_attempt_at;
  Payload details{};  // of the attempt's last heartbeat; empty: it told none
  friend bool operator==(const ActivityAttemptFailed&, const ActivityAttemptFailed&) = default;
};
// What stands before is a copy of another run's history; from here on the run is itself.
struct RunForked {
  RunId from;
  Sequence through;   // the last event that was copied; this one follows it
  Duration shift{0};  // since then: timers and deadlines go on with the time they had left
  std::string reason;
  friend bool operator==(const RunForked&, const RunForked&) = default;
};
// Ended from outside, whatever it was doing; its code is not asked.
struct RunTerminated {
  std::string reason;
  friend bool operator==(const RunTerminated&, const RunTerminated&) = default;
};
// Its deadline has passed; its code is not asked.
struct RunTimedOut {
  bool execution = false;  // the deadline of the whole execution, else of this run
  friend bool operator==(const RunTimedOut&, const RunTimedOut&) = default;
};
// Inputs are accepted, and wait, until it is unpaused.
struct RunPaused {
  std::string reason;
  friend bool operator==(const RunPaused&, const RunPaused&) = default;
};
struct RunUnpaused {
  friend bool operator==(const RunUnpaused&, const RunUnpaused&) = default;
};
// The process that ran the attempt is gone, and its result with it.
struct ActivityAttemptLost {
  CommandId command;
  Attempt attempt;
  friend bool operator==(const ActivityAttemptLost&, const ActivityAttemptLost&) = default;
};

// --- commands ---
struct ActivityScheduled {
  CommandId command;
  std::string name;
  std::uint32_t version = 1;
  Reuse reuse = Reuse::never;
  Payload input;
  ActivityOptions options;
  friend bool operator==(const ActivityScheduled&, const ActivityScheduled&) = default;
};
struct ActivityCancelled {
  CommandId command;  // of the activity
  friend bool operator==(const ActivityCancelled&, const ActivityCancelled&) = default;
};
struct TimerStarted {
  CommandId command;
  Duration duration{0};
  UtcTime fire_at;
  friend bool operator==(const TimerStarted&, const TimerStarted&) = default;
};
struct TimerCancelled {
  CommandId command;  // of the timer
  friend bool operator==(const TimerCancelled&, const TimerCancelled&) = default;
};
struct ChildScheduled {
  CommandId command;
  WorkflowId workflow;
  std::string type;
  Payload input;
  ParentClose on_close = ParentClose::terminate;
  Duration run_timeout{0};
  Duration execution_timeout{0};
  friend bool operator==(const ChildScheduled&, const ChildScheduled&) = default;
};
struct ChildCancelRequested {
  CommandId command;  // of the child
  friend bool operator==(const ChildCancelRequested&, const ChildCancelRequested&) = default;
};
struct MessageSent {
  CommandId command;
  WorkflowId to;
  MessageVerb verb = MessageVerb::signal;
  std::string name;
  Payload payload;
  friend bool operator==(const MessageSent&, const MessageSent&) = default;
};
struct FactRecorded {
  CommandId command;
  std::string name;
  Payload fact;
  friend bool operator==(const FactRecorded&, const FactRecorded&) = default;
};
struct StageEntered {
  CommandId command;
  std::string name;
  std::uint32_t visit = 1;
  friend bool operator==(const StageEntered&, const StageEntered&) = default;
};
struct RunCompleted {
  Payload result;
  friend bool operator==(const RunCompleted&, const RunCompleted&) = default;
};
struct RunFailed {
  std::string type;
  std::string message;
  friend bool operator==(const RunFailed&, const RunFailed&) = default;
};
struct RunCancelled {
  std::string reason;
  friend bool operator==(const RunCancelled&, const RunCancelled&) = default;
};

// The workflow goes on as another run, which the same commit starts.
struct RunContinued {
  Payload input;
  RunId next_run;
  friend bool operator==(const RunContinued&, const RunContinued&) = default;
};
// The run takes the new path of a change of its code: ctx.patched().
struct PatchApplied {
  CommandId command;
  std::string id;
  friend bool operator==(const PatchApplied&, const PatchApplied&) = default;
};

struct AttributesChanged {
  CommandId command;
  AttributeChanges changes;
  friend bool operator==(const AttributesChanged&, const AttributesChanged&) = default;
};

struct UpdateCompleted {
  Sequence update;  // its UpdateAccepted
  Payload result;
  std::string error_type{};  // empty: it went well
  std::string message{};
  friend bool operator==(const UpdateCompleted&, const UpdateCompleted&) = default;
};

// A kind, or a later form of a kind, that this build does not know: kept as it was.
struct UnknownEvent {
  std::uint16_t kind = 0;
  std::string bytes;
  friend bool operator==(const UnknownEvent&, const UnknownEvent&) = default;
};

using EventBody =
    std::variant<RunStarted, SignalReceived, ActivityScheduled, ActivityCompleted,
                 ActivityAttemptFailed, ActivityFailed, ActivityAttemptLost, ActivityCancelled,
                 TimerStarted, TimerFired, TimerCancelled, FactRecorded, StageEntered,
                 CancelRequested, RunCompleted, RunFailed, RunCancelled, RunContinued, PatchApplied,
                 RunTerminated, RunPaused, RunUnpaused, RunTimedOut, UpdateAccepted,
                 UpdateCompleted, ChildScheduled, ChildStarted, ChildClosed, ChildCancelRequested,
                 MessageSent, MessageAnswered, AttributesChanged, RunForked, UnknownEvent>;

struct Event {
  Sequence sequence;
  UtcTime time;
  EventBody body;
  friend bool operator==(const Event&, const Event&) = default;
};

EventKind kind_of(const EventBody& body) noexcept;
EventClass class_of(const EventBody& body) noexcept;
// The command that the event issues, closes or tells about; 0 for none.
CommandId command_of(const EventBody& body) noexcept;
// Of the payload that it carries for its author or its caller.
std::size_t payload_bytes(const EventBody& body) noexcept;
bool is_terminal(const EventBody& body) noexcept;
// A terminal event that the workflow did not issue: it may leave work open behind it.
bool is_ended_from_outside(const EventBody& body) noexcept;

// One run of the workflow's code: the pending inputs it consumed, in order, and the commands that
// it issued. Replay resumes the coroutine at these, and nowhere else.
struct Activation {
  UtcTime now;                      // what ctx.now() gave
  std::vector<Sequence> consumed;   // inputs, of this record or an earlier one
  std::uint32_t first_command = 0;  // index into Record::events
  std::uint32_t command_count = 0;
  friend bool operator==(const Activation&, const Activation&) = default;
};

// What one append adds to a run: events in order, and the activations among them.
struct Record {
  RunId run;
  Digest previous;  // hash of the record before; of the run's id for the first
  std::vector<Event> events;
  std::vector<Activation> activations;
  friend bool operator==(const Record&, const Record&) = default;
};

}  // namespace reprise
