// Activities' attempts and timers: dispatched, taken, heard of, ended, timed out, lost, due.
#include <algorithm>

#include "base/planted.hpp"
#include "engine/core/retry.hpp"
#include "engine/core/shard.hpp"
#include "engine/core/shard_slot.hpp"

namespace reprise {
namespace {

// A window of local steps that share a commit: what of it is at risk.
constexpr Duration kWindowMax = std::chrono::milliseconds(100);
constexpr std::size_t kWindowEventsMax = 128;  // a record has room for them, whatever they hold
// To the longest prefix of whole UTF-8 characters that fits.
void cut(std::string& text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return;
  const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; };
  while (bytes_max > 0 && continues(text[bytes_max])) --bytes_max;
  text.resize(bytes_max);
}

// Bounded: failures are input from outside, and part of a record: 256 of 3.4 KB fit. Details beside
// them take up to 1 KB there, and stand outside when they are larger and the record is full.
ActivityFailure bounded(ActivityFailure failure, const Payload& details) {
  constexpr std::size_t kTypeBytesMax = 255;
  const std::size_t message_bytes_max = details.bytes.empty() ? 3072 : 2048;
  cut(failure.type, kTypeBytesMax);
  cut(failure.message, message_bytes_max);
  return failure;
}

ActivityFailure failure_of(AttemptTimeout timeout) {
  switch (timeout) {
    case AttemptTimeout::schedule_to_start:
      return {.type = "timeout",
              .message = "no worker took the attempt within its schedule-to-start time",
              .retryable = false};
    case AttemptTimeout::heartbeat:
      return {.type = "timeout",
              .message = "the attempt was silent for longer than its heartbeat timeout"};
    case AttemptTimeout::start_to_close: break;
  }
  return {.type = "timeout", .message = "the attempt did not end within its start-to-close time"};
}

}  // namespace

void Shard::dispatch(Turn& turn, Slot& slot, OpenActivity& open) {
  if (std::optional<Dispatch> attempt = attempt_of(turn, slot, open))
    turn.step.actions.emplace_back(std::move(*attempt));
}

// The activity's next attempt, which runs from now on. Nothing for a local step of a parked run: its
// code, which the step is a part of, is not there.
std::optional<Dispatch> Shard::attempt_of(const Turn& turn, Slot& slot, OpenActivity& open) {
  const ActivityScheduled& scheduled = open.scheduled;
  const CommandId command = scheduled.command;
  const ActivityOptions& options = scheduled.options;
  std::shared_ptr<const StepBody> step;
  if (scheduled.name.starts_with(kStepPrefix)) {
    step = slot.run.step(command);
    if (step == nullptr) return std::nullopt;
  }
  open.next_attempt_at.reset();
  const AttemptTimes times{.queued = !options.queue.empty(),
                           .schedule_to_start = options.schedule_to_start,
                           .start_to_close = attempt_timeout(options, open.timeouts),
                           .heartbeat = options.heartbeat_timeout};
  attempts_.start({slot.run.id(), command, open.attempt}, times, turn.now.steady);
  Duration time_left = times.start_to_close;
  if (const auto closes = open.closes_at()) time_left = std::min(time_left, *closes - turn.now.utc);
  return Dispatch{.workflow = slot.run.state().started()->workflow,
                  .run = slot.run.id(),
                  .command = command,
                  .attempt = open.attempt,
                  .name = scheduled.name,
                  .version = scheduled.version,
                  .provider = options.provider,
                  .input = times.queued ? Payload{} : scheduled.input,
                  .deadline = turn.now.steady + time_left,
                  .queue = options.queue,
                  .wait = times.queued ? wait_of(turn, slot, open, times) : Boxed<QueueWait>(),
                  .last_details = open.last_details,
                  .step = std::move(step)};
}

QueueWait Shard::wait_of(const Turn& turn, const Slot& slot, const OpenActivity& open,
                         const AttemptTimes& times) {
  const ActivityOptions& options = open.scheduled.options;
  const Boxed<Precedence>& run = slot.run.state().started()->precedence;
  const bool beats = times.heartbeat > Duration(0);
  return {.in_process = options.in_process,
          .precedence = options.precedence.value_or({}).within(run.value_or({})),
          .age = std::max(turn.now.utc - open.scheduled_at, Duration(0)),
          .lease = beats ? std::min(times.heartbeat, times.start_to_close) : times.start_to_close};
}

// Runs the code on the outcome of a local step that shares its commit, ahead of that: true when it only
// began further such steps. They run at once, since all that they rest on but those steps is durable;
// a crash forgets the whole window, and its steps run again.
bool Shard::go_on_with_steps(Turn& turn, Slot& slot) {
  if (slot.last_batch > committed_ && !PLANTED(early_window)) return false;
  if (slot.run.unsealed() > kWindowEventsMax) return false;
  const bool opens = slot.run.unsealed() == 1;
  std::vector<CommandId> begun;
  if (!slot.run.begin_steps(turn.now.utc, begun)) return false;
  for (const CommandId command : begun) {
    OpenActivity& open = *slot.run.state().activity(command);
    if (std::optional<Dispatch> step = attempt_of(turn, slot, open))
      turn.step.at_once.push_back(std::move(*step));
    expect_close(slot, open);
  }
  if (opens) expect_due(turn.now.utc + kWindowMax, {slot.run.id(), CommandId()});
  slot.window = true;
  return true;
}

