// Schedule: which starts are due, and in which order they may happen. The rules without the waiting.
//
//     fire time ──► late? ──► missed
//                   paused? ─► dropped
//                   a run is open? ──► the overlap policy: skipped, waiting, or ready
//     ready ──► take() ──► started() or refused() ──► closed() ──► the next one that waits
//
// Guarantees: pure: the same calls give the same starts. Each fire time is dealt with once, in order.
//             What is kept is bounded; so is the work of a call, however long nobody called: fire times
//             that cannot start anything are counted, not walked.
// Units:      a fire time is nominal; with jitter its start is due up to `jitter` later, but before the
//             next fire time.
// Why:        docs/adr/0016-a-schedule-is-a-run.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "workflows/schedule/fire_times.hpp"
#include "workflows/schedule/schedule_state.hpp"

namespace reprise {

// How an open run is stopped for the next one; the later are stronger.
enum class StopVerb : std::uint8_t { none, cancel, terminate };

class Schedule {
 public:
  // `id`: what the ids of started workflows begin with. The plan has passed check().
  Schedule(std::string id, ScheduleState state);

  // A schedule begins with its first run: fire times behind `now`, jitter from this seed.
  [[nodiscard]] bool is_new() const { return state_.seed == 0; }
  void begin(UtcTime now, std::uint64_t seed);

  // Deals with the fire times up to now. Before each of the calls below that take a time.
  void advance(UtcTime now);

  // The next start that may happen now; it is under way until started() or refused().
  std::optional<PlannedStart> take();
  void started(UtcTime now);
  void refused(UtcTime now, const std::string& why);
  [[nodiscard]] std::string workflow_id(const PlannedStart& start) const;

  // The run that later starts look at, once it has started.
  [[nodiscard]] const std::optional<std::string>& open_workflow() const { return open_; }
  void closed(std::string_view outcome);
  // How the open run is to be stopped, said once.
  StopVerb take_stop();

  // When advance() would find something to do; nothing when only an update or an end can change it.
  [[nodiscard]] std::optional<UtcTime> wakes_at() const;
  // The next fire times behind `after`, at most `count`.
  [[nodiscard]] std::vector<UtcTime> upcoming(UtcTime after, std::size_t count) const;

  // --- what people ask for ---
  void pause(std::string note);
  void unpause(std::string note);
  enum class Offered : std::uint8_t { starts, waits, skipped, overflowed };
  struct Trigger {
    std::string workflow_id;
    Offered offered = Offered::starts;
  };
  // Nothing: the schedule's own policy.
  Trigger trigger(UtcTime now, std::optional<Overlap> overlap);
  // limit_exceeded. Otherwise: how many fire times it will start. `overlap`: buffer_all (one after the
  // other) or allow_all.
  [[nodiscard]] Result<std::uint64_t> check_backfill(UtcTime from, UtcTime to) const;
  void backfill(UtcTime from, UtcTime to, Overlap overlap);
  // The new plan's fire times behind `now` follow. Starts that wait are started by it; backfills of
  // the old plan end.
  void set(SchedulePlan plan, UtcTime now);

  // May another run go on with state()? Not while a run is open or a start is under way: its end is
  // told to this run.
  [[nodiscard]] bool may_hand_over() const { return !open_ && !making_; }
  [[nodiscard]] const ScheduleState& state() const { return state_; }

 private:
  [[nodiscard]] bool is_busy() const;
  [[nodiscard]] bool is_exhausted() const;  // `remaining_actions` starts are made or planned
  [[nodiscard]] UtcTime due(UtcTime fire) const;
  [[nodiscard]] Duration catchup_window() const;
  [[nodiscard]] Duration jitter() const;
  // No fire time can start anything before the open run has ended.
  [[nodiscard]] bool fire_times_change_nothing() const;
  void drop_missed(UtcTime now);
  void drop_overlapping(UtcTime now);
  void drop(std::uint64_t fire_times, UtcTime upto, std::uint64_t& count);
  Offered offer(PlannedStart start, Overlap overlap);
  void promote();
  void take_from_backfills();
  void remember(RecentStart start);

  std::string id_;
  ScheduleState state_;
  FireTimes times_;
  std::optional<PlannedStart> making_;
  std::optional<std::string> open_;
  StopVerb stop_ = StopVerb::none;  // what the open run is owed
  StopVerb stop_said_ = StopVerb::none;
};

std::string_view to_string(Schedule::Offered offered);

}  // namespace reprise
