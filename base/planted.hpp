// PLANTED(defect): true in a source that is compiled with -DREPRISE_PLANT=<defect>, and nowhere else.
//
// What the simulator is for is finding defects, so it is shown some: each of these is planted into a
// build of its own (tests/sim/planted), which a simulation has to find. In every other build the
// condition is a constant false and leaves no code.
#pragma once

#ifndef REPRISE_PLANT
#define REPRISE_PLANT none
#endif

#define PLANTED(defect) (::reprise::Plant::defect == ::reprise::Plant::REPRISE_PLANT)

namespace reprise {

enum class Plant : unsigned char {
  none,
  lost_busy_mark,      // recovery does not learn of open work
  lost_wake_row,       // a sleeping run that left memory is not woken
  lost_view,           // a stored view is out of date
  evicts_uncommitted,  // a run leaves memory before its records are durable
  stale_attempt,       // the outcome of an attempt that is over counts
  lost_retry,          // a failed attempt has no next one
  lost_carried,        // signals are not carried over when a run continues as new
  second_run,          // a start in the turn in which a run continues as new begins another
  forgotten_key,       // a start's Idempotency-Key is not written
  untold_parent,       // a child's end is not told
  unasked_again,       // a letter that met a busy or failing shard is not posted again
  unread_wakes,        // a failed read of wake rows is not repeated
  skipped_busy,        // recovery passes over the last busy mark of a page
  lost_batch,          // the last of several batches in a group is not written
  stale_lease,         // what the worker of an earlier attempt says counts for the one under way
  lost_put_back,       // an attempt that its worker could not be given does not wait again
  early_window,        // local steps begin before what they rest on is durable
  shown_window,        // a reader is told of local steps whose batch is not written
  freed_too_early,     // an id is looked up again before its run's deletion is durable
  stale_load,          // the answer to an earlier load of a run counts
  kept_view,           // a deleted run keeps its view
  unwoken_copy,        // a copy that a reset makes has no wake row for the timers of its original
  unsynced_append,     // an append is acknowledged before its sync (of the simulated log)
  unsynced_recovery,   // what recovery found in the page cache is taken for durable (likewise)
};

}  // namespace reprise
