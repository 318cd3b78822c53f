// What goes into a shard and what comes out of it: inputs, reads, actions, steps.
//
//   Input   something happened outside: a request, an attempt's end, a read's answer, a commit
//   Read    the shard wants to know something from the log; done at once, answered by an input
//   Action  something to do outside, once everything up to the step's position is durable
// Guarantees: an action may be done twice after a crash: each is idempotent, or its receiver
//             recognises the repetition.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "engine/author/host.hpp"
#include "engine/core/describe.hpp"
#include "engine/core/group.hpp"
#include "engine/core/letters.hpp"
#include "engine/core/requests.hpp"
#include "engine/core/rows.hpp"
#include "storage/batch.hpp"
#include "storage/schema.hpp"

namespace reprise {

// Names a caller that waits for a reply; made by whoever gives the input.
using RequestId = StrongNumber<struct RequestIdTag, std::uint64_t>;

// The time at which a step runs. The core has no clock.
struct Moment {
  UtcTime utc;
  SteadyTime steady;
};

// --- inputs: requests ---
struct StartInput {
  RequestId id;
  StartRequest request;   // `workflow` is set: routing made an id where the caller gave none
  bool fresh_id = false;  // made by us just now: nothing can have it yet
  std::uint64_t entropy_high = 0;  // of the run's id and its seed
  std::uint64_t entropy_low = 0;
  Boxed<RunAddress> parent{};  // empty: it is nobody's child
};
struct SignalInput {
  RequestId id;
  SignalRequest request;
};
struct CancelInput {
  RequestId id;
  CancelRequest request;
};
struct UpdateInput {
  RequestId id;
  UpdateRequest request;
};
struct ControlInput {
  RequestId id;
  ControlRequest request;
};
struct DeleteInput {
  RequestId id;
  DeleteRequest request;
};
// A page of a run that is made as a copy of another one. The run is not seen before the last page.
struct ForkRequest {
  WorkflowId workflow;
  std::optional<RunId> run;  // the fork; always given
  RunId latest;              // the workflow's, which must be closed
  std::vector<Row> rows;     // of its records and blobs
  std::vector<GroupEntry> entries;
  bool is_first = false;
  bool is_last = false;
  WorkflowRow row{};  // this and what follows: with the last page
  std::string view{};
  std::optional<UtcTime> wakes_at{};  // the fork sleeps until then
};
struct ForkInput {
  RequestId id;
  ForkRequest request;
};
struct QueryInput {
  RequestId id;
  QueryRequest request;
};
struct DescribeInput {
  RequestId id;
  DescribeRequest request;
};

// --- inputs: from other runs ---
struct ChildEndedRequest {
  WorkflowId workflow;  // the parent's
  std::optional<RunId> run;
  RunId child;
  ChildClosed closed;
};
struct ChildEndedInput {
  RequestId id;
  ChildEndedRequest request;
};
// What one run asks of another: taken in like any request, and answered with a LetterAnswered.
struct Letter {
  RunAddress from;
  LetterKind kind = LetterKind::message;
  using Content = std::variant<StartInput, SignalInput, CancelInput, ControlInput, ChildEndedInput>;
  std::shared_ptr<Content> content;  // apart, so that other inputs stay small
};

// --- inputs: what else happens ---
// Answered, when it has an id, with AttemptAnswer: what is recorded is durable then.
struct AttemptEnded {
  RunId run;
  CommandId command;
  Attempt attempt;
  std::expected<Payload, ActivityFailure> outcome;
  std::optional<RequestId> id{};
};
// A worker takes an attempt out of its queue; answered with AttemptWork.
struct AttemptTaken {
  RequestId id;
  RunId run;
  CommandId command;
  Attempt attempt;
};
// It is alive, and this far. Answered, when it has an id, with AttemptAnswer.
struct AttemptBeat {
  RunId run;
  CommandId command;
  Attempt attempt;
  std::optional<Payload> details;  // nothing: as it told before
  std::optional<RequestId> id{};
};
struct WorkflowLoaded {
  WorkflowId workflow;
  Result<std::optional<WorkflowRow>> row;
};
struct KeyLoaded {
  std::string key;  // as in Table::key
  Result<std::optional<KeyRow>> row;
};
struct LoadedRecord {
  Sequence first;
  std::string bytes;
  std::map<Digest, std::string> blobs;

