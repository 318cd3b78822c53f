// What callers ask of the engine, and what they are answered.
//
// Units: an idempotency key is 1 to 255 bytes; `tenant` keeps the keys of different users apart.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/boxed.hpp"
#include "base/digest.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"
#include "engine/author/attributes.hpp"
#include "engine/author/payload.hpp"
#include "engine/author/precedence.hpp"
#include "engine/core/view.hpp"
#include "storage/batch.hpp"

namespace reprise {

enum class IdReuse : std::uint8_t {
  allow = 1,                  // a new run, if the latest one is closed
  reject = 2,                 // never a second run
  allow_if_unsuccessful = 3,  // a new run, if the latest one is closed and did not complete
};

// What a start does when an open run has its id.
enum class IdConflict : std::uint8_t {
  fail = 1,                // already_exists
  use_existing = 2,        // it is answered with that run
  terminate_existing = 3,  // that run is terminated in the commit that starts the new one
};

// A caller's mark on a write: the same key and body gives the first answer again.
struct IdempotencyKey {
  std::string tenant;
  std::string key;
  Digest request;  // of the request's canonical body
};

struct StartRequest {
  std::string type;
  std::optional<WorkflowId> workflow;  // nothing: the engine makes one
  std::string id_prefix = "wf_";       // of an id that the engine makes
  Payload input;
  IdReuse id_reuse = IdReuse::allow;
  IdConflict id_conflict = IdConflict::fail;
  Duration start_delay{0};         // its code runs no earlier
  Duration run_timeout{0};         // of each run, from when its code may run; 0: none
  Duration execution_timeout{0};   // of all runs that continue it, from now on; 0: none
  Boxed<RunLabels> labels{};       // attributes and memo
  Boxed<Precedence> precedence{};  // of its activities and children in their queues
  std::string callback_url{};      // POSTed to once it has ended; empty: nothing is
  Boxed<IdempotencyKey> key{};
};
struct StartAnswer {
  WorkflowId workflow;
  RunId run;
  UtcTime started_at;
  bool repeated = false;  // the key came before, or an open run is used: nothing was started
};

struct SignalRequest {
  WorkflowId workflow;
  std::optional<RunId> run;  // nothing: the latest
  std::string name;
  Payload payload;
  Boxed<IdempotencyKey> key{};
};
struct SignalAnswer {
  RunId run;
  Sequence sequence;      // of its event
  bool repeated = false;  // the key came before: nothing was added
};

struct CancelRequest {
  WorkflowId workflow;
  std::optional<RunId> run;
  std::string reason;
  Boxed<RunAddress> only_child_of{};  // else not_found
};
struct CancelAnswer {
  RunId run;
  bool repeated = false;  // it was asked before
};

// A signal that is answered. Its id makes a repetition known, and finds its answer later.
struct UpdateRequest {
  WorkflowId workflow;
  std::optional<RunId> run;
  std::string id;
  std::string name;
  Payload input;
  Digest request;          // of the request's canonical body
  bool only_look = false;  // not_found when the id was not accepted before
};
struct UpdateAnswer {
  RunId run;
  Sequence accepted;
  std::optional<Sequence> completed;  // the event that holds the answer
  Sequence last;                      // of the run's events
  bool repeated = false;              // the id came before: nothing was added
};

enum class Control : std::uint8_t {
  terminate = 1,  // end it now, without asking its code; a parked run too
  pause = 2,      // its code does not run until it is unpaused; inputs are accepted and wait
  unpause = 3,
};
struct ControlRequest {
  WorkflowId workflow;
  std::optional<RunId> run;
  Control control = Control::terminate;
  std::string reason;
  Boxed<RunAddress> only_child_of{};  // else not_found
};
struct ControlAnswer {
  RunId run;
  bool repeated = false;  // it was so already
};

// A page of what a closed run has in the log, to be erased. From the first one on the run is not seen
// any more. Whoever asks has read that it is closed, which is for ever.
struct DeleteRequest {
  WorkflowId workflow;
  std::optional<RunId> run;   // always given
  bool owes_nothing = false;  // no mark says that others are still to be told of its end
  bool is_last = false;       // nothing is left behind this page
  std::vector<RowName> rows;
};
struct DeleteAnswer {
  RunId run;
};

// Where the run that follows from it begins: see engine/core/fork.hpp.
struct ResetRequest {
  WorkflowId workflow;
  std::optional<RunId> run;       // nothing: the latest
  std::optional<Sequence> event;  // this, or a stage
  std::string stage;
  std::uint32_t visit = 1;
  std::string reason;
  bool keep_signals = true;  // those behind the cut come again
};
struct ForkAnswer {
  RunId run;
  RunId from;
  Sequence through;         // the last event that was copied
  std::size_t signals = 0;  // that came again
};

struct QueryRequest {
  WorkflowId workflow;
  std::optional<RunId> run;
  std::string name;
  Payload arguments;
};

struct DescribeRequest {
  WorkflowId workflow;
  std::optional<RunId> run;
};

// What became of an attempt's outcome, or of its heartbeat.
enum class AttemptAnswer : std::uint8_t {
  current = 1,    // the heartbeat counts: go on
  recorded = 2,   // the outcome is durable
  cancelled = 3,  // the activity was cancelled: stop; nothing is recorded
  stale = 4,      // another attempt is the current one, or none: stop; nothing is recorded
};

// What a worker does in an attempt that it has taken.
struct AttemptWork {
  std::string name;
  std::uint32_t version = 1;
  std::string provider;
  Payload input;
  Payload last_details;        // of the attempts before this one; empty: they told none
  Duration time_left{0};       // until it times out
  Duration heartbeat_timeout;  // 0: it need not beat
};

struct ViewScan {
  std::string type;                 // empty: every type
  std::string id_prefix;            // empty: every id
  std::optional<WorkflowId> after;  // start behind this id
  std::size_t limit = 100;
  bool newest_first = true;  // ids that the engine makes sort by time
};

}  // namespace reprise
