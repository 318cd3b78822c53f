#include "workflows/schedule/cron.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

namespace reprise {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

UtcTime at(std::string_view text) { return parse_rfc3339(text).value(); }

Cron cron_of(const std::string& text) { return Cron::parse(text).value(); }

std::string why_not(const std::string& text) {
  const Result<Cron> cron = Cron::parse(text);
  return cron ? "accepted" : cron.error().detail;
}

std::vector<std::string> fires(const std::string& text, std::string_view after, int count) {
  const Cron cron = cron_of(text);
  std::vector<std::string> found;
  for (UtcTime last = at(after); count > 0; --count) {
    last = cron.next(last).value();
    found.push_back(to_rfc3339(last).substr(0, 16));
  }
  return found;
}

TEST(Cron, FieldsAreMinuteHourDayMonthWeekday) {
  EXPECT_THAT(fires("30 6 * * *", "2026-11-21T06:30:00Z", 2),
              ElementsAre("2026-11-22T06:30", "2026-11-23T06:30"));
  EXPECT_THAT(fires("0 0 1 jan *", "2026-11-21T12:00:00Z", 2),
              ElementsAre("2027-01-01T00:00", "2028-01-01T00:00"));
  EXPECT_THAT(fires("0 9 * * mon-fri", "2026-11-20T09:00:00Z", 2),  // a Friday
              ElementsAre("2026-11-23T09:00", "2026-11-24T09:00"));
}

TEST(Cron, ListsRangesAndStepsMayBeMixed) {
  EXPECT_THAT(fires("5,10-20/5,*/30 3 * * *", "2026-01-01T03:00:00Z", 6),
              ElementsAre("2026-01-01T03:05", "2026-01-01T03:10", "2026-01-01T03:15",
                          "2026-01-01T03:20", "2026-01-01T03:30", "2026-01-02T03:00"));
  EXPECT_THAT(fires("50/5 0 * * *", "2026-01-01T00:00:00Z", 3),
              ElementsAre("2026-01-01T00:50", "2026-01-01T00:55", "2026-01-02T00:50"));
}

TEST(Cron, AFractionOfAMinuteDoesNotSkipTheNextOne) {
  EXPECT_THAT(fires("* * * * *", "2026-01-01T00:00:59.999999Z", 1),
              ElementsAre("2026-01-01T00:01"));
}

TEST(Cron, DayAndWeekdayTogetherMeanEither) {
  EXPECT_THAT(fires("0 0 13 * fri", "2026-11-06T00:00:00Z", 3),  // a Friday
              ElementsAre("2026-11-13T00:00", "2026-11-20T00:00", "2026-11-27T00:00"));
  EXPECT_THAT(fires("0 0 15 * 7", "2026-11-14T00:00:00Z", 3),
              ElementsAre("2026-11-15T00:00", "2026-11-22T00:00", "2026-11-29T00:00"));
}

TEST(Cron, BothSevenAndZeroAreSunday) {
  EXPECT_EQ(fires("0 0 * * 7", "2026-11-21T00:00:00Z", 3),
            fires("0 0 * * SUN", "2026-11-21T00:00:00Z", 3));
  EXPECT_THAT(fires("0 0 * * 5-7", "2026-11-21T00:00:00Z", 2),  // a Saturday
              ElementsAre("2026-11-22T00:00", "2026-11-27T00:00"));
}

TEST(Cron, LeapDaysAreFoundOverTheLongestGap) {
  EXPECT_THAT(fires("0 0 29 2 *", "2026-01-01T00:00:00Z", 1), ElementsAre("2028-02-29T00:00"));
  EXPECT_THAT(fires("0 0 29 2 *", "2096-02-29T00:00:00Z", 1), ElementsAre("2104-02-29T00:00"));
}

TEST(Cron, WordsStandForExpressions) {
  for (const auto& [word, meaning] :
       std::vector<std::pair<std::string, std::string>>{{"@hourly", "0 * * * *"},
                                                        {"@daily", "0 0 * * *"},
                                                        {"@weekly", "0 0 * * 0"},
                                                        {"@monthly", "0 0 1 * *"},
                                                        {"@yearly", "0 0 1 1 *"}})
    EXPECT_EQ(fires(word, "2026-11-21T12:34:56Z", 5), fires(meaning, "2026-11-21T12:34:56Z", 5));
}

TEST(Cron, ItEndsWithTheYear9999) {
  EXPECT_FALSE(cron_of("* * * * *").next(at("9999-12-31T23:59:00Z")));
  EXPECT_EQ(cron_of("* * * * *").count(at("9999-12-31T23:00:00Z"), UtcTime::max()), 59U);
}

TEST(Cron, WhatIsWrongIsNamed) {
  EXPECT_THAT(why_not(""), HasSubstr("has 0 fields"));
  EXPECT_THAT(why_not("* * * *"), HasSubstr("has 4 fields"));
  EXPECT_THAT(why_not("0 * * * * *"), HasSubstr("has 6 fields"));
  EXPECT_THAT(why_not("60 * * * *"), HasSubstr("the minute \"60\": use 0 to 59"));
  EXPECT_THAT(why_not("* 24 * * *"), HasSubstr("the hour"));
  EXPECT_THAT(why_not("* * 0 * *"), HasSubstr("the day \"0\": use 1 to 31"));
  EXPECT_THAT(why_not("* * * foo *"), HasSubstr("the month \"foo\""));
  EXPECT_THAT(why_not("* * * * 8"), HasSubstr("the weekday"));
  EXPECT_THAT(why_not("5-1 * * * *"), HasSubstr("from the lower to the higher"));
  EXPECT_THAT(why_not("*/0 * * * *"), HasSubstr("step"));
  EXPECT_THAT(why_not("1, * * * *"), HasSubstr("behind the comma"));
  EXPECT_THAT(why_not(",1 * * * *"), HasSubstr("minute"));
  EXPECT_THAT(why_not("1- * * * *"), HasSubstr("minute"));
  EXPECT_THAT(why_not("*/ * * * *"), HasSubstr("step"));
  EXPECT_THAT(why_not("+1 * * * *"), HasSubstr("minute"));
  EXPECT_THAT(why_not("@reboot"), HasSubstr("not known"));
  EXPECT_THAT(why_not(std::string(300, '1')), HasSubstr("300 bytes"));
}

TEST(Cron, WhatNeverFiresIsRefused) {
  EXPECT_THAT(why_not("0 0 31 2 *"), HasSubstr("never fires"));
  EXPECT_THAT(why_not("0 0 30 feb *"), HasSubstr("never fires"));
  EXPECT_THAT(why_not("0 0 31 4,6,9,11 *"), HasSubstr("never fires"));
  EXPECT_EQ(why_not("0 0 31 2 mon"), "accepted");  // on Mondays
  EXPECT_EQ(why_not("0 0 29 2 *"), "accepted");
}

// --- against a walk over every minute that knows nothing of days and bits ---
struct Plain {
  std::vector<int> minutes, hours, days, months, weekdays;  // empty: any

