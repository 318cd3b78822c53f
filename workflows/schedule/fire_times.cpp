#include "workflows/schedule/fire_times.hpp"

#include <algorithm>

namespace reprise {
namespace {

constexpr std::int64_t kSecondMicros = 1'000'000;
constexpr Duration kEveryMax = std::chrono::days(3650);
constexpr UtcTime kFirst = UtcTime::from_micros(0);
constexpr UtcTime kLast =
    UtcTime::from_micros(253'402'300'799 * kSecondMicros);  // of the year 9999

std::unexpected<Error> refuse(std::string detail, std::string field) {
  return fail(Errc::invalid_argument, std::move(detail), std::move(field));
}

Result<UtcTime> bound_of(const std::string& text, UtcTime otherwise, const char* field) {
  if (text.empty()) return otherwise;
  const auto time = parse_rfc3339(text);
  if (!time || *time < kFirst || *time > kLast)
    return refuse("must be a time from 1970 to 9999, like 2026-11-21T12:00:00Z", field);
  return *time;
}

}  // namespace

std::int64_t FireTimes::Interval::place(UtcTime time) const {
  const std::int64_t distance = time.micros() - offset_us;
  return distance / every_us - (distance % every_us < 0 ? 1 : 0);
}

Result<FireTimes::Pattern> FireTimes::pattern_of(const ScheduleSpec& spec) {
  const ScheduleInterval& interval = spec.interval;
  const bool has_interval = !interval.every.empty() || !interval.offset.empty();
  if (spec.cron.empty() != has_interval)
    return refuse(has_interval ? "has both cron and interval: give one of them"
                               : "is missing: give cron, like \"0 9 * * mon-fri\", or interval, "
                                 "like {\"every\":\"1h\"}",
                  "spec");
  if (!has_interval) {
    Result<Cron> cron = Cron::parse(spec.cron);
    if (!cron) return refuse(std::move(cron.error().detail), "spec.cron");
    return *cron;
  }
  const auto every = parse_duration(interval.every);
  if (!every || every->count() < kSecondMicros || every->count() % kSecondMicros != 0 ||
      *every > kEveryMax)
    return refuse("must be whole seconds from 1s to ten years, like 30s, 15m or 24h",
                  "spec.interval.every");
  const auto offset = interval.offset.empty() ? Duration(0) : parse_duration(interval.offset);
  if (!offset || offset->count() % kSecondMicros != 0 || *offset >= *every)
    return refuse("must be whole seconds, and shorter than every", "spec.interval.offset");
  return Interval{every->count(), offset->count()};
}

Result<FireTimes> FireTimes::of(const ScheduleSpec& spec) {
  const Result<Pattern> pattern = pattern_of(spec);
  if (!pattern) return std::unexpected(pattern.error());
  const Result<UtcTime> start = bound_of(spec.start_at, kFirst, "spec.start_at");
  if (!start) return std::unexpected(start.error());
  const Result<UtcTime> end = bound_of(spec.end_at, kLast, "spec.end_at");
  if (!end) return std::unexpected(end.error());
  if (*end < *start) return refuse("is before start_at", "spec.end_at");
  return FireTimes(*pattern, *start, *end);
}

std::optional<UtcTime> FireTimes::next(UtcTime after) const {
  const UtcTime from = std::max(after, start_ + Duration(-1));
  if (from >= end_) return std::nullopt;
  std::optional<UtcTime> found;
  if (const auto* interval = std::get_if<Interval>(&pattern_))
    found = UtcTime::from_micros((interval->place(from) + 1) * interval->every_us +
                                 interval->offset_us);
  else
    found = std::get<Cron>(pattern_).next(from);
  return found && *found <= end_ ? found : std::nullopt;
}

std::uint64_t FireTimes::count(UtcTime after, UtcTime upto) const {
  const UtcTime from = std::max(after, start_ + Duration(-1));
  const UtcTime to = std::min(upto, end_);
  if (from >= to) return 0;
  if (const auto* interval = std::get_if<Interval>(&pattern_))
    return static_cast<std::uint64_t>(interval->place(to) - interval->place(from));
  return std::get<Cron>(pattern_).count(from, to);
}

std::string to_id_text(UtcTime fire) {
  std::string text = to_rfc3339(fire).substr(0, 19) + "Z";  // without the milliseconds
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text;
}

}  // namespace reprise