void Shard::on(Turn& turn, AttemptTaken& input) {
  const AttemptKey key{input.run, input.command, input.attempt};
  if (!attempts_.is(key)) return reply(turn, input.id, AttemptAnswer::stale);
  Slot& slot = slot_of(turn, input.run);
  if (!slot.live) return wait_for(turn, slot, input);
  const OpenActivity& open = *slot.run.state().activity(input.command);
  const std::optional<SteadyTime> end_by = attempts_.take(key, turn.now.steady);
  if (!end_by) return reply(turn, input.id, AttemptAnswer::stale);
  Duration time_left = *end_by - turn.now.steady;
  if (const auto closes = open.closes_at()) time_left = std::min(time_left, *closes - turn.now.utc);
  const ActivityScheduled& scheduled = open.scheduled;
  reply(turn, input.id,
        AttemptWork{.name = scheduled.name,
                    .version = scheduled.version,
                    .provider = scheduled.options.provider,
                    .input = scheduled.input,
                    .last_details = open.last_details,
                    .time_left = time_left,
                    .heartbeat_timeout = scheduled.options.heartbeat_timeout});
}

void Shard::on(Turn& turn, AttemptBeat& input) {
  if (input.details && input.details->bytes.size() > kHeartbeatDetailsBytesMax)
    input.details.reset();
  const bool current = attempts_.beat({input.run, input.command, input.attempt}, turn.now.steady,
                                      std::move(input.details));
  if (input.id) reply(turn, *input.id, current ? AttemptAnswer::current : AttemptAnswer::stale);
}

void Shard::on(Turn& turn, AttemptEnded& input) {
  if (const Run* run = PLANTED(stale_lease) ? peek(input.run) : nullptr)
    if (const auto open = run->state().activities().find(input.command);
        open != run->state().activities().end())
      input.attempt = open->second.attempt;
  const AttemptKey key{input.run, input.command, input.attempt};
  if (!attempts_.is(key) && !PLANTED(stale_attempt)) {  // late, repeated or cancelled: refused
    if (input.id) reply(turn, *input.id, AttemptAnswer::stale);
    return;
  }
  Slot& slot = slot_of(turn, input.run);
  if (!slot.live && input.id && slot.waiting.size() >= config_.limits.waiting_max)
    return reply(turn, *input.id,
                 fail(Errc::overloaded, "too many requests wait for this run to load"));
  if (!slot.live) {
    slot.waiting.push_back(std::move(input));
    return;
  }
  Payload details = *attempts_.end(key);
  const bool shares_commit =
      input.outcome && slot.run.state().activity(input.command)->scheduled.options.shares_commit &&
      (slot.run.unsealed() == 0 || slot.window);
  if (input.id) reply(turn, *input.id, AttemptAnswer::recorded);
  if (input.outcome && input.outcome->bytes.size() > config_.limits.payload_bytes_max)
    input.outcome = std::unexpected(ActivityFailure{
        .type = "result_too_large",
        .message = "the result has " + std::to_string(input.outcome->bytes.size()) + " bytes",
        .retryable = false});
  if (input.outcome) {
    take_in(turn, slot, ActivityCompleted{input.command, input.attempt, std::move(*input.outcome)});
    slot.window = shares_commit && slot.touched;
  } else {
    attempt_failed(turn, slot, input.command, bounded(std::move(input.outcome.error()), details),
                   std::move(details));
  }
}

void Shard::attempt_failed(Turn& turn, Slot& slot, CommandId command,
                           const ActivityFailure& failure, Payload details) {
  OpenActivity& open = *slot.run.state().activity(command);
  const Attempt attempt = open.attempt;
  const Attempt counts(attempt.value() - open.queue_losses);  // a wait in a queue uses up none
  const std::optional<Duration> delay =
      retry_delay(open.scheduled.options.retry, failure, slot.run.id(), command, counts);
  if (!delay) {
    take_in(turn, slot, ActivityFailed{command, attempt, failure, open.failures_folded});
    return;
  }
  const UtcTime next = turn.now.utc + *delay;
  if (attempt.value() <= kAttemptEventsMax) {
    take_in(turn, slot, ActivityAttemptFailed{command, attempt, failure, next, std::move(details)});
    if (slot.run.state().activity(command) == nullptr) return;
  } else {
    ++open.failures_folded;
    open.timeouts += failure.type == "timeout" ? 1 : 0;
    open.attempt = attempt.next();
    open.next_attempt_at = next;
    open.last_failure = failure;
    if (!details.bytes.empty()) open.last_details = std::move(details);
  }
  attempts_.wait(slot.run.id(), command);
  if (!PLANTED(lost_retry)) expect_due(next, {slot.run.id(), command});
}

