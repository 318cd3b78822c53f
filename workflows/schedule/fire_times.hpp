// FireTimes: when a schedule fires: a cron expression or an interval, within bounds.
//
// Guarantees: an interval fires at the multiples of `every` since 1970, plus `offset`, whenever it was
//             created. Both bounds belong to the range.
// Units:      fire times are whole seconds.
// Errors:     invalid_argument; `field` is the path within a plan: "spec.interval.every".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "workflows/schedule/cron.hpp"
#include "workflows/schedule/schedule_plan.hpp"

namespace reprise {

class FireTimes {
 public:
  static Result<FireTimes> of(const ScheduleSpec& spec);

  // The first fire time later than `after`; nothing when there is none.
  [[nodiscard]] std::optional<UtcTime> next(UtcTime after) const;
  // Fire times t with after < t ≤ upto.
  [[nodiscard]] std::uint64_t count(UtcTime after, UtcTime upto) const;

 private:
  struct Interval {
    std::int64_t every_us = 0;
    std::int64_t offset_us = 0;
    [[nodiscard]] std::int64_t place(UtcTime time) const;  // of the last fire time not behind it
  };
  using Pattern = std::variant<Cron, Interval>;

  FireTimes(Pattern pattern, UtcTime start, UtcTime end)
      : pattern_(pattern), start_(start), end_(end) {}
  static Result<Pattern> pattern_of(const ScheduleSpec& spec);

  Pattern pattern_;
  UtcTime start_;
  UtcTime end_;
};

// "20261121T120000Z": a fire time as part of a workflow id.
std::string to_id_text(UtcTime fire);

}  // namespace reprise
