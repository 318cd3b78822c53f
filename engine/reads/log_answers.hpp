// What the reads of a shard find in a log.
//
// Guarantees: the same log gives the same answer. An answer that is cut by a size says where the next
//             one goes on, so that none of what is there is passed over.
// Thread:     any, as far as the log is.
// Errors:     within the answer.
#pragma once

#include "engine/core/messages.hpp"
#include "storage/event_log.hpp"

namespace reprise {

// How much one answer brings: what a shard works through between two steps of its other runs.
struct ReadSizes {
  std::size_t slice_bytes = 256U << 10U;  // of a history
  std::size_t busy_runs = 64;
  std::size_t wakes = 256;
};

Input answer_of(const EventLog& log, ShardIndex shard, const Read& read,
                const ReadSizes& sizes = {});

// One record with the blobs that it names.
Result<LoadedRecord> with_blobs(const EventLog& log, const RunId& run, StoredRecord record);

}  // namespace reprise
