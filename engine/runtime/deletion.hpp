// Deletion: what of the log goes when a run goes, and which runs may go.
//
// A run is deleted page by page. The first page, one commit, puts a row in Table::deleted and takes
// the run's view and its first records away: from then on nobody sees it. The last page notes that
// nothing is left. The groups keep naming its records, which `verify` then does not look for.
// Thread: blocks; the loader's.        Errors: not_found, conflict (the run is open), corrupt, io.
// Why:    ADR-0019.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "engine/core/requests.hpp"
#include "storage/event_log.hpp"

namespace reprise {

struct RunName {
  WorkflowId workflow;
  RunId run;
};

inline constexpr std::size_t kDeletionPageRows = 256;  // records and blobs
// The next page of a run that is closed, or whose deletion has begun.
Result<DeleteRequest> read_deletion_page(const EventLog& log, ShardIndex shard, const RunName& name,
                                         std::size_t rows_max = kDeletionPageRows);

// Some of a table's rows that ask for work, and where to go on.
struct RunsFound {
  std::vector<RunName> runs;
  std::optional<std::string> next;  // nothing: the table has ended
};

// The runs of one workflow id, oldest first.
Result<RunsFound> runs_of(const EventLog& log, const WorkflowId& workflow, std::size_t limit);
// Closed runs that ended before then.
Result<RunsFound> ended_runs(const EventLog& log, std::string from, UtcTime before);
// Runs whose deletion has begun and not ended.
Result<RunsFound> half_deleted_runs(const EventLog& log, std::string from);

Result<bool> is_half_deleted(const EventLog& log, const RunId& run);

struct KeysFound {
  std::vector<DeleteRequest> pages;  // one for each key: of a run that is gone
  std::optional<std::string> next;
};
Result<KeysFound> keys_of_deleted_runs(const EventLog& log, std::string from);

}  // namespace reprise
