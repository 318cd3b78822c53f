// EventLog: the append-only history of every run, and the indexes beside it.
//
// Guarantees: append is all or nothing and durable when it returns; reads see only what is durable,
//             and every append that returned before the read began.
// Thread:     one appender at a time (the committer role); readers anywhere, at any time.
// Units:      ranges are [from, to); an empty `to` means the end of the table.
// Errors:     append: unknown_outcome for anything the disk answered but success: the caller stops
//             and recovery decides. Reads: corrupt when stored bytes fail their check, io.
//             Why: ADR-0002, ADR-0005.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "storage/batch.hpp"
#include "storage/schema.hpp"

namespace reprise {

struct StoredRecord {
  Sequence first;     // the sequence of its first event
  std::string bytes;  // see engine/core/codec.hpp
};

struct KeyValue {
  std::string key;
  std::string value;
  friend bool operator==(const KeyValue&, const KeyValue&) = default;
};

struct ScanRange {
  std::string from;  // inclusive
  std::string to;    // exclusive; empty: the end of the table
  std::size_t limit = 1000;
  bool backwards = false;  // from the last key below `to` down to `from`
};

class EventLog {
 public:
  virtual ~EventLog() = default;

  // Nothing is appended at the moment: a log may use the time to make its next open quick.
  virtual void rest() {}

  // Writes the rows of all batches, in order, in one atomic synced write.
  virtual Result<> append(std::span<const Batch> batches) = 0;

  virtual Result<std::optional<std::string>> get(Table table, std::string_view key) const = 0;

  // Up to `limit` rows of `range`, in key order (or backwards).
  virtual Result<std::vector<KeyValue>> scan(Table table, const ScanRange& range) const = 0;

  // The records of `run` from the last one that begins at or before event `from` on (else from its
  // first), whole records, until `bytes_max` is passed (at least one where there is one). How far a
  // record reaches is the codec's to know: beyond the end of a run its last record comes back.
  virtual Result<std::vector<StoredRecord>> read_records(const RunId& run, Sequence from,
                                                         std::size_t bytes_max) const = 0;
};

struct DueWake {
  UtcTime at;
  RunId run;
  WorkflowId workflow;
};

struct BusyRun {
  RunId run;
  WorkflowId workflow;
};

// The wake rows of `shard` behind `after` with a time up to `to`, earliest first.
Result<std::vector<DueWake>> due_wakes(const EventLog& log, ShardIndex shard,
                                       const WakePlace& after, UtcTime to, std::size_t limit);

// The busy marks of `shard` behind `after` (nothing: from the start), in run order.
Result<std::vector<BusyRun>> busy_runs(const EventLog& log, ShardIndex shard,
                                       const std::optional<RunId>& after, std::size_t limit);

}  // namespace reprise
