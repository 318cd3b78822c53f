#include "workflows/schedule/schedule.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "activities/contracts/utf8.hpp"

namespace reprise {
namespace {

constexpr std::size_t kReadyMax = kWaitingStartsMax;  // from fire times and backfills
constexpr std::size_t kReadyHardMax = 2 * kReadyMax;  // triggers included
constexpr std::size_t kMessageBytesMax = 500;
constexpr std::string_view kRunning = "running";

std::uint64_t micros_of(UtcTime time) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(time.micros(), 0));
}
UtcTime time_of(std::uint64_t micros) {
  return UtcTime::from_micros(static_cast<std::int64_t>(micros));
}

// Splitmix64's finisher: equal inputs give equal numbers, near ones unlike ones.
std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31U);
}

std::size_t waiting_max(Overlap overlap) {
  return overlap == Overlap::buffer_all ? kWaitingStartsMax : 1;
}

StopVerb stop_of(Overlap overlap) {
  if (overlap == Overlap::cancel_other) return StopVerb::cancel;
  return overlap == Overlap::terminate_other ? StopVerb::terminate : StopVerb::none;
}

bool is_scheduled(const PlannedStart& start) { return start.cause == StartCause::fire_time; }

}  // namespace

std::string_view to_string(Schedule::Offered offered) {
  using enum Schedule::Offered;
  switch (offered) {
    case starts: return "starts";
    case waits: return "waits";
    case skipped: return "skipped";
    case overflowed: return "overflowed";
  }
  return "unknown";
}

Schedule::Schedule(std::string id, ScheduleState state)
    : id_(std::move(id)),
      state_(std::move(state)),
      times_(FireTimes::of(state_.plan.spec).value()) {}

void Schedule::begin(UtcTime now, std::uint64_t seed) {
  state_.seed = (seed >> 1U) | 1U;  // fits a JSON number, and is not 0
  state_.last_us = micros_of(now);
  state_.actions_left = state_.plan.spec.remaining_actions;
}

Duration Schedule::catchup_window() const {
  return duration_of(state_.plan.catchup_window, kCatchupDefault);
}
Duration Schedule::jitter() const { return duration_of(state_.plan.jitter); }

bool Schedule::is_busy() const {
  const auto alone = [](const PlannedStart& start) { return !start.beside; };
  return open_ || (making_ && !making_->beside) || std::ranges::any_of(state_.ready, alone);
}

bool Schedule::is_exhausted() const {
  if (state_.plan.spec.remaining_actions == 0) return false;
  const auto planned = std::ranges::count_if(state_.ready, is_scheduled) +
                       std::ranges::count_if(state_.waiting, is_scheduled) +
                       (making_ && is_scheduled(*making_));
  return state_.actions_left <= static_cast<std::size_t>(planned);
}

bool Schedule::fire_times_change_nothing() const {
  const Overlap overlap = state_.plan.overlap;
  if (overlap == Overlap::allow_all || !is_busy()) return false;
  if (overlap == Overlap::skip) return true;
  return state_.waiting.size() >= waiting_max(overlap) && stop_ >= stop_of(overlap);
}

UtcTime Schedule::due(UtcTime fire) const {
  Duration most = jitter();
  if (most == Duration(0)) return fire;
  if (const auto next = times_.next(fire)) most = std::min(most, *next - fire);
  const std::uint64_t chance = mixed(state_.seed ^ mixed(micros_of(fire)));
  return fire + Duration(static_cast<std::int64_t>(chance % micros_of(UtcTime() + most)));
}

void Schedule::drop(std::uint64_t fire_times, UtcTime upto, std::uint64_t& count) {
  count += fire_times;
  state_.last_us = micros_of(upto);
}

// Whatever their jitter, these are too late.
void Schedule::drop_missed(UtcTime now) {
  const UtcTime bound = now + (-catchup_window() - jitter() - Duration(1));
  if (bound > state_.last()) drop(times_.count(state_.last(), bound), bound, state_.counts.missed);
}

