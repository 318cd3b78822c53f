// What callers ask of the engine, and what they are answered.
//
// Units: an idempotency key is 1 to 255 bytes; `tenant` keeps the keys of different users apart.
#pragma once

#include <optional>
#include <string>

#include "base/digest.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"
#include "engine/author/payload.hpp"
#include "engine/core/view.hpp"

namespace reprise {

enum class IdReuse : std::uint8_t {
  allow = 1,   // a new run, if the latest one is closed
  reject = 2,  // never a second run
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
  std::optional<IdempotencyKey> key;
};
struct StartAnswer {
  WorkflowId workflow;
  RunId run;
  UtcTime started_at;
  bool repeated = false;  // the key came before: this is the first answer
};

struct SignalRequest {
  WorkflowId workflow;
  std::optional<RunId> run;  // nothing: the latest
  std::string name;
  Payload payload;
  std::optional<IdempotencyKey> key;
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
};
struct CancelAnswer {
  RunId run;
  bool repeated = false;  // it was asked before
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

struct ViewScan {
  std::string type;                 // empty: every type
  std::string id_prefix;            // empty: every id
  std::optional<WorkflowId> after;  // start behind this id
  std::size_t limit = 100;
  bool newest_first = true;  // ids that the engine makes sort by time
};

}  // namespace reprise
