// Activities' attempts and timers: dispatched, ended, timed out, lost, due.
#include "base/planted.hpp"
#include "engine/core/retry.hpp"
#include "engine/core/shard.hpp"
#include "engine/core/shard_slot.hpp"

namespace reprise {
namespace {

// Bounded: failures are input from outside, and part of a record: 256 of 3.4 KB fit.
ActivityFailure bounded(ActivityFailure failure) {
  constexpr std::size_t kTypeBytesMax = 255;
  constexpr std::size_t kMessageBytesMax = 3072;
  if (failure.type.size() > kTypeBytesMax) failure.type.resize(kTypeBytesMax);
  if (failure.message.size() > kMessageBytesMax) failure.message.resize(kMessageBytesMax);
  return failure;
}

}  // namespace

void Shard::dispatch(Turn& turn, Slot& slot, CommandId command) {
  OpenActivity& open = *slot.run.state().activity(command);
  open.next_attempt_at.reset();
  const ActivityScheduled& scheduled = open.scheduled;
  const SteadyTime deadline = turn.now.steady + attempt_timeout(scheduled.options, open.timeouts);
  attempts_.start({slot.run.id(), command, open.attempt}, deadline);
  turn.step.actions.push_back(Dispatch{.workflow = slot.run.state().started()->workflow,
                                       .run = slot.run.id(),
                                       .command = command,
                                       .attempt = open.attempt,
                                       .name = scheduled.name,
                                       .version = scheduled.version,
                                       .provider = scheduled.options.provider,
                                       .input = scheduled.input,
                                       .deadline = deadline});
}

void Shard::on(Turn& turn, AttemptEnded& input) {
  const AttemptKey key{input.run, input.command, input.attempt};
  if (!attempts_.is(key) && !PLANTED(stale_attempt))
    return;  // late, repeated or cancelled: refused
  Slot& slot = slot_of(turn, input.run);
  if (!slot.live) {
    slot.waiting.push_back(std::move(input));  // at most one for each running attempt
    return;
  }
  attempts_.end(key);
  if (input.outcome && input.outcome->bytes.size() > config_.limits.payload_bytes_max)
    input.outcome = std::unexpected(ActivityFailure{
        .type = "result_too_large",
        .message = "the result has " + std::to_string(input.outcome->bytes.size()) + " bytes",
        .retryable = false});
  if (input.outcome)
    take_in(turn, slot, ActivityCompleted{input.command, input.attempt, std::move(*input.outcome)});
  else
    attempt_failed(turn, slot, input.command, bounded(std::move(input.outcome.error())));
}

void Shard::attempt_failed(Turn& turn, Slot& slot, CommandId command,
                           const ActivityFailure& failure) {
  OpenActivity& open = *slot.run.state().activity(command);
  const Attempt attempt = open.attempt;
  const std::optional<Duration> delay =
      retry_delay(open.scheduled.options.retry, failure, slot.run.id(), command, attempt);
  if (!delay) {
    take_in(turn, slot, ActivityFailed{command, attempt, failure, open.failures_folded});
    return;
  }
  const UtcTime next = turn.now.utc + *delay;
  if (attempt.value() <= kAttemptEventsMax) {
    take_in(turn, slot, ActivityAttemptFailed{command, attempt, failure, next});
    if (slot.run.state().activity(command) == nullptr) return;
  } else {
    ++open.failures_folded;
    open.timeouts += failure.type == "timeout" ? 1 : 0;
    open.attempt = attempt.next();
    open.next_attempt_at = next;
    open.last_failure = failure;
  }
  attempts_.wait(slot.run.id(), command);
  if (!PLANTED(lost_retry)) expect_due(next, {slot.run.id(), command});
}

void Shard::attempt_lost(Turn& turn, Slot& slot, CommandId command) {
  const OpenActivity* open = slot.run.state().activity(command);
  if (open == nullptr) return;
  const Attempt attempt = open->attempt;
  if (open->losses + 1 >= kLossesMax) {
    const ActivityFailure failure{
        .type = "lost",
        .message = "the process ended under this activity " + std::to_string(kLossesMax) + " times",
        .retryable = false};
    take_in(turn, slot, ActivityFailed{command, attempt, failure, open->failures_folded});
    return;
  }
  take_in(turn, slot, ActivityAttemptLost{command, attempt});
  if (slot.run.state().activity(command) != nullptr) dispatch(turn, slot, command);
}

void Shard::expect_due(UtcTime at, DueCommand due) {
  due_.add(at, std::move(due), [this](const DueCommand& other) { return may_be_due(other); });
}

// False when the command waits for no time any more; true when only its run's history knows.
bool Shard::may_be_due(const DueCommand& due) const {
  const auto found = slots_.find(due.run);
  if (found == slots_.end() || !found->second->live) return true;
  const RunState& state = found->second->run.state();
  if (due.command == CommandId())
    return state.own_time().has_value() || !found->second->owed().empty();
  return state.timers().contains(due.command) || attempts_.waits(due.run, due.command);
}

void Shard::fire_timeouts(Turn& turn) {
  while (std::optional<AttemptKey> key = attempts_.take_timed_out(turn.now.steady)) {
    turn.step.actions.push_back(CancelAttempt{key->run, key->command, key->attempt});
    AttemptEnded ended{key->run, key->command, key->attempt,
                       std::unexpected(ActivityFailure{
                           .type = "timeout",
                           .message = "the attempt did not end within its start-to-close time",
                           .retryable = true})};
    on(turn, ended);
  }
}

void Shard::fire_due_commands(Turn& turn) {
  // What becomes due by this loop itself has its turn in the next step.
  for (std::size_t left = due_.size(); left > 0 && may_load(); --left) {
    const std::optional<DueCommand> due = due_.take(turn.now.utc);
    if (!due) return;
    Slot& slot = load_to_recover(turn, due->run);
    if (slot.live) fire(turn, slot, due->command);  // else its load does
  }
}

// Does what is due of a command: a timer fires, an activity gets its next attempt. Of command 0: the
// run starts after its delay, or is over its deadline.
void Shard::fire(Turn& turn, Slot& slot, CommandId command) {
  if (command == CommandId()) return fire_own_time(turn, slot);
  const auto timer = slot.run.state().timers().find(command);
  if (timer != slot.run.state().timers().end()) {
    if (timer->second <= turn.now.utc) take_in(turn, slot, TimerFired{command});
    return;
  }
  const OpenActivity* open = slot.run.state().activity(command);
  if (open != nullptr && open->next_attempt_at && *open->next_attempt_at <= turn.now.utc &&
      !attempts_.running(slot.run.id(), command))
    dispatch(turn, slot, command);
}

void Shard::fire_own_time(Turn& turn, Slot& slot) {
  const RunState& state = slot.run.state();
  if (const auto deadline = state.deadline(); deadline && *deadline <= turn.now.utc)
    return end_from_outside(turn, slot,
                            RunTimedOut{*deadline == state.started()->execution_deadline});
  if (slot.run.can_activate(turn.now.utc)) touch(turn, slot);
  post_letters(turn, slot);
}

}  // namespace reprise
