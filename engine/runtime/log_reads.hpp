// Reads of the log that need no shard: views, histories, ends. All of it durable.
//
// Guarantees: a read that may take long asks `stop` before each piece: about 1 MiB, or 256 views.
// Thread:     blocks; the loader's, or a tool's.
// Errors:     not_found, corrupt, io, unavailable (told to stop).
#pragma once

#include <stop_token>

#include "base/result.hpp"
#include "engine/core/catalog.hpp"
#include "engine/core/codec.hpp"
#include "engine/core/describe.hpp"
#include "engine/core/requests.hpp"
#include "engine/core/rows.hpp"
#include "storage/event_log.hpp"

namespace reprise {

// The latest run of a workflow id.
Result<WorkflowRow> read_workflow(const EventLog& log, const WorkflowId& workflow);

// One stored record with its blobs, decoded.
Result<DecodedRecord> read_record(const EventLog& log, const RunId& run, StoredRecord stored);

// The records of a run from the one that holds event `from`, decoded, up to about `bytes_max`.
// Empty: there is no event `from` yet.
Result<std::vector<DecodedRecord>> read_history(const EventLog& log, const RunId& run,
                                                Sequence from, std::size_t bytes_max);

// Events behind `after`, at most `limit`; `next` and `closed` are set.
Result<HistoryPage> read_events(const EventLog& log, const RunId& run, Sequence after,
                                std::size_t limit, const std::stop_token& stop = {});

// How a run ended; nothing while it runs.
Result<std::optional<RunOutcome>> read_outcome(const EventLog& log, const WorkflowId& workflow,
                                               const RunId& run);

// The stored view; folded anew from the history when another version of its fold stored it.
Result<RunView> read_view(const EventLog& log, const Catalog& catalog, const WorkflowId& workflow,
                          const RunId& run, const std::stop_token& stop = {});
Result<std::vector<RunView>> read_views(const EventLog& log, const Catalog& catalog,
                                        const ViewScan& scan, const std::stop_token& stop = {});

}  // namespace reprise