  [[nodiscard]] std::string text() const {
    std::string out;
    for (const auto* field : {&minutes, &hours, &days, &months, &weekdays}) {
      std::string part;
      for (const int value : *field) part += (part.empty() ? "" : ",") + std::to_string(value);
      out += (out.empty() ? "" : " ") + (part.empty() ? "*" : part);
    }
    return out;
  }
  static bool fits(const std::vector<int>& field, int value) {
    return field.empty() || std::ranges::find(field, value) != field.end();
  }
  [[nodiscard]] bool fires_at(UtcTime time) const {
    const std::int64_t day = time.micros() / 86'400'000'000;
    const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(day))};
    const auto minute = static_cast<int>(time.micros() / 60'000'000 % 1440);
    const auto weekday = static_cast<int>((day + 4) % 7);  // 1970-01-01 was a Thursday
    const bool by_day = fits(days, static_cast<int>(static_cast<unsigned>(date.day())));
    const bool by_week =
        fits(weekdays, weekday) || (!weekdays.empty() && weekday == 0 && fits(weekdays, 7));
    const bool day_fits = days.empty() || weekdays.empty() ? by_day && by_week : by_day || by_week;
    return fits(minutes, minute % 60) && fits(hours, minute / 60) &&
           fits(months, static_cast<int>(static_cast<unsigned>(date.month()))) && day_fits;
  }
};

std::vector<int> any_values(int min, int max) {
  if (*rc::gen::arbitrary<bool>()) return {};
  std::vector<int> values(*rc::gen::inRange<std::size_t>(1, 6));
  for (int& value : values) value = *rc::gen::inRange(min, max + 1);
  return values;
}

Plain any_plain() {
  return {any_values(0, 59), any_values(0, 23), any_values(1, 28), any_values(1, 12),
          any_values(0, 7)};
}

UtcTime any_time() {  // 1970 to 2100, to the microsecond
  return UtcTime::from_micros(*rc::gen::inRange<std::int64_t>(0, 4'102'444'800) * 1'000'000 +
                              *rc::gen::inRange<std::int64_t>(0, 1'000'000));
}

RC_GTEST_PROP(CronProperty, NextIsLaterFitsAndNothingBetweenDoes, ()) {
  const Plain plain = any_plain();
  const Cron cron = cron_of(plain.text());
  const UtcTime after = any_time();
  const UtcTime next = cron.next(after).value();
  RC_ASSERT(next > after);
  RC_ASSERT(next.micros() % 60'000'000 == 0);
  RC_ASSERT(plain.fires_at(next));
  // A week of minutes at most: a year of them for every case would take long.
  UtcTime minute = UtcTime::from_micros((after.micros() / 60'000'000 + 1) * 60'000'000);
  for (int i = 0; i < 7 * 24 * 60 && minute < next; ++i) {
    if (plain.fires_at(minute)) RC_FAIL(to_rfc3339(minute));
    minute = minute + std::chrono::minutes(1);
  }
}

RC_GTEST_PROP(CronProperty, CountIsHowOftenNextGoesThere, ()) {
  const Cron cron = cron_of(any_plain().text());
  const UtcTime after = any_time();
  const UtcTime upto = after + std::chrono::minutes(*rc::gen::inRange(0, 3 * 24 * 60));
  std::uint64_t walked = 0;
  for (UtcTime t = after; (t = cron.next(t).value()) <= upto;) ++walked;
  RC_ASSERT(cron.count(after, upto) == walked);
}

RC_GTEST_PROP(CronProperty, NoTextIsTooOddToBeReadOrRefused, ()) {
  const auto text = *rc::gen::container<std::string>(
      rc::gen::elementOf(std::string("0123456789*/-, @adhilmnoyw\t")));
  const Result<Cron> cron = Cron::parse(text);
  RC_ASSERT(cron || !cron.error().detail.empty());
}

}  // namespace
}  // namespace reprise
