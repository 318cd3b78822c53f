// Cron: the minutes at which a cron expression fires. UTC only.
//
//     field     values                  names
//     minute    0–59
//     hour      0–23
//     day       1–31
//     month     1–12                    jan … dec
//     weekday   0–7 (0 and 7: Sunday)   sun … sat
//   A field is `*` or a list of values and ranges, each with or without a step: `1,15`, `9-17/2`,
//   `*/10`, `mon-fri`. @hourly, @daily (@midnight), @weekly, @monthly and @yearly (@annually) stand
//   for whole expressions.
// Guarantees: where day and weekday are both something else than `*`, a day that fits either fires
//             (POSIX). What never fires (`0 0 31 2 *`) is refused.
// Errors:     invalid_argument; the detail names the field of the expression.
// Source:     POSIX.1-2017, crontab; the steps, names and @words are those of Vixie cron.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"

namespace reprise {

class Cron {
 public:
  static constexpr std::size_t kBytesMax = 256;

  static Result<Cron> parse(std::string_view text);

  // The first fire time later than `after`; nothing beyond the year 9999.
  [[nodiscard]] std::optional<UtcTime> next(UtcTime after) const;
  // Fire times t with after < t ≤ upto. Costs a look at each day between them.
  [[nodiscard]] std::uint64_t count(UtcTime after, UtcTime upto) const;

 private:
  // Bit n: the value n fits.
  struct Field {
    std::uint64_t values = 0;
    bool is_any = true;
    [[nodiscard]] bool has(unsigned value) const { return ((values >> value) & 1U) != 0; }
  };
  struct FieldRule;
  static Result<Field> parse_field(std::string_view text, const FieldRule& rule);

  [[nodiscard]] bool fits_day(std::int64_t day) const;
  // The first minute of a day that fits and is not before `minute`; nothing when there is none.
  [[nodiscard]] std::optional<unsigned> minute_from(unsigned minute) const;
  // Minutes of a day that fits, before `minute`.
  [[nodiscard]] std::uint64_t minutes_before(unsigned minute) const;

  Field minutes_;
  Field hours_;
  Field days_;
  Field months_;
  Field weekdays_;
};

}  // namespace reprise
