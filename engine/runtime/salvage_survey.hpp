// SalvageSurvey: which runs a damaged store holds, and how far each must reach. All that its tables
// say of that, as far as they can be read.
//
// Thread: blocks; a tool's.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "base/digest.hpp"
#include "base/ids.hpp"
#include "storage/durable_floor.hpp"
#include "storage/event_log.hpp"

namespace reprise {

struct FoundRun {
  WorkflowId workflow;  // empty where nothing says it
  Sequence last_known;  // an event that was there for certain
  Sequence last_named;  // the first event of the last record that a group names
  Digest tail;          // that record's hash
};

struct SalvageSurvey {
  std::map<RunId, FoundRun> runs;
  std::uint64_t groups_missing = 0;
  std::uint64_t places_unreadable = 0;
  // Up to the durable floor, which must be known, and beyond: a record that none of them names was
  // never there.
  bool groups_are_whole = false;
};

SalvageSurvey survey_for_salvage(const EventLog& log, const std::optional<FloorMark>& floor);

}  // namespace reprise
