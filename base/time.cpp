#include "base/time.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace reprise {
namespace {

class SystemClock final : public Clock {
 public:
  UtcTime utc() const override {
    return UtcTime::from_micros(
        std::chrono::duration_cast<Duration>(std::chrono::system_clock::now().time_since_epoch())
            .count());
  }
  SteadyTime steady() const override {
    return SteadyTime::from_micros(
        std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch())
            .count());
  }
};

// Reads exactly `digits` decimal digits at the front of `text` and drops them.
std::optional<int> take_digits(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  unsigned value = 0;  // unsigned: no sign is taken for a digit
  const auto [end, ec] = std::from_chars(text.data(), text.data() + digits, value);
  if (ec != std::errc{} || end != text.data() + digits) return std::nullopt;
  text.remove_prefix(digits);
  return static_cast<int>(value);
}

bool take(std::string_view& text, char wanted) {
  if (text.empty() || text.front() != wanted) return false;
  text.remove_prefix(1);
  return true;
}

// The offset of "Z", "+02:00" or "-05:30", in minutes.
std::optional<int> take_offset_minutes(std::string_view& text) {
  if (take(text, 'Z') || take(text, 'z')) return 0;
  const bool east = take(text, '+');
  if (!east && !take(text, '-')) return std::nullopt;
  const auto hours = take_digits(text, 2);
  if (!hours || !take(text, ':')) return std::nullopt;
  const auto minutes = take_digits(text, 2);
  if (!minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const int offset = *hours * 60 + *minutes;
  return east ? offset : -offset;
}

// ".123456" → 123456 µs; digits past the sixth are dropped.
std::optional<std::int64_t> take_fraction_micros(std::string_view& text) {
  if (!take(text, '.')) return 0;
  std::int64_t micros = 0;
  std::size_t digits = 0;
  for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1)) {
    if (digits < 6) micros = micros * 10 + (text.front() - '0');
    ++digits;
  }
  if (digits == 0 || digits > 9) return std::nullopt;
  for (; digits < 6; ++digits) micros *= 10;
  return micros;
}

}  // namespace

const Clock& system_clock() noexcept {
  static const SystemClock clock;
  return clock;
}

std::string to_rfc3339(UtcTime time) {
  using namespace std::chrono;
  constexpr std::int64_t kFirst = -62'167'219'200'000'000;  // 0000-01-01T00:00:00Z
  constexpr std::int64_t kLast = 253'402'300'799'999'999;   // 9999-12-31T23:59:59.999999Z
  const sys_time<microseconds> point{microseconds(std::clamp(time.micros(), kFirst, kLast))};
  const auto day = floor<days>(point);
  const year_month_day date{day};
  const hh_mm_ss clock{floor<milliseconds>(point - day)};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

std::optional<UtcTime> parse_rfc3339(std::string_view text) {
  using namespace std::chrono;
  const auto y = take_digits(text, 4);
  if (!y || !take(text, '-')) return std::nullopt;
  const auto mo = take_digits(text, 2);
  if (!mo || !take(text, '-')) return std::nullopt;
  const auto d = take_digits(text, 2);
  if (!d || !(take(text, 'T') || take(text, 't') || take(text, ' '))) return std::nullopt;
  const auto h = take_digits(text, 2);
  if (!h || !take(text, ':')) return std::nullopt;
  const auto mi = take_digits(text, 2);
  if (!mi || !take(text, ':')) return std::nullopt;
  const auto s = take_digits(text, 2);
  if (!s) return std::nullopt;
  const auto fraction = take_fraction_micros(text);
  const auto offset = take_offset_minutes(text);
  const year_month_day date{year(*y), month(static_cast<unsigned>(*mo)),
                            day(static_cast<unsigned>(*d))};
  if (!fraction || !offset || !text.empty() || !date.ok() || *h > 23 || *mi > 59 || *s > 60)
    return std::nullopt;
  const auto point =
      sys_days(date) + hours(*h) + minutes(*mi - *offset) + seconds(*s) + microseconds(*fraction);
  return UtcTime::from_micros(duration_cast<microseconds>(point.time_since_epoch()).count());
}

std::optional<Duration> parse_duration(std::string_view text) {
  double number = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (ec != std::errc{} || std::signbit(number) || std::isnan(number)) return std::nullopt;
  const std::string_view unit(end, text.data() + text.size());
  double micros = 0;
  if (unit == "us")
    micros = 1;
  else if (unit == "ms")
    micros = 1e3;
  else if (unit == "s")
    micros = 1e6;
  else if (unit == "m")
    micros = 60e6;
  else if (unit == "h")
    micros = 3600e6;
  else if (unit == "d")
    micros = 86400e6;
  else
    return std::nullopt;
  constexpr double kTenYears = 10.0 * 365 * 86400e6;
  if (number * micros > kTenYears) return std::nullopt;
  return Duration(std::llround(number * micros));
}

}  // namespace reprise
