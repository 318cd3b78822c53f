// Salvage: a new store with all of a damaged one that is proven to be what was written.
//
// A run is kept as far as its records follow each other from the first one on. What the groups, its
// view and its own keys say of it tells whether more was there: then it is cut. A cut run that was
// open is paused, with an event that says so: what it did behind the cut would be done again, and
// a person decides about that. Everything beside the histories is made anew from them, but for
// the answers to keyed starts, which are taken over.
//
// Guarantees: the source is only read. Each run of which anything at all was found is in the new
//             store or named as lost. What cannot be named is counted: a group that is missing may have
//             held the end of a run that seems whole, or all of one.
// Thread:     blocks; a tool's.
// Errors:     unsupported (a newer build's store), those of writing the target.        Why: ADR-0017.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "engine/core/catalog.hpp"
#include "engine/core/group.hpp"
#include "storage/durable_floor.hpp"
#include "storage/event_log.hpp"

namespace reprise {

struct DamagedRun {
  RunId run;
  WorkflowId workflow;  // empty where nothing says it
  Sequence last_good;   // 0: the run is lost
  std::string reason;
};

struct SalvageReport {
  std::uint64_t runs_whole = 0;
  std::vector<DamagedRun> runs_cut;
  std::vector<DamagedRun> runs_lost;
  std::uint64_t groups_missing = 0;     // of those that there must be, up to the last one known
  std::uint64_t places_unreadable = 0;  // in the tables that were searched
  GroupPosition position;               // the last group of the new store

  [[nodiscard]] bool is_all_whole() const {
    return runs_cut.empty() && runs_lost.empty() && groups_missing == 0 && places_unreadable == 0;
  }
};

// `floor`: what the source's durable floor says, if it can be read. `target`: an empty log.
Result<SalvageReport> salvage(const EventLog& source, const std::optional<FloorMark>& floor,
                              const Catalog& catalog, EventLog& target, UtcTime now);

}  // namespace reprise
