// SchedulePlan: what a schedule is to do, as a user hands it in: when, what, and under which policies.
//
// Guarantees: decode() takes what the API takes and nothing else. Times and durations stay the texts
//             that they were; check() says whether they mean something.
// Units:      durations "90s", "15m", "1h"; times RFC 3339; lengths in characters.
// Errors:     invalid_argument; `field` is the path: "spec.cron".
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "activities/contracts/json_shape.hpp"
#include "base/time.hpp"

namespace reprise {

// A scheduled start when the run that the schedule started before is still open. Durable numbers.
enum class Overlap : std::uint8_t {
  skip = 1,             // it does not happen
  buffer_one = 2,       // it waits for the end of that run; one may wait, others are skipped
  buffer_all = 3,       // the same for a hundred
  cancel_other = 4,     // that run is asked to end, and the start waits for it
  terminate_other = 5,  // that run is ended, and the start follows
  allow_all = 6,        // it happens; such runs are not waited for by later starts either
};

constexpr auto enum_names(Overlap) {
  return std::array{EnumName{Overlap::skip, "skip"},
                    EnumName{Overlap::buffer_one, "buffer_one"},
                    EnumName{Overlap::buffer_all, "buffer_all"},
                    EnumName{Overlap::cancel_other, "cancel_other"},
                    EnumName{Overlap::terminate_other, "terminate_other"},
                    EnumName{Overlap::allow_all, "allow_all"}};
}

struct ScheduleInterval {
  std::string every;   // whole seconds
  std::string offset;  // from the multiples of `every` since 1970
  static void fields(auto& codec, auto& self) {
    codec("every", self.every, Text{.max = 40});
    codec("offset", self.offset, Text{.max = 40});
  }
};

// One of cron and interval.
struct ScheduleSpec {
  std::string cron;  // in UTC
  ScheduleInterval interval;
  std::string start_at;                 // no fire time before; empty: no bound
  std::string end_at;                   // none behind
  std::uint32_t remaining_actions = 0;  // so many scheduled starts; 0: without end
  static void fields(auto& codec, auto& self) {
    codec("cron", self.cron, Text{.max = 256});
    codec("interval", self.interval);
    codec("start_at", self.start_at, Text{.max = 40});
    codec("end_at", self.end_at, Text{.max = 40});
    codec("remaining_actions", self.remaining_actions,
          Whole{.min = 1, .max = 1'000'000'000, .otherwise = 0});
  }
};

struct ScheduleAction {
  static constexpr std::size_t kInputCharactersMax = 65'536;
  std::string type;
  std::string input;  // the payload's bytes
  std::string run_timeout;
  std::string execution_timeout;
  static void fields(auto& codec, auto& self) {
    codec("type", self.type, Text{.min = 1, .max = 200});
    codec("input", self.input, Text{.max = kInputCharactersMax});
    codec("run_timeout", self.run_timeout, Text{.max = 40});
    codec("execution_timeout", self.execution_timeout, Text{.max = 40});
  }
};

struct SchedulePlan {
  ScheduleSpec spec;
  ScheduleAction action;
  Overlap overlap = Overlap::skip;
  std::string catchup_window;  // empty: kCatchupDefault
  std::string jitter;          // empty: none
  static void fields(auto& codec, auto& self) {
    codec("spec", self.spec);
    codec("action", self.action);
    codec("overlap", self.overlap);
    codec("catchup_window", self.catchup_window, Text{.max = 40});
    codec("jitter", self.jitter, Text{.max = 40});
  }
};

inline constexpr Duration kCatchupDefault = std::chrono::hours(1);
inline constexpr Duration kCatchupMax = std::chrono::days(365);
inline constexpr Duration kJitterMax = std::chrono::days(1);

// The first thing that is wrong with it.
Result<> check(const SchedulePlan& plan);

// Of a plan that passed check(); an empty text is `otherwise`.
Duration duration_of(const std::string& text, Duration otherwise = {});

}  // namespace reprise
