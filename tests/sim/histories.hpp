// Histories: what a log holds of runs, decoded, with nothing taken on trust.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/core/catalog.hpp"
#include "engine/core/codec.hpp"
#include "engine/core/run_state.hpp"
#include "storage/event_log.hpp"

namespace reprise::sim {

struct StoredHistory {
  std::vector<StoredRecord> records;
  std::vector<Record> decoded;
  std::vector<Event> events;
  Digest tail;  // hash of the last record
};

// Requires that every record decodes, follows the one before and has the sequence its key says.
StoredHistory stored_history(const EventLog& log, const RunId& run);
std::vector<Event> stored_events(const EventLog& log, const RunId& run);

// The fold of a history that must be legal.
RunState folded(const RunId& run, const StoredHistory& history);

}  // namespace reprise::sim
