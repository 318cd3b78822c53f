#include "workflows/schedule/cron.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <chrono>
#include <span>
#include <string>

namespace reprise {
namespace {

constexpr std::int64_t kMinuteMicros = 60'000'000;
constexpr unsigned kDayMinutes = 24 * 60;
constexpr std::int64_t kLastDay = 2'932'896;  // 9999-12-31

constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                      "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kWeekdays = {"sun", "mon", "tue", "wed",
                                                       "thu", "fri", "sat"};

struct Word {
  std::string_view name;
  std::string_view meaning;
};
constexpr std::array<Word, 7> kWords = {{{"@hourly", "0 * * * *"},
                                         {"@daily", "0 0 * * *"},
                                         {"@midnight", "0 0 * * *"},
                                         {"@weekly", "0 0 * * 0"},
                                         {"@monthly", "0 0 1 * *"},
                                         {"@yearly", "0 0 1 1 *"},
                                         {"@annually", "0 0 1 1 *"}}};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

// What stands before the next `separator`; it is taken off `rest`.
std::string_view cut_at(std::string_view& rest, char separator) {
  const std::size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

std::int64_t floored(std::int64_t number, std::int64_t by) {
  return number / by - (number % by < 0 ? 1 : 0);
}

std::uint64_t below(std::uint64_t values, unsigned limit) {
  return limit >= 64 ? values : values & ((std::uint64_t{1} << limit) - 1);
}

std::uint64_t count_of(std::uint64_t values) {
  return static_cast<std::uint64_t>(std::popcount(values));
}

}  // namespace

struct Cron::FieldRule {
  std::string_view name;
  unsigned min;
  unsigned max;
  std::span<const std::string_view> names{};  // of the values from `min` on