void Schedule::drop_overlapping(UtcTime now) {
  ScheduleCounts& counts = state_.counts;
  std::uint64_t& count =
      state_.plan.overlap == Overlap::buffer_all ? counts.overflowed : counts.skipped;
  const UtcTime bound = now + -jitter();
  if (bound > state_.last()) drop(times_.count(state_.last(), bound), bound, count);
  for (auto fire = times_.next(state_.last()); fire && due(*fire) <= now; fire = times_.next(*fire))
    drop(1, *fire, count);
}

void Schedule::advance(UtcTime now) {
  while (now > state_.last()) {
    if (state_.paused || is_exhausted()) {
      state_.last_us = micros_of(now);
      return;
    }
    if (fire_times_change_nothing()) return drop_overlapping(now);
    drop_missed(now);
    const auto fire = times_.next(state_.last());
    if (!fire || due(*fire) > now || state_.ready.size() >= kReadyMax) return;
    state_.last_us = micros_of(*fire);
    if (due(*fire) + catchup_window() < now)
      ++state_.counts.missed;
    else
      offer({.fire_us = micros_of(*fire)}, state_.plan.overlap);
  }
}

Schedule::Offered Schedule::offer(PlannedStart start, Overlap overlap) {
  start.beside = overlap == Overlap::allow_all;
  const bool is_free = start.beside || (!is_busy() && state_.waiting.empty());
  if (is_free && state_.ready.size() >= kReadyHardMax) {
    ++state_.counts.overflowed;
    return Offered::overflowed;
  }
  if (is_free) {
    state_.ready.push_back(start);
    return Offered::starts;
  }
  stop_ = std::max(stop_, stop_of(overlap));
  if (overlap != Overlap::skip && state_.waiting.size() < waiting_max(overlap)) {
    state_.waiting.push_back(start);
    return Offered::waits;
  }
  const bool is_full = overlap == Overlap::buffer_all;
  ++(is_full ? state_.counts.overflowed : state_.counts.skipped);
  return is_full ? Offered::overflowed : Offered::skipped;
}

void Schedule::promote() {
  if (is_busy() || state_.waiting.empty()) return;
  state_.ready.push_back(state_.waiting.front());
  state_.waiting.erase(state_.waiting.begin());
}

void Schedule::take_from_backfills() {
  while (!state_.backfills.empty() && state_.ready.size() < kReadyMax) {
    OpenBackfill& backfill = state_.backfills.front();
    const bool beside = backfill.overlap == Overlap::allow_all;
    if (!beside && (is_busy() || !state_.waiting.empty())) return;
    const auto fire = times_.next(time_of(backfill.after_us));
    if (!fire || *fire > time_of(backfill.to_us)) {
      state_.backfills.erase(state_.backfills.begin());
      continue;
    }
    backfill.after_us = micros_of(*fire);
    state_.ready.push_back(
        {.fire_us = micros_of(*fire), .cause = StartCause::backfill, .beside = beside});
  }
}

std::optional<PlannedStart> Schedule::take() {
  if (making_) return std::nullopt;
  promote();
  take_from_backfills();
  if (state_.ready.empty()) return std::nullopt;
  making_ = state_.ready.front();
  state_.ready.erase(state_.ready.begin());
  return making_;
}

std::string Schedule::workflow_id(const PlannedStart& start) const {
  const std::string id = fmt::format("{}-{}", id_, to_id_text(time_of(start.fire_us)));
  return start.cause == StartCause::trigger ? fmt::format("{}-t{}", id, start.trigger) : id;
}

void Schedule::remember(RecentStart start) {
  state_.recent.push_back(std::move(start));
  if (state_.recent.size() > kRecentStartsMax) state_.recent.erase(state_.recent.begin());
}

