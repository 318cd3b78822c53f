// Invariants: what must hold of a durable log at every moment, whatever happened before.
//
//   chain       groups are dense and follow each other; they name exactly the records that are there,
//               and those of deleted runs
//   history     dense, hashed, legal (RunState); timers fire no earlier than their time
//   replay      the code runs the same way over stored bytes, and parks nowhere
//   rows        workflow, view, key, wake and parked rows are the fold of the histories; a busy mark
//               stands wherever there is open work
//   deletion    only what callers asked to delete is gone; what is left of it is as it was, and of a
//               deletion that is done nothing is left
//   copies      a reset's copy is there whole or not at all: the events of the original up to the cut,
//               and then the signals behind it
//   promises    what was acknowledged is there, once; what was refused is not; a recorded result is
//               the first that the attempt gave
#pragma once

#include <map>
#include <set>
#include <vector>

#include "engine/core/run.hpp"
#include "tests/sim/histories.hpp"
#include "tests/sim/ledger.hpp"
#include "tests/sim/marks.hpp"
#include "tests/sim/sim_process.hpp"

namespace reprise::sim {

// Everything in a log, run by run. Deleted ones are there as they were, since what others say of them
// still holds. Halves of copies are not there.
struct StoreImage {
  std::vector<RunId> runs;  // in the order they were started
  std::set<RunId> deleted;  // in part at least
  std::map<RunId, StoredHistory> histories;
  std::map<RunId, RunState> states;
  std::map<RunId, Copy> copies;

  // It happened in this run, and is not copied from another one.
  [[nodiscard]] bool is_own(const RunId& run, const Event& event) const {
    const auto copy = copies.find(run);
    return copy == copies.end() || copy->second.through < event.sequence;
  }
};

// Each throws Violation. read_store() checks chain, history and deletion on its way.
StoreImage read_store(const EventLog& log, const Ledger& ledger);
void check_replay(const EventLog& log, const StoreImage& image, const Catalog& catalog);
void check_rows(const EventLog& log, const StoreImage& image, const Catalog& catalog);
void check_promises(const EventLog& log, const StoreImage& image, const Ledger& ledger);
// Does the history say how the attempt ended? Of those past the tenth it says nothing.
bool has_outcome(const std::vector<Event>& events, const AttemptName& attempt);
void check_copies(const StoreImage& image, const Ledger& ledger);
// What runs said to each other is true on both sides.
void check_families(const StoreImage& image);
// Runs that are in memory and durable to the end look as their stored histories do.
void check_live(const SimProcess& process, const EventLog& log, const StoreImage& image,
                const Catalog& catalog, Marks& marks);

// What the histories say was reached: "event.activity_cancelled".
void mark_events(const StoreImage& image, Marks& marks);

}  // namespace reprise::sim