  // Null when it is not there.
  [[nodiscard]] const std::string* blob(const Digest& digest) const {
    const auto found = blobs.find(digest);
    return found == blobs.end() ? nullptr : &found->second;
  }
};
struct RecordsLoaded {
  RunId run;
  std::uint64_t load = 0;  // as in the read
  Result<std::vector<LoadedRecord>> records;
  bool end = false;         // the history ends with these
  bool parked_row = false;  // the run has a row in Table::parked
  bool wakes = false;       // as in the read
};
struct WakesLoaded {
  struct Due {
    UtcTime at;
    RunId run;
  };
  Result<std::vector<Due>> due;  // up to `to`, or as far as `through` when there were too many
  WakePlace through;             // rows up to here are in `due`
  std::optional<UtcTime> next;   // the first row behind `through`
};
struct BusyLoaded {
  Result<std::vector<RunId>> runs;  // empty: that was all
};
struct Committed {
  BatchNumber batch;
};
// Drop every run from memory that may be dropped.
struct EvictIdle {};

// A description is shared, so that the others, which are many, stay small.
using Answer = std::variant<StartAnswer, SignalAnswer, CancelAnswer, UpdateAnswer, ControlAnswer,
                            DeleteAnswer, ForkAnswer, Payload,
                            std::shared_ptr<const RunDescription>, AttemptAnswer, AttemptWork>;
struct LetterAnswered {
  RunAddress from;  // who wrote the letter
  LetterKind kind = LetterKind::message;
  Result<Answer> answer;
};

using Input =
    std::variant<Letter, LetterAnswered, ChildEndedInput, StartInput, SignalInput, CancelInput,
                 UpdateInput, ControlInput, DeleteInput, ForkInput, QueryInput, DescribeInput,
                 AttemptEnded, AttemptTaken, AttemptBeat, WorkflowLoaded, KeyLoaded, RecordsLoaded,
                 WakesLoaded, BusyLoaded, Committed, EvictIdle>;

// --- reads ---
struct LoadWorkflow {
  WorkflowId workflow;
};
struct LoadKey {
  std::string key;
};
struct LoadRecords {
  RunId run;
  Sequence from;
  std::uint64_t load = 0;  // which of the shard's loads it is for
  bool wakes = false;      // nobody waits: a timer or recovery has called the run
  UtcTime due{};           // of what wakes: when it was to be called
};
struct LoadWakes {
  WakePlace after;
  UtcTime to;  // inclusive
};
struct LoadBusy {
  std::optional<RunId> after;
};
using Read = std::variant<LoadWorkflow, LoadKey, LoadRecords, LoadWakes, LoadBusy>;

// No caller waits for it.
inline bool is_background(const Read& read) {
  const auto* records = std::get_if<LoadRecords>(&read);
  return records != nullptr
             ? records->wakes
             : std::holds_alternative<LoadWakes>(read) || std::holds_alternative<LoadBusy>(read);
}

// Likewise: what timers and recovery asked for has come, or a batch is durable.
inline bool is_background(const Input& input) {
  if (const auto* loaded = std::get_if<RecordsLoaded>(&input)) return loaded->wakes;
  return std::holds_alternative<WakesLoaded>(input) || std::holds_alternative<BusyLoaded>(input) ||
         std::holds_alternative<Committed>(input);
}

// --- actions ---
// To be given, as an input, to the shard of this workflow.
struct Post {
  WorkflowId to;
  std::shared_ptr<Input> content;  // apart, so that other actions stay small
};
struct Reply {
  RequestId id;
  Result<Answer> answer;
};
// Of an attempt in a queue: who may have it, when, and what it may cost.
struct QueueWait {
  bool in_process = false;  // this process begins it, once the queue's limits let it
  Precedence precedence{};  // all of it given
  Duration age{0};          // since the activity was scheduled
  Duration lease{0};        // how long a worker that has it may be silent
  std::uint32_t lost = 0;   // attempts before it that a worker of an earlier process may still have
};
struct Dispatch {
  WorkflowId workflow;
  RunId run;
  CommandId command;
  Attempt attempt;
  std::string name;
  std::uint32_t version = 1;
  std::string provider;
  Payload input;  // empty for a queue: who takes the attempt is given it
  SteadyTime deadline;
  std::string queue{};      // whose workers may take it; empty: it begins now, in this process
  Boxed<QueueWait> wait{};  // in that queue
  Payload last_details{};   // of the heartbeats before this attempt
  std::shared_ptr<const StepBody> step{};  // a local step; else the activity of that name
};
// The attempt's outcome is of no more use; its work should stop.
struct CancelAttempt {
  RunId run;
  CommandId command;
  Attempt attempt;
  bool timed_out = false;   // else the workflow, or somebody from outside, gave it up
  bool lease_over = false;  // its worker should have ended it by now
};
// The run's durable history now ends at `last`.
struct Notify {
  RunId run;
  Sequence last;
  std::optional<RunOutcome> outcome;  // set when the run has ended
};
using Action = std::variant<Reply, Dispatch, CancelAttempt, Notify, Post>;

struct Step {
  Batch batch;
  std::vector<GroupEntry> entries;  // the records in the batch
  // The batch's number; of the last batch before it when this one is empty. The actions wait until
  // this number is committed.
  BatchNumber position;
  // A caller, another run or an activity's outcome may wait for the batch; else only what was due and
  // recovery have called its runs.
  bool waited_for = false;
  std::vector<Read> reads;
  std::vector<Action> actions;
  // Local steps that share a commit: all that they rest on is durable already, so they begin at once.
  std::vector<Dispatch> at_once;
};

}  // namespace reprise