void Schedule::started(UtcTime now) {
  const PlannedStart start = *std::exchange(making_, std::nullopt);
  ++state_.counts.started;
  if (is_scheduled(start) && state_.actions_left > 0) --state_.actions_left;
  remember({.fire_us = start.fire_us,
            .at_us = micros_of(now),
            .workflow_id = workflow_id(start),
            .outcome = std::string(kRunning),
            .message = {},
            .cause = start.cause});
  if (!start.beside) open_ = workflow_id(start);
}

void Schedule::refused(UtcTime now, const std::string& why) {
  const PlannedStart start = *std::exchange(making_, std::nullopt);
  ++state_.counts.refused;
  remember({.fire_us = start.fire_us,
            .at_us = micros_of(now),
            .workflow_id = workflow_id(start),
            .outcome = "refused",
            .message = utf8_cut(why, kMessageBytesMax),
            .cause = start.cause});
  if (!is_busy()) stop_ = StopVerb::none;
}

void Schedule::closed(std::string_view outcome) {
  for (RecentStart& start : state_.recent)
    if (start.workflow_id == *open_ && start.outcome == kRunning) start.outcome = outcome;
  open_.reset();
  stop_ = stop_said_ = StopVerb::none;
}

StopVerb Schedule::take_stop() {
  if (!open_ || stop_ == stop_said_) return StopVerb::none;
  return stop_said_ = stop_;
}

std::optional<UtcTime> Schedule::wakes_at() const {
  if (state_.paused || is_exhausted() || fire_times_change_nothing()) return std::nullopt;
  const auto fire = times_.next(state_.last());
  return fire ? std::optional(due(*fire)) : std::nullopt;
}

std::vector<UtcTime> Schedule::upcoming(UtcTime after, std::size_t count) const {
  if (state_.paused || is_exhausted()) return {};
  if (state_.plan.spec.remaining_actions > 0)
    count = std::min<std::size_t>(count, state_.actions_left);
  std::vector<UtcTime> times;
  for (auto fire = times_.next(std::max(after, state_.last())); fire && times.size() < count;
       fire = times_.next(*fire))
    times.push_back(*fire);
  return times;
}

void Schedule::pause(std::string note) {
  state_.paused = true;
  state_.note = std::move(note);
  state_.counts.skipped += std::erase_if(state_.ready, is_scheduled);
  state_.counts.skipped += std::erase_if(state_.waiting, is_scheduled);
  if (state_.waiting.empty()) stop_ = stop_said_;
}

void Schedule::unpause(std::string note) {
  state_.paused = false;
  state_.note = std::move(note);
}

Schedule::Trigger Schedule::trigger(UtcTime now, std::optional<Overlap> overlap) {
  const PlannedStart start{
      .fire_us = micros_of(now), .cause = StartCause::trigger, .trigger = ++state_.counts.triggers};
  return {workflow_id(start), offer(start, overlap.value_or(state_.plan.overlap))};
}

Result<std::uint64_t> Schedule::check_backfill(UtcTime from, UtcTime to) const {
  if (to < from) return fail(Errc::invalid_argument, "is before from", "to");
  if (state_.backfills.size() >= kBackfillsMax)
    return fail(Errc::limit_exceeded,
                fmt::format("{} backfills are open: wait for one to end", kBackfillsMax));
  const std::uint64_t count = times_.count(from + Duration(-1), to);
  if (count == 0) return fail(Errc::invalid_argument, "has no fire time between from and it", "to");
  if (count > kBackfillStartsMax)
    return fail(Errc::limit_exceeded,
                fmt::format("has {} fire times between from and it: at most {} in one backfill",
                            count, kBackfillStartsMax),
                "to");
  return count;
}

void Schedule::backfill(UtcTime from, UtcTime to, Overlap overlap) {
  state_.backfills.push_back({micros_of(from + Duration(-1)), micros_of(to), overlap});
}

void Schedule::set(SchedulePlan plan, UtcTime now) {
  times_ = FireTimes::of(plan.spec).value();
  state_.plan = std::move(plan);
  state_.last_us = micros_of(now);
  state_.actions_left = state_.plan.spec.remaining_actions;
  state_.backfills.clear();
}

}  // namespace reprise
