// The turn: inputs are accepted, what is due fires, each touched run is sealed into one record.
#include "engine/core/shard.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "base/planted.hpp"
#include "engine/core/shard_slot.hpp"

namespace reprise {
namespace {

// Busy marks cleared with one batch.
constexpr std::size_t kMarksClearedMax = 64;
// A run in memory without anything that its history brings along.
constexpr std::size_t kRunBytes = 4096;
// However much history a run has, so many of them stay in memory: else they would load in turns.
constexpr std::size_t kRunsCachedMin = 8;

}  // namespace

Shard::Shard(ShardConfig config, const Catalog& catalog)
    : config_(std::move(config)), catalog_(catalog) {}

Shard::~Shard() = default;

Step Shard::step(Moment now, std::vector<Input> inputs) {
  Turn turn{.now = now};
  for (Input& input : inputs) accept(turn, std::move(input));
  fire_timeouts(turn);
  recover_more(turn);  // first: else open work would wait for each timer that is due
  fire_due_commands(turn);
  for (std::size_t i = 0; i < turn.touched.size(); ++i)  // it grows: a run may continue as another
    // One whose turn was closed early may have left memory since.
    if (const auto slot = slots_.find(turn.touched[i]);
        slot != slots_.end() && slot->second->touched)
      close_turn(turn, *slot->second);
  clear_stale_marks(turn);
  for (const RunId& run : turn.settled) evict_if_it_may(run);
  evict_over_limit();
  if (!turn.step.batch.empty()) issued_ = issued_.next();
  turn.step.position = issued_;
  hold_woken(turn);
  return std::move(turn.step);
}

void Shard::accept(Turn& turn, Input input) {
  turn.step.waited_for |= !is_background(input);
  std::visit([&](auto& message) { on(turn, message); }, input);
}

std::optional<UtcTime> Shard::next_utc() const {
  if (!may_wake()) return std::nullopt;  // a load or a commit ends first, with an input
  std::optional<UtcTime> next = due_.next();
  const auto no_later_than = [&](const std::optional<UtcTime>& at) {
    if (at && (!next || *at < *next)) next = at;
  };
  if (!wakes_read_running_) no_later_than(wakes_next_);
  if (!busy_read_running_ && busy_loads_running_ == 0) no_later_than(busy_next_);
  return next;
}

const Run* Shard::peek(const RunId& run) const {
  const auto found = slots_.find(run);
  return found != slots_.end() && found->second->live ? &found->second->run : nullptr;
}

void Shard::touch(Turn& turn, Slot& slot) {
  if (slot.touched) return;
  slot.touched = true;
  turn.touched.push_back(slot.run.id());
}

// Takes an event into the record under way, and seals that when it is full: the run may have ended,
// and any command been closed, when this returns.
Sequence Shard::take_in(Turn& turn, Slot& slot, EventBody body) {
  slot.window = false;
  slot.run.accept(std::move(body), turn.now.utc);
  const Sequence sequence = slot.run.state().last();
  touch(turn, slot);
  if (slot.run.unsealed() >= config_.limits.inputs_per_record_max) close_turn(turn, slot);
  return sequence;
}

// Nothing may come between: of what is open then, outcomes would still be accepted.
void Shard::end_from_outside(Turn& turn, Slot& slot, EventBody end) {
  take_in(turn, slot, std::move(end));
  if (slot.touched) close_turn(turn, slot);
}

void Shard::close_turn(Turn& turn, Slot& slot) {
  slot.touched = false;
  if (std::exchange(slot.window, false) && go_on_with_steps(turn, slot)) return;
  const bool holds_back = slot.starts_later;
  std::optional<Run::Sealed> sealed =
      slot.run.seal(turn.now.utc, holds_back ? Activate::not_yet : Activate::if_it_can);
  write_parked(turn, slot);
  if (!sealed) return;
  const RunId& run = slot.run.id();
  slot.last_batch = issued_.next();
  turn.step.entries.push_back({run, sealed->first, sealed->record.hash});
  for (Blob& blob : sealed->record.blobs)
    turn.step.batch.put(Table::blob, blob_key(run, blob.digest), std::move(blob.bytes));
  turn.step.batch.put(Table::record, record_key(run, sealed->first),
                      std::move(sealed->record.bytes));
  // Of a fan-out, an action for each event: room for them at once.
  std::vector<Action>& actions = turn.step.actions;
  if (const std::size_t most = actions.size() + sealed->events.size(); most > actions.capacity())
    actions.reserve(std::max(most, 2 * actions.capacity()));
  for (const Event& event : sealed->events) act_on(turn, slot, event);
  weigh(slot);
  write_rows(turn, slot, sealed->view_changed);
  post_letters(turn, slot);

  Notify notify{.run = run, .last = slot.run.state().last()};
  if (slot.run.state().closed()) {
    notify.outcome = outcome_of(run, *slot.run.state().end());
    closed_.emplace_back(slot.last_batch, run);
    if (const auto* continued = std::get_if<RunContinued>(&slot.run.state().end()->body))
      continue_as_new(turn, slot, *continued);
  }
  turn.step.actions.push_back(std::move(notify));
}

// An estimate from above of what the run's frames can hold: nobody counts that.
void Shard::weigh(Slot& slot) {
  cached_bytes_ -= slot.weight;
  slot.weight = std::min(kRunBytes + slot.run.history_bytes(),
                         config_.limits.cache_bytes_max / kRunsCachedMin);
  cached_bytes_ += slot.weight;
}

// What a new event means for the outside and for the deadlines.
void Shard::act_on(Turn& turn, Slot& slot, const Event& event) {
  if (const auto* scheduled = std::get_if<ActivityScheduled>(&event.body)) {
    // It may have been cancelled by the same activation; a step that shares a commit runs already.
    OpenActivity* open = slot.run.state().activity(scheduled->command);
    if (open != nullptr && !attempts_.running(slot.run.id(), scheduled->command)) {
      dispatch(turn, slot, *open);
      expect_close(slot, *open);
    }
  } else if (const auto* timer = std::get_if<TimerStarted>(&event.body)) {
    expect_due(timer->fire_at, {slot.run.id(), timer->command});
  } else if (const auto* cancelled = std::get_if<ActivityCancelled>(&event.body)) {
    attempts_.stop_waiting(slot.run.id(), cancelled->command);
    if (const auto attempt = attempts_.end(slot.run.id(), cancelled->command))
      turn.step.actions.push_back(CancelAttempt{slot.run.id(), cancelled->command, *attempt});
  } else if (std::holds_alternative<RunStarted>(event.body)) {
    const RunState& state = slot.run.state();
    for (const std::optional<UtcTime>& at : {state.starts_at(), state.deadline()})
      if (at) expect_due(*at, {slot.run.id(), CommandId()});
  } else if (is_ended_from_outside(event.body)) {
    for (const AttemptKey& key : attempts_.end(slot.run.id()))
      turn.step.actions.push_back(CancelAttempt{key.run, key.command, key.attempt});
  }
}

void Shard::write_rows(Turn& turn, Slot& slot, bool view_changed) {
  const RunState& state = slot.run.state();
  const WorkflowId& workflow = state.started()->workflow;
  Batch& batch = turn.step.batch;
  if (slot.created || state.closed()) {
    const WorkflowRow row{state.run(), state.started()->first_run, state.closed()};
    if (state.status() != RunStatus::continued) {  // else its successor's stands there
      batch.put(Table::workflow, workflow.text(), encode_workflow_row(row));
      if (const auto entry = workflows_.find(workflow); entry != workflows_.end())
        entry->second.row = row;
    }
    slot.created = false;
  }
  if (view_changed && !PLANTED(lost_view))
    batch.put(Table::view, view_key(workflow, state.run()), encode_view(slot.run.view()));
  write_marks(turn, slot);
}

void Shard::write_parked(Turn& turn, Slot& slot) {
  if (slot.wants_parked_row() == slot.parked_row) return;
  const std::string key = parked_key(config_.index, slot.run.id());
  slot.parked_row = !slot.parked_row;
  slot.last_batch = issued_.next();
  if (slot.parked_row)
    turn.step.batch.put(
        Table::parked, key,
        encode_parked_row(slot.run.state().started()->workflow, *slot.run.parked()));
  else
    turn.step.batch.erase(Table::parked, key);
}

void Shard::write_marks(Turn& turn, Slot& slot) {
  const RunId& run = slot.run.id();
  const WorkflowId& workflow = slot.run.state().started()->workflow;
  Batch& batch = turn.step.batch;
  if (slot.has_open_work()) {
    stale_busy_.erase(run);
    if (!slot.busy_row && !PLANTED(lost_busy_mark))
      batch.put(Table::busy, busy_key(config_.index, run), workflow.text());
    slot.busy_row = true;
  } else if (slot.busy_row) {
    stale_busy_.insert(run);  // cleared with a later batch: a chain of steps pays nothing
  }
  const std::optional<UtcTime> wanted = slot.run.state().wake_time();
  if (wanted == slot.wake_row) return;
  if (slot.wake_row) batch.erase(Table::wake, wake_key(config_.index, *slot.wake_row, run));
  if (wanted && !PLANTED(lost_wake_row))
    batch.put(Table::wake, wake_key(config_.index, *wanted, run), workflow.text());
  slot.wake_row = wanted;
}

// Takes along marks of runs that came to rest in an earlier step.
void Shard::clear_stale_marks(Turn& turn) {
  if (turn.step.batch.empty()) return;
  for (std::size_t cleared = 0; cleared < kMarksClearedMax && !stale_busy_.empty(); ++cleared) {
    const RunId run = *stale_busy_.begin();
    stale_busy_.erase(stale_busy_.begin());
    turn.step.batch.erase(Table::busy, busy_key(config_.index, run));
    if (const auto slot = slots_.find(run); slot != slots_.end()) slot->second->busy_row = false;
  }
}

bool Shard::may_evict(const Slot& slot) const {
  const RunState& state = slot.run.state();
  return slot.live && !slot.touched && !slot.starts_later && slot.run.unsealed() == 0 &&
         (slot.last_batch <= committed_ || PLANTED(evicts_uncommitted)) && slot.owed().empty() &&
         std::ranges::none_of(state.activities(), [](const auto& open) {
           return open.second.failures_folded > 0;  // known to memory only
         });
}

void Shard::evict(const RunId& run) {
  const auto gone = slots_.extract(run);
  const Slot& slot = *gone.mapped();
  recent_.erase(slot.recent);
  cached_bytes_ -= slot.weight;
  if (const auto& started = slot.run.state().started()) forget_workflow(started->workflow);
}

void Shard::evict_if_it_may(const RunId& run) {
  const auto slot = slots_.find(run);
  if (slot != slots_.end() && may_evict(*slot->second)) evict(run);
}

// Drops what is known of an id once neither its run is in memory nor anybody waits.
void Shard::forget_workflow(const WorkflowId& workflow) {
  const auto found = workflows_.find(workflow);
  if (found == workflows_.end()) return;
  const WorkflowEntry& entry = found->second;
  if (committed_ < entry.held_until && !PLANTED(freed_too_early)) return;
  if (entry.known && entry.waiting.empty() && !(entry.row && slots_.contains(entry.row->run)))
    workflows_.erase(found);
}

void Shard::evict_over_limit() {
  auto candidate = recent_.end();
  // Runs that may not leave (loading, uncommitted) are passed over, not waited for.
  constexpr std::size_t kLooksMax = 64;
  const auto is_over = [this] {
    return slots_.size() > config_.limits.runs_cached_max ||
           cached_bytes_ > config_.limits.cache_bytes_max;
  };
  for (std::size_t looks = 0; is_over() && looks < kLooksMax && candidate != recent_.begin();
       ++looks) {
    --candidate;
    const RunId run = *candidate;
    if (!may_evict(*slots_.at(run))) continue;
    ++candidate;
    evict(run);
  }
}

void Shard::on(Turn& turn, Committed& input) {
  CHECK(committed_ < input.batch && input.batch <= issued_,
        "shard {}: batch {} committed behind {}", config_.index, input.batch, committed_);
  committed_ = input.batch;
  for (; !woken_.empty() && woken_.front().first <= committed_; woken_.pop_front())
    waking_ -= woken_.front().second;
  const auto done = [&](const auto& entry) { return entry.first <= committed_; };
  std::erase_if(starting_, [&](const auto& entry) {
    if (!done(entry)) return false;
    Slot& slot = *slots_.at(entry.second);
    slot.starts_later = false;
    turn.step.waited_for = true;  // the execution goes on, and so does who waits for it
    if (!slot.run.state().closed()) touch(turn, slot);
    return true;
  });
  std::erase_if(forked_, [&](const auto& entry) {
    if (!done(entry)) return false;
    load_more(turn, *slots_.at(entry.second));
    return true;
  });
  std::erase_if(deleted_, [&](const auto& entry) {
    if (committed_ < entry.second.batch) return false;
    forget_workflow(entry.second.workflow);
    return true;
  });
  std::erase_if(closed_, [&](const auto& entry) {
    if (!done(entry)) return false;
    evict_if_it_may(entry.second);
    return true;
  });
  std::erase_if(keys_used_, [&](const auto& entry) {
    if (!done(entry)) return false;
    const auto key = keys_.find(entry.second);
    if (key != keys_.end() && key->second.held_until <= committed_ && key->second.waiting.empty())
      keys_.erase(key);
    return true;
  });
}

void Shard::on(Turn&, EvictIdle&) {
  for (auto next = recent_.begin(); next != recent_.end();) {
    const RunId run = *next++;
    if (may_evict(*slots_.at(run))) evict(run);
  }
}

}  // namespace reprise