void Shard::attempt_lost(Turn& turn, Slot& slot, CommandId command) {
  const OpenActivity* open = slot.run.state().activity(command);
  if (open == nullptr) return;
  if (open->scheduled.name.starts_with(kStepPrefix) && slot.run.step(command) == nullptr) return;
  const Attempt attempt = open->attempt;
  // A worker outlives this process, and what waited in a queue did nothing: that the process ended
  // says nothing against the work.
  if (open->scheduled.options.queue.empty() && open->losses + 1 >= kLossesMax) {
    const ActivityFailure failure{
        .type = "lost",
        .message = "the process ended under this activity " + std::to_string(kLossesMax) + " times",
        .retryable = false};
    take_in(turn, slot, ActivityFailed{command, attempt, failure, open->failures_folded});
    return;
  }
  take_in(turn, slot, ActivityAttemptLost{command, attempt});
  OpenActivity* still = slot.run.state().activity(command);
  if (still == nullptr) return;
  std::optional<Dispatch> next = attempt_of(turn, slot, *still);
  if (!next) return;
  if (still->scheduled.options.is_remote()) next->wait->lost = still->queue_losses;
  turn.step.actions.emplace_back(std::move(*next));
}

// True when the activity's schedule-to-close time has passed: it has failed then.
bool Shard::closed_in_time(Turn& turn, Slot& slot, CommandId command) {
  const OpenActivity* open = slot.run.state().activity(command);
  if (open == nullptr) return false;
  const std::optional<UtcTime> closes = open->closes_at();
  if (!closes || turn.now.utc < *closes) return false;
  const RunId run = slot.run.id();
  attempts_.stop_waiting(run, command);
  if (const auto attempt = attempts_.end(run, command))
    turn.step.actions.push_back(CancelAttempt{run, command, *attempt, true});
  ActivityFailure failure{.type = "timeout",
                          .message = "the activity did not end within its schedule-to-close time",
                          .retryable = false};
  if (open->last_failure)
    failure.message += "; before: " + open->last_failure->type + ": " + open->last_failure->message;
  take_in(turn, slot,
          ActivityFailed{command, open->attempt, bounded(std::move(failure), {}),
                         open->failures_folded});
  return true;
}

void Shard::expect_close(const Slot& slot, const OpenActivity& open) {
  if (const std::optional<UtcTime> closes = open.closes_at())
    expect_due(*closes, {slot.run.id(), open.scheduled.command, true});
}

void Shard::expect_due(UtcTime at, DueCommand due) {
  due_.add(at, std::move(due), [this](const DueCommand& other) { return may_be_due(other); });
}

// False when the command waits for no time any more; true when only its run's history knows.
bool Shard::may_be_due(const DueCommand& due) const {
  if (due.closes)
    return attempts_.running(due.run, due.command) || attempts_.waits(due.run, due.command);
  const auto found = slots_.find(due.run);
  if (found == slots_.end() || !found->second->live) return true;
  const RunState& state = found->second->run.state();
  if (due.command == CommandId())
    return state.own_time().has_value() || found->second->run.unsealed() > 0 ||
           !found->second->owed().empty();
  return state.timers().contains(due.command) || attempts_.waits(due.run, due.command);
}

void Shard::fire_timeouts(Turn& turn) {
  while (const auto timed_out = attempts_.take_timed_out(turn.now.steady)) {
    const auto& [key, timeout] = *timed_out;
    turn.step.actions.push_back(CancelAttempt{.run = key.run,
                                              .command = key.command,
                                              .attempt = key.attempt,
                                              .timed_out = true,
                                              .lease_over = true});
    AttemptEnded ended{key.run, key.command, key.attempt, std::unexpected(failure_of(timeout))};
    on(turn, ended);
  }
}

void Shard::fire_due_commands(Turn& turn) {
  // What becomes due by this loop itself has its turn in the next step.
  for (std::size_t left = due_.size(); left > 0 && may_wake(); --left) {
    const std::optional<UtcTime> at = due_.next();
    const std::optional<DueCommand> due = due_.take(turn.now.utc);
    if (!due) return;
    if (due->closes && !may_be_due(*due)) continue;  // its run need not come into memory for it
    Slot& slot = wake(turn, due->run, *at);
    if (!slot.live) continue;  // its load fires
    const std::size_t touched = turn.touched.size();
    fire(turn, slot, due->command);
    if (turn.touched.size() == touched) continue;
    ++waking_;
    ++turn.woken;
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
  if (closed_in_time(turn, slot, command)) return;
  OpenActivity* open = slot.run.state().activity(command);
  if (open != nullptr && open->next_attempt_at && *open->next_attempt_at <= turn.now.utc &&
      !attempts_.running(slot.run.id(), command))
    dispatch(turn, slot, *open);
}

void Shard::fire_own_time(Turn& turn, Slot& slot) {
  const RunState& state = slot.run.state();
  if (const auto deadline = state.deadline(); deadline && *deadline <= turn.now.utc)
    return end_from_outside(turn, slot,
                            RunTimedOut{*deadline == state.started()->execution_deadline});
  // A window of local steps has been open long enough.
  if (slot.run.can_activate(turn.now.utc) || slot.run.unsealed() > 0) touch(turn, slot);
  post_letters(turn, slot);
}

}  // namespace reprise
