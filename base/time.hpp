// Three kinds of time that cannot be mixed up: UtcTime, SteadyTime, Duration. And Clock, which
// alone makes the first two.
//
// Guarantees: UtcTime is what the log records and may jump with the machine's clock; SteadyTime
//             never goes back and means nothing after a restart.
// Thread:     values are plain; Clock implementations may be called from any thread.
// Units:      microseconds throughout; printed as RFC 3339 UTC with milliseconds.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reprise {

using Duration = std::chrono::microseconds;

// A point in recorded time: microseconds since 1970-01-01T00:00:00Z.
class UtcTime {
 public:
  constexpr UtcTime() = default;
  static constexpr UtcTime from_micros(std::int64_t micros) { return UtcTime(micros); }
  static constexpr UtcTime max() { return UtcTime(INT64_MAX); }
  [[nodiscard]] constexpr std::int64_t micros() const { return micros_; }

  friend constexpr auto operator<=>(UtcTime, UtcTime) = default;
  // Saturates at the ends, so that "never" stays never.
  friend constexpr UtcTime operator+(UtcTime t, Duration d) {
    std::int64_t sum = 0;
    if (!__builtin_add_overflow(t.micros_, d.count(), &sum)) return UtcTime(sum);
    return UtcTime(d.count() > 0 ? INT64_MAX : INT64_MIN);
  }
  friend constexpr Duration operator-(UtcTime a, UtcTime b) {
    return Duration(a.micros_ - b.micros_);
  }

 private:
  constexpr explicit UtcTime(std::int64_t micros) : micros_(micros) {}
  std::int64_t micros_ = 0;
};

// A point on a clock that never goes back, for deadlines within one process.
class SteadyTime {
 public:
  constexpr SteadyTime() = default;
  static constexpr SteadyTime from_micros(std::int64_t micros) { return SteadyTime(micros); }
  static constexpr SteadyTime max() { return SteadyTime(INT64_MAX); }
  [[nodiscard]] constexpr std::int64_t micros() const { return micros_; }

  friend constexpr auto operator<=>(SteadyTime, SteadyTime) = default;
  friend constexpr SteadyTime operator+(SteadyTime t, Duration d) {
    std::int64_t sum = 0;
    if (!__builtin_add_overflow(t.micros_, d.count(), &sum)) return SteadyTime(sum);
    return SteadyTime(d.count() > 0 ? INT64_MAX : INT64_MIN);
  }
  friend constexpr Duration operator-(SteadyTime a, SteadyTime b) {
    return Duration(a.micros_ - b.micros_);
  }

 private:
  constexpr explicit SteadyTime(std::int64_t micros) : micros_(micros) {}
  std::int64_t micros_ = 0;
};

class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual UtcTime utc() const = 0;
  [[nodiscard]] virtual SteadyTime steady() const = 0;
};

// The machine's clocks.
const Clock& system_clock() noexcept;

// "2026-01-31T12:00:00.123Z". Times outside the years 0 to 9999 are written as the nearest within.
std::string to_rfc3339(UtcTime time);
// The inverse; accepts 0 to 9 digits of fraction and a numeric offset.
std::optional<UtcTime> parse_rfc3339(std::string_view text);

// "1.5s", "250ms", "30s", "2m", "1h" (no sign, one number and one unit).
std::optional<Duration> parse_duration(std::string_view text);

}  // namespace reprise
