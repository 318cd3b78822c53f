// Whole runs come and go, page by page: copies of other runs, and deletions.
#include <fmt/format.h>

#include "base/planted.hpp"
#include "engine/core/shard.hpp"
#include "engine/core/shard_slot.hpp"

namespace reprise {

// False when the deletion waits for the run's load, or was refused.
bool Shard::is_at_rest(Turn& turn, DeleteInput& input) {
  const RunId run = *input.request.run;
  if (input.request.owes_nothing && !slots_.contains(run)) return true;
  Slot& slot = slot_of(turn, run);
  if (!slot.live) {
    wait_for(turn, slot, input);
    return false;
  }
  const RunState& state = slot.run.state();
  if (state.closed() && state.started()->workflow == input.request.workflow && may_evict(slot))
    return true;
  if (!state.closed())
    reply(turn, input.id,
          fail(Errc::conflict, fmt::format("{} is running: terminate it first", run)));
  else if (may_evict(slot))
    reply(turn, input.id,
          fail(Errc::not_found,
               fmt::format("{} is no run of workflow {}", run, input.request.workflow), "run"));
  else
    reply(turn, input.id,
          fail(Errc::unavailable,
               fmt::format("others are still told that {} has ended: try again", run)));
  return false;
}

void Shard::on(Turn& turn, DeleteInput& input) {
  DeleteRequest& request = input.request;
  const RunId run = *request.run;
  WorkflowEntry* entry = known_workflow(turn, request.workflow, input);
  if (entry == nullptr || !is_at_rest(turn, input)) return;
  Batch& batch = turn.step.batch;
  batch.put(Table::deleted, std::string(run.bytes()),
            encode_deleted_row({request.workflow, turn.now.utc, request.is_last}));
  for (RowName& row : request.rows) batch.erase(row.table, std::move(row.key));
  if (!PLANTED(kept_view)) batch.erase(Table::view, view_key(request.workflow, run));
  batch.erase(Table::busy, busy_key(config_.index, run));
  stale_busy_.erase(run);
  marked_unread_.erase(run);
  if (entry->row && entry->row->run == run) {
    batch.erase(Table::workflow, request.workflow.text());
    entry->row.reset();
    entry->held_until = issued_.next();
  }
  deleted_.insert_or_assign(run, Deletion{issued_.next(), request.workflow});
  reply(turn, input.id, DeleteAnswer{run});
  if (slots_.contains(run)) evict(run);
}

void Shard::on(Turn& turn, ForkInput& input) {
  ForkRequest& page = input.request;
  WorkflowEntry* entry = known_workflow(turn, page.workflow, input);
  if (entry == nullptr) return;
  if (page.is_last && !(entry->row && entry->row->run == page.latest && is_closed(*entry->row)))
    return reply(turn, input.id,
                 fail(Errc::conflict, fmt::format("workflow {} has got another run meanwhile: "
                                                  "look at it, and reset again",
                                                  page.workflow)));
  Batch& batch = turn.step.batch;
  for (Row& row : page.rows) batch.put(row.table, std::move(row.key), std::move(row.value));
  for (const GroupEntry& entry_of : page.entries) turn.step.entries.push_back(entry_of);
  // Until it is whole it counts as deleted: a crash leaves nothing that anybody would take for a run.
  if (!page.is_last)
    batch.put(Table::deleted, std::string(page.run->bytes()),
              encode_deleted_row({page.workflow, turn.now.utc, false}));
  else
    add_fork(turn, page, *entry);
  reply(turn, input.id, ForkAnswer{.run = *page.run});
}

// As far as memory knows; a row in the log may lag behind it.
bool Shard::is_closed(const WorkflowRow& row) const {
  const Run* run = peek(row.run);
  return row.closed || (run != nullptr && run->state().closed());
}

// The fork is there with this batch, and comes into memory once that is durable.
void Shard::add_fork(Turn& turn, ForkRequest& last_page, WorkflowEntry& entry) {
  const RunId run = *last_page.run;
  const WorkflowId& workflow = last_page.workflow;
  Batch& batch = turn.step.batch;
  if (!last_page.is_first) batch.erase(Table::deleted, std::string(run.bytes()));
  batch.put(Table::view, view_key(workflow, run), std::move(last_page.view));
  batch.put(Table::workflow, workflow.text(), encode_workflow_row(last_page.row));
  batch.put(Table::busy, busy_key(config_.index, run), workflow.text());
  if (last_page.wakes_at && !PLANTED(unwoken_copy))
    batch.put(Table::wake, wake_key(config_.index, *last_page.wakes_at, run), workflow.text());
  entry.row = last_page.row;
  Slot& slot = *slots_.emplace(run, std::make_unique<Slot>(catalog_, run, config_)).first->second;
  slot.recent = recent_.insert(recent_.begin(), run);
  forked_.emplace_back(issued_.next(), run);
  marked_unread_.emplace(run, MarkedBy::copying);
}

}  // namespace reprise
