// Verification: reads histories and says whether they are what was written.
//
// Checked of a run:    every record's hash, the chain from the first record on, dense sequences, legal
//                      transitions (RunState), blobs, and that its view row is the fold of its events.
// Checked of a store:  its format, the durable floor, the chain of groups, that each group's records
//                      are there with their hashes (those of deleted runs aside), that no record is
//                      in no group; each run as above.
// The workflow's code is not needed and does not run: see replay_run().
// Thread: blocks; a tool's.        Errors: corrupt (what and where), not_found, io.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/result.hpp"
#include "engine/core/catalog.hpp"
#include "engine/core/describe.hpp"
#include "storage/durable_floor.hpp"
#include "storage/event_log.hpp"

namespace reprise {

struct RunReport {
  RunId run;
  WorkflowId workflow;
  std::string type;
  RunStatus status = RunStatus::running;
  std::uint64_t events = 0;
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
};

Result<RunReport> verify_run(const EventLog& log, const Catalog& catalog, const RunId& run);

struct StoreReport {
  std::uint64_t runs = 0;
  std::uint64_t events = 0;
  std::uint64_t records = 0;
  std::uint64_t groups = 0;
  std::uint64_t bytes = 0;
  std::uint64_t runs_deleted = 0;
  std::vector<Error> faults;  // one for each thing that is not as it should be
};

// Goes on behind a fault, to say all that is wrong. `each` hears of every run that is right.
StoreReport verify_store(const EventLog& log, const Catalog& catalog,
                         const std::optional<FloorMark>& floor,
                         const std::function<void(const RunReport&)>& each = {});

// Every run of a store, in order of workflow id, then of run.
Result<> for_each_run(const EventLog& log,
                      const std::function<void(const WorkflowId&, const RunId&)>& visit);

struct ReplayReport {
  RunReport run;
  std::uint64_t activations = 0;
  std::optional<ParkedReason> difference;  // nothing: the code did what the log says
};

// Runs the workflow's code of this build against the history, executing nothing.
Result<ReplayReport> replay_run(const EventLog& log, const Catalog& catalog, const RunId& run);

}  // namespace reprise
