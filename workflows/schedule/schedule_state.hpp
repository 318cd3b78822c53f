// ScheduleState: all that a schedule knows, as it travels from one run of it to the next. The input of
// the workflow type "reprise.schedule".
//
// Guarantees: bounded: kRecentMax starts, kWaitingMax waiting ones, kBackfillsMax backfills. A state of
//             which only the plan is given is a new schedule.
// Units:      times in microseconds since 1970; 0: not yet.
// Errors:     invalid_argument; `field` is the path: "plan.spec.cron".
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "workflows/schedule/schedule_plan.hpp"

namespace reprise {

inline constexpr std::size_t kRecentStartsMax = 10;
inline constexpr std::size_t kWaitingStartsMax = 100;
inline constexpr std::size_t kBackfillsMax = 10;
inline constexpr std::uint64_t kBackfillStartsMax = 1'000;
inline constexpr std::size_t kNoteCharactersMax = 200;

// Why a start happens. Durable numbers.
enum class StartCause : std::uint8_t { fire_time = 1, trigger = 2, backfill = 3 };
constexpr auto enum_names(StartCause) {
  return std::array{EnumName{StartCause::fire_time, "schedule"},
                    EnumName{StartCause::trigger, "trigger"},
                    EnumName{StartCause::backfill, "backfill"}};
}

// A start that was decided and has not happened.
struct PlannedStart {
  std::uint64_t fire_us = 0;
  StartCause cause = StartCause::fire_time;
  std::uint64_t trigger = 0;  // its number, of a trigger
  bool beside = false;        // its run may be beside others: later starts do not look at it
  static void fields(auto& codec, auto& self) {
    codec("fire_us", self.fire_us);
    codec("cause", self.cause);
    codec("trigger", self.trigger);
    codec("beside", self.beside);
  }
  friend bool operator==(const PlannedStart&, const PlannedStart&) = default;
};

struct RecentStart {
  std::uint64_t fire_us = 0;
  std::uint64_t at_us = 0;  // when it was started, or refused
  std::string workflow_id;
  std::string outcome;  // "running", how the run ended, or "refused"
  std::string message;  // of a start that was refused
  StartCause cause = StartCause::fire_time;
  static void fields(auto& codec, auto& self) {
    codec("fire_us", self.fire_us);
    codec("at_us", self.at_us);
    codec("workflow_id", self.workflow_id, Text{.max = 255});
    codec("outcome", self.outcome, Text{.max = 100});
    codec("message", self.message, Text{.max = 500});
    codec("cause", self.cause);
  }
  friend bool operator==(const RecentStart&, const RecentStart&) = default;
};

// Fire times t with after_us < t ≤ to_us that are still to be started.
struct OpenBackfill {
  std::uint64_t after_us = 0;
  std::uint64_t to_us = 0;
  Overlap overlap = Overlap::buffer_all;
  static void fields(auto& codec, auto& self) {
    codec("after_us", self.after_us);
    codec("to_us", self.to_us);
    codec("overlap", self.overlap);
  }
  friend bool operator==(const OpenBackfill&, const OpenBackfill&) = default;
};

struct ScheduleCounts {
  std::uint64_t started = 0;
  std::uint64_t refused = 0;     // the start of the workflow was refused
  std::uint64_t missed = 0;      // fire times found later than the catch-up window
  std::uint64_t skipped = 0;     // by the overlap policy, or by a pause while they waited
  std::uint64_t overflowed = 0;  // kWaitingStartsMax were waiting
  std::uint64_t triggers = 0;
  static void fields(auto& codec, auto& self) {
    codec("started", self.started);
    codec("refused", self.refused);
    codec("missed", self.missed);
    codec("skipped", self.skipped);
    codec("overflowed", self.overflowed);
    codec("triggers", self.triggers);
  }
  friend bool operator==(const ScheduleCounts&, const ScheduleCounts&) = default;
};

struct ScheduleState {
  SchedulePlan plan;
  bool paused = false;
  std::string note;           // why it is paused, or what for it is
  std::uint64_t last_us = 0;  // fire times up to here are dealt with
  std::uint64_t seed = 0;     // of the jitter; 0: not drawn yet
  std::uint32_t actions_left = 0;
  ScheduleCounts counts;
  std::vector<RecentStart> recent;
  std::vector<PlannedStart> ready;    // to be started now
  std::vector<PlannedStart> waiting;  // for the open run's end
  std::vector<OpenBackfill> backfills;

  [[nodiscard]] UtcTime last() const {
    return UtcTime::from_micros(static_cast<std::int64_t>(last_us));
  }
  static void fields(auto& codec, auto& self) {
    codec("plan", self.plan);
    codec("paused", self.paused);
    codec("note", self.note, Text{.max = kNoteCharactersMax});
    codec("last_us", self.last_us);
    codec("seed", self.seed);
    codec("actions_left", self.actions_left);
    codec("counts", self.counts);
    codec("recent", self.recent, Items{.max = kRecentStartsMax});
    codec("ready", self.ready, Items{.max = 2 * kWaitingStartsMax});
    codec("waiting", self.waiting, Items{.max = kWaitingStartsMax});
    codec("backfills", self.backfills, Items{.max = kBackfillsMax});
  }
};

// Reads it, and checks that its plan makes sense.
Result<> decode(const Payload& payload, ScheduleState& state);

}  // namespace reprise
