// Histories come back into memory: on demand, because a timer is due, and after a start.
#include <algorithm>

#include "base/planted.hpp"
#include "engine/core/shard.hpp"
#include "engine/core/shard_slot.hpp"

namespace reprise {
namespace {

// After a read that failed, how long until the next.
constexpr Duration kReadRetry = std::chrono::seconds(1);

}  // namespace

Shard::Slot& Shard::slot_of(Turn& turn, const RunId& run, std::optional<UtcTime> due) {
  const auto found = slots_.find(run);
  if (found != slots_.end()) return *found->second;
  Slot& slot = *slots_.emplace(run, std::make_unique<Slot>(catalog_, run, config_)).first->second;
  slot.recent = recent_.insert(recent_.begin(), run);
  slot.deleted = deleted_.contains(run);
  slot.recovering = due.has_value();
  slot.due = due.value_or(UtcTime());
  slot.load = ++loads_;
  if (auto kept = outcomes_kept_.extract(run)) slot.waiting = std::move(kept.mapped());
  load_more(turn, slot);
  return slot;
}

void Shard::load_more(Turn& turn, const Slot& slot) {
  turn.step.reads.push_back(LoadRecords{.run = slot.run.id(),
                                        .from = slot.run.state().last().next(),
                                        .load = slot.load,
                                        .wakes = slot.recovering && !slot.hurried,
                                        .due = slot.due});
}

// A caller waits for a run that a timer has called: it is read as for callers. The read before counts
// until it is answered: else those that are of no use would fill the waker's queue.
void Shard::hurry(Turn& turn, Slot& slot) {
  if (!slot.recovering || std::exchange(slot.hurried, true)) return;
  ++waking_;
  slot.load = ++loads_;
  load_more(turn, slot);
}

void Shard::take_waiting(Turn& turn, std::vector<Input> waiting) {
  for (Input& input : waiting) accept(turn, std::move(input));
}

void Shard::on(Turn& turn, WorkflowLoaded& input) {
  const auto found = workflows_.find(input.workflow);
  if (found == workflows_.end()) return;
  WorkflowEntry& entry = found->second;
  std::vector<Input> waiting = std::move(entry.waiting);
  entry.waiting.clear();
  if (!entry.known && !input.row) {
    workflows_.erase(found);
    return refuse_all(turn, waiting, input.row.error());
  }
  if (!entry.known) entry.row = *input.row;  // else memory knew better meanwhile
  entry.known = true;
  take_waiting(turn, std::move(waiting));
}

void Shard::on(Turn& turn, KeyLoaded& input) {
  const auto found = keys_.find(input.key);
  if (found == keys_.end() || found->second.known) return;
  KeyEntry& entry = found->second;
  std::vector<Input> waiting = std::move(entry.waiting);
  if (!input.row) {
    keys_.erase(found);
    return refuse_all(turn, waiting, input.row.error());
  }
  entry.known = true;
  entry.row = *input.row;
  hold_key(input.key);
  take_waiting(turn, std::move(waiting));
  if (*input.row) keys_.erase(input.key);  // everybody is answered, and the log keeps it
}

// Keeps what is known of a key until the batch of this turn, if there is one, is durable: until then
// the log does not say it.
void Shard::hold_key(const std::string& key) {
  keys_[key].held_until = issued_.next();
  keys_used_.emplace_back(issued_.next(), key);
}

void Shard::on(Turn& turn, RecordsLoaded& input) {
  const auto found = slots_.find(input.run);
  const bool is_overtaken = found == slots_.end() || found->second->load != input.load;
  if (is_overtaken && input.wakes) --waking_;
  if (found == slots_.end() || found->second->live) return;
  Slot& slot = *found->second;
  if (is_overtaken && !PLANTED(stale_load)) return;
  const Error none{Errc::not_found, "there is no run " + to_string(input.run), "run"};
  if (slot.deleted) return failed_to_load(turn, slot, none);
  if (!input.records) return failed_to_load(turn, slot, input.records.error());
  slot.parked_row |= input.parked_row;
  const Sequence before = slot.run.state().last();
  for (const LoadedRecord& record : *input.records) {
    if (record.first <= slot.run.state().last()) continue;  // a read at the end gives the last one
    const auto blob = [&](const Digest& digest) { return record.blob(digest); };
    if (Result<> ok = slot.run.replay(record.bytes, blob); !ok)
      return failed_to_load(turn, slot, ok.error());
  }
  if (!input.end && before < slot.run.state().last()) return load_more(turn, slot);
  if (slot.run.state().last() == Sequence()) return failed_to_load(turn, slot, none);
  went_live(turn, slot);
}

void Shard::failed_to_load(Turn& turn, Slot& slot, Error error) {
  const RunId run = slot.run.id();
  if (slot.recovering) --waking_;
  if (slot.holds_marks) --busy_loads_running_;
  if (error.code == Errc::corrupt) error.detail = to_string(run) + ": " + error.detail;
  std::vector<Input> waiting = std::move(slot.waiting);
  cached_bytes_ -= slot.weight;
  recent_.erase(slot.recent);
  slots_.erase(run);
  if (error.code == Errc::not_found) marked_unread_.erase(run);
  // Its timers, open work and the outcomes that came for it are not lost because one read failed.
  if (error.code == Errc::io || error.code == Errc::unavailable) {
    expect_due(turn.now.utc + kReadRetry, {run, CommandId()});
    std::erase_if(waiting, [&](Input& input) {
      if (!std::holds_alternative<AttemptEnded>(input)) return false;
      outcomes_kept_[run].push_back(std::move(input));
      return true;
    });
  }
  refuse_all(turn, waiting, error);
}

void Shard::refuse_all(Turn& turn, const std::vector<Input>& waiting, const Error& error) {
  for (const Input& input : waiting)
    std::visit(
        [&]<typename Message>(const Message& message) {
          if constexpr (std::same_as<Message, AttemptEnded>) {
            // Its outcome is gone: when the run loads, the attempt counts as lost.
            attempts_.end({message.run, message.command, message.attempt});
            if (message.id) reply(turn, *message.id, std::unexpected(error));
          } else if constexpr (std::same_as<Message, AttemptTaken>) {
            reply(turn, message.id, std::unexpected(error));
          } else if constexpr (requires { message.request; }) {
            reply(turn, message.id, std::unexpected(error));
            forget_workflow(WorkflowId(*std::optional(message.request.workflow)));
          }
        },
        input);
}

void Shard::went_live(Turn& turn, Slot& slot) {
  if (std::exchange(slot.holds_marks, false)) --busy_loads_running_;
  if (std::exchange(slot.recovering, false)) ++turn.woken;
  slot.live = true;
  weigh(slot);
  slot.wake_row = slot.run.state().wake_time();
  slot.busy_row = slot.has_open_work();
  const auto marked = marked_unread_.extract(slot.run.id());
  if (marked && !slot.busy_row) stale_busy_.insert(slot.run.id());
  // Of a copy no attempt was ever made: none is lost, however many loads have failed.
  if (marked && marked.mapped() == MarkedBy::copying) {
    for (const auto& [command, open] : slot.run.state().activities()) {
      attempts_.wait(slot.run.id(), command);
      expect_close(slot, open);
    }
  }
  resume_open_work(turn, slot);
  take_waiting(turn, std::move(slot.waiting));
}

// What was under way when the run left memory, or when the process before this one ended.
void Shard::resume_open_work(Turn& turn, Slot& slot) {
  const RunId run = slot.run.id();
  std::vector<std::pair<UtcTime, CommandId>> waiting;
  for (const auto& [command, fire_at] : slot.run.state().timers())
    waiting.emplace_back(fire_at, command);
  for (const std::optional<UtcTime>& at :
       {slot.run.state().starts_at(), slot.run.state().deadline()})
    if (at) waiting.emplace_back(*at, CommandId());
  std::vector<CommandId> lost;
  std::vector<CommandId> met;  // for the first time in this process
  for (const auto& [command, open] : slot.run.state().activities()) {
    if (attempts_.running(run, command)) continue;
    const bool known = attempts_.waits(run, command);
    if (!known) met.push_back(command);
    if (!open.next_attempt_at || (!known && *open.next_attempt_at <= turn.now.utc)) {
      lost.push_back(command);
      continue;
    }
    attempts_.wait(run, command);
    waiting.emplace_back(*open.next_attempt_at, command);
  }
  for (const CommandId command : lost)
    if (!closed_in_time(turn, slot, command)) attempt_lost(turn, slot, command);
  for (const CommandId command : met) {
    if (closed_in_time(turn, slot, command)) continue;
    if (const OpenActivity* open = slot.run.state().activity(command)) expect_close(slot, *open);
  }
  post_letters(turn, slot);
  // What is due is done before the run can leave memory again: else runs could take turns for ever.
  std::ranges::sort(waiting);
  for (const auto& [at, command] : waiting) {
    if (at <= turn.now.utc)
      fire(turn, slot, command);
    else
      expect_due(at, {run, command});
  }
  if (slot.run.can_activate(turn.now.utc) || slot.wants_parked_row() != slot.parked_row)
    touch(turn, slot);
}

void Shard::recover_more(Turn& turn) {
  if (busy_next_ && *busy_next_ <= turn.now.utc && !busy_read_running_ &&
      busy_loads_running_ == 0) {
    busy_read_running_ = true;
    turn.step.reads.push_back(LoadBusy{busy_after_});
  }
  // Page by page, and what is due first comes first, in memory or on disk.
  const std::optional<UtcTime> due = due_.next();
  const bool memory_first = due && wakes_next_ && *due <= *wakes_next_;
  if (wakes_next_ && *wakes_next_ <= turn.now.utc && !wakes_read_running_ && !memory_first &&
      may_wake()) {
    wakes_read_running_ = true;
    turn.step.reads.push_back(LoadWakes{wakes_through_, turn.now.utc});
  }
}

// What was woken in this turn counts on until it is durable.
void Shard::hold_woken(const Turn& turn) {
  if (turn.woken == 0) return;
  if (turn.step.batch.empty())
    waking_ -= turn.woken;
  else
    woken_.emplace_back(issued_, turn.woken);
}

Shard::Slot& Shard::wake(Turn& turn, const RunId& run, UtcTime due) {
  if (!slots_.contains(run)) ++waking_;
  return slot_of(turn, run, due);
}

void Shard::on(Turn& turn, BusyLoaded& input) {
  busy_read_running_ = false;
  if (!input.runs) {
    busy_next_ = turn.now.utc + kReadRetry;
    return;
  }
  if (input.runs->empty()) {
    busy_next_.reset();
    return;
  }
  busy_next_ = UtcTime();
  busy_after_ = input.runs->back();
  if (PLANTED(skipped_busy)) input.runs->pop_back();
  for (const RunId& run : *input.runs) {
    Slot& slot = wake(turn, run, turn.now.utc);
    if (!slot.live) {
      if (!std::exchange(slot.holds_marks, true)) ++busy_loads_running_;
      marked_unread_.emplace(run, MarkedBy::earlier_work);
    } else if (!slot.has_open_work()) {
      stale_busy_.insert(run);
    }
  }
}

void Shard::on(Turn& turn, WakesLoaded& input) {
  wakes_read_running_ = false;
  if (!input.due) {
    wakes_next_.reset();
    if (!PLANTED(unread_wakes)) wakes_next_ = turn.now.utc + kReadRetry;
    return;
  }
  wakes_through_ = input.through;
  wakes_next_ = input.next;
  // Rows that come between are this process's own, and known: their graves are not climbed over.
  if (wakes_next_ && wakes_through_.at < *wakes_next_)
    wakes_through_ = {*wakes_next_ + Duration(-1)};
  // One by one, as loads end: others have their turns between.
  for (const WakesLoaded::Due& due : *input.due)
    if (!slots_.contains(due.run)) expect_due(due.at, {due.run, CommandId()});
}

}  // namespace reprise