  [[nodiscard]] std::unexpected<Error> refuse(std::string_view text, std::string_view why) const {
    return fail(Errc::invalid_argument, fmt::format("has the {} \"{}\": {}", name, text, why));
  }
  [[nodiscard]] Result<unsigned> value_of(std::string_view text) const {
    const auto named = std::ranges::find(names, text);
    if (named != names.end()) return min + static_cast<unsigned>(named - names.begin());
    unsigned value = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (text.empty() || error != std::errc{} || stop != end || value < min || value > max)
      return refuse(text,
                    fmt::format("use {} to {}{}", min, max,
                                names.empty() ? "" : " or the first three letters of a name"));
    return value;
  }
};

Result<Cron::Field> Cron::parse_field(std::string_view text, const FieldRule& rule) {
  Field field{.values = 0, .is_any = text == "*"};
  const bool ends_in_comma = text.ends_with(',');
  for (std::string_view rest = text; !rest.empty() || field.values == 0;) {
    const std::string_view item = cut_at(rest, ',');
    std::string_view step_text = item;
    std::string_view range = cut_at(step_text, '/');
    const bool has_step = range.size() < item.size();
    unsigned from = rule.min;
    unsigned to = rule.max;
    if (range != "*") {
      const bool is_range = range.find('-') != std::string_view::npos;
      const Result<unsigned> first = rule.value_of(cut_at(range, '-'));
      if (!first) return std::unexpected(first.error());
      const Result<unsigned> last = is_range ? rule.value_of(range) : *first;
      if (!last) return std::unexpected(last.error());
      from = *first;
      to = is_range || !has_step ? *last : rule.max;  // `5/10`: from 5 on
      if (from > to) return rule.refuse(item, "a range goes from the lower to the higher");
    }
    unsigned step = 1;
    if (has_step) {
      const char* const end = step_text.data() + step_text.size();
      const auto [stop, error] = std::from_chars(step_text.data(), end, step);
      if (error != std::errc{} || stop != end || step == 0)
        return rule.refuse(item, "a step is a whole number above 0");
    }
    for (std::uint64_t value = from; value <= to; value += step)
      field.values |= std::uint64_t{1} << value;
  }
  if (ends_in_comma) return rule.refuse(text, "a value is missing behind the comma");
  return field;
}

Result<Cron> Cron::parse(std::string_view text) {
  if (text.size() > kBytesMax)
    return fail(Errc::invalid_argument,
                fmt::format("is {} bytes long: at most {}", text.size(), kBytesMax));
  std::string expression = lower(text);
  const auto word = std::ranges::find(kWords, expression, &Word::name);
  if (word != kWords.end()) expression = word->meaning;
  if (expression.starts_with('@'))
    return fail(Errc::invalid_argument,
                "is not known: use @hourly, @daily, @weekly, @monthly, @yearly or five fields");

  static constexpr std::array<FieldRule, 5> kRules = {{{"minute", 0, 59},
                                                       {"hour", 0, 23},
                                                       {"day", 1, 31},
                                                       {"month", 1, 12, kMonths},
                                                       {"weekday", 0, 7, kWeekdays}}};
  Cron cron;
  const std::array<Field*, 5> fields = {&cron.minutes_, &cron.hours_, &cron.days_, &cron.months_,
                                        &cron.weekdays_};
  std::size_t count = 0;
  for (std::string_view rest = expression;;) {
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
    if (rest.empty()) break;
    const std::string_view part = rest.substr(0, rest.find_first_of(" \t"));
    rest.remove_prefix(part.size());
    if (count < fields.size()) {
      Result<Field> field = parse_field(part, kRules[count]);
      if (!field) return std::unexpected(std::move(field.error()));
      *fields[count] = *field;
    }
    ++count;
  }
  if (count != fields.size())
    return fail(Errc::invalid_argument,
                fmt::format("has {} fields: give five, minute hour day month weekday", count));
  if (cron.weekdays_.has(7)) cron.weekdays_.values |= 1U;
  if (!cron.next(UtcTime()))
    return fail(Errc::invalid_argument, "never fires: no such day is in these months");
  return cron;
}

bool Cron::fits_day(std::int64_t day) const {
  const std::chrono::sys_days date{std::chrono::days(day)};
  const std::chrono::year_month_day civil(date);
  if (!months_.has(static_cast<unsigned>(civil.month()))) return false;
  const bool in_month = days_.has(static_cast<unsigned>(civil.day()));
  const bool in_week = weekdays_.has(std::chrono::weekday(date).c_encoding());
  return days_.is_any || weekdays_.is_any ? in_month && in_week : in_month || in_week;
}

std::optional<unsigned> Cron::minute_from(unsigned minute) const {
  for (unsigned hour = minute / 60; hour < 24; ++hour) {
    if (!hours_.has(hour)) continue;
    const unsigned begin = hour == minute / 60 ? minute % 60 : 0;
    const std::uint64_t left = minutes_.values >> begin;
    if (left != 0) return hour * 60 + begin + static_cast<unsigned>(std::countr_zero(left));
  }
  return std::nullopt;
}

std::uint64_t Cron::minutes_before(unsigned minute) const {
  const unsigned hour = minute / 60;
  const std::uint64_t whole = count_of(below(hours_.values, hour)) * count_of(minutes_.values);
  return whole + (hours_.has(hour) ? count_of(below(minutes_.values, minute % 60)) : 0);
}

std::optional<UtcTime> Cron::next(UtcTime after) const {
  // The gap between two leap days is eight years at most; the search goes a little further.
  constexpr std::int64_t kSearchDays = 366 * 9;
  const std::int64_t minute = floored(after.micros(), kMinuteMicros) + 1;
  const std::int64_t today = floored(minute, kDayMinutes);
  const std::int64_t last = std::min(today + kSearchDays, kLastDay);
  for (std::int64_t day = today; day <= last; ++day) {
    if (!fits_day(day)) continue;
    const auto from = static_cast<unsigned>(day == today ? minute - day * kDayMinutes : 0);
    if (const auto found = minute_from(from))
      return UtcTime::from_micros((day * kDayMinutes + *found) * kMinuteMicros);
  }
  return std::nullopt;
}

std::uint64_t Cron::count(UtcTime after, UtcTime upto) const {
  const std::int64_t begin = floored(after.micros(), kMinuteMicros) + 1;
  const std::int64_t end = std::min(floored(upto.micros(), kMinuteMicros) + 1,
                                    (kLastDay + 1) * kDayMinutes);  // one behind the last minute
  std::uint64_t count = 0;
  for (std::int64_t day = floored(begin, kDayMinutes); day * kDayMinutes < end; ++day) {
    if (!fits_day(day)) continue;
    const std::int64_t first = day * kDayMinutes;
    const auto from = static_cast<unsigned>(std::max<std::int64_t>(begin - first, 0));
    const auto to = static_cast<unsigned>(std::min<std::int64_t>(end - first, kDayMinutes));
    count += minutes_before(to) - minutes_before(from);
  }
  return count;
}

}  // namespace reprise
