// What a shard's reads find in the log; in pages so small that every cut between pages happens.
#pragma once

#include "engine/core/messages.hpp"
#include "storage/event_log.hpp"

namespace reprise::testing {

Input answer(const EventLog& log, ShardIndex shard, const Read& read);
// The same read, failed.
Input failed_answer(const Read& read, const Error& error);

// A record with the blobs that it names.
LoadedRecord with_blobs(const EventLog& log, const RunId& run, StoredRecord record);

}  // namespace reprise::testing
