// The values of the small rows beside the histories: latest run, first answer, why a run is parked,
// what became of a deleted one.
//
// Guarantees: each begins with a version byte; decode(encode(x)) == x.
// Errors:     corrupt or unsupported.
#pragma once

#include <string>
#include <string_view>

#include "base/digest.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "engine/core/describe.hpp"

namespace reprise {

// Table::workflow: the latest run of a workflow id.
struct WorkflowRow {
  RunId run;
  RunId first_run;
  bool closed = false;
  friend bool operator==(const WorkflowRow&, const WorkflowRow&) = default;
};
std::string encode_workflow_row(const WorkflowRow& row);
Result<WorkflowRow> decode_workflow_row(std::string_view bytes);

// Table::key: what a keyed start was answered, and what was asked.
struct KeyRow {
  Digest request;
  WorkflowId workflow;
  RunId run;
  UtcTime at;
  friend bool operator==(const KeyRow&, const KeyRow&) = default;
};
std::string encode_key_row(const KeyRow& row);
Result<KeyRow> decode_key_row(std::string_view bytes);

// Table::deleted: what is left of a run. Its records are gone, or on their way out.
struct DeletedRow {
  WorkflowId workflow;
  UtcTime at;
  bool erased = false;  // nothing of it is left
  friend bool operator==(const DeletedRow&, const DeletedRow&) = default;
};
std::string encode_deleted_row(const DeletedRow& row);
Result<DeletedRow> decode_deleted_row(std::string_view bytes);

// Table::parked.
std::string encode_parked_row(const WorkflowId& workflow, const ParkedReason& reason);
struct ParkedRow {
  WorkflowId workflow;
  ParkedReason reason;
};
Result<ParkedRow> decode_parked_row(std::string_view bytes);

}  // namespace reprise
