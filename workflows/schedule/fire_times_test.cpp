#include "workflows/schedule/fire_times.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

namespace reprise {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

UtcTime at(std::string_view text) { return parse_rfc3339(text).value(); }

std::vector<std::string> fires(const ScheduleSpec& spec, std::string_view after, int count) {
  const FireTimes times = FireTimes::of(spec).value();
  std::vector<std::string> found;
  for (auto last = times.next(at(after)); last && count > 0; last = times.next(*last), --count)
    found.push_back(to_rfc3339(*last).substr(11, 8));
  return found;
}

std::string refused_field(const ScheduleSpec& spec) {
  const auto times = FireTimes::of(spec);
  return times ? "accepted" : times.error().field;
}

TEST(FireTimes, AnIntervalIsCountedFrom1970NotFromItsCreation) {
  EXPECT_THAT(fires({.interval = {"15m", "1m"}}, "2026-11-21T12:05:00Z", 3),
              ElementsAre("12:16:00", "12:31:00", "12:46:00"));
}

TEST(FireTimes, BothBoundsBelongToTheRange) {
  const ScheduleSpec spec{
      .interval = {"1h", ""}, .start_at = "2026-11-21T13:00:00Z", .end_at = "2026-11-21T15:00:00Z"};
  EXPECT_THAT(fires(spec, "2026-11-21T02:05:00Z", 9),
              ElementsAre("13:00:00", "14:00:00", "15:00:00"));
  EXPECT_THAT(fires(spec, "2026-11-21T15:00:00Z", 9), IsEmpty());
  const FireTimes times = FireTimes::of(spec).value();
  EXPECT_EQ(times.count(at("2026-11-20T00:00:00Z"), at("2026-11-30T00:00:00Z")), 3U);
  EXPECT_EQ(times.count(at("2026-11-21T13:00:00Z"), at("2026-11-21T14:00:00Z")), 1U);
}

TEST(FireTimes, ABoundedCronEnds) {
  EXPECT_THAT(
      fires({.cron = "@hourly", .end_at = "2026-11-21T13:30:00Z"}, "2026-11-21T12:00:00Z", 9),
      ElementsAre("13:00:00"));
}

TEST(FireTimes, WhatIsWrongIsNamed) {
  EXPECT_EQ(refused_field({}), "spec");
  EXPECT_EQ(refused_field({.cron = "@daily", .interval = {"1h", ""}}), "spec");
  EXPECT_EQ(refused_field({.cron = "nonsense"}), "spec.cron");
  EXPECT_EQ(refused_field({.interval = {"", "1s"}}), "spec.interval.every");
  EXPECT_EQ(refused_field({.interval = {"500ms", ""}}), "spec.interval.every");
  EXPECT_EQ(refused_field({.interval = {"1.5s", ""}}), "spec.interval.every");
  EXPECT_EQ(refused_field({.interval = {"0s", ""}}), "spec.interval.every");
  EXPECT_EQ(refused_field({.interval = {"1h", "1h"}}), "spec.interval.offset");
  EXPECT_EQ(refused_field({.interval = {"1h", "10ms"}}), "spec.interval.offset");
  EXPECT_EQ(refused_field({.interval = {"1h", ""}, .start_at = "soon"}), "spec.start_at");
  EXPECT_EQ(refused_field({.interval = {"1h", ""}, .end_at = "2026"}), "spec.end_at");
  EXPECT_EQ(refused_field({.interval = {"1h", ""},
                           .start_at = "2026-11-21T13:00:00Z",
                           .end_at = "2026-11-21T12:00:00Z"}),
            "spec.end_at");
}

TEST(FireTimes, AFireTimeIsPartOfAnId) {
  EXPECT_EQ(to_id_text(at("2026-11-21T12:00:05Z")), "20261121T120005Z");
}

RC_GTEST_PROP(FireTimesProperty, AnIntervalsNextIsTheOnlyOneOnTheWay, ()) {
  const int every = *rc::gen::inRange(1, 100'000);
  const int offset = *rc::gen::inRange(0, every);
  const FireTimes times =
      FireTimes::of({.interval = {std::to_string(every) + "s", std::to_string(offset) + "s"}})
          .value();
  const UtcTime after =
      UtcTime::from_micros(*rc::gen::inRange<std::int64_t>(0, 4'000'000'000'000'000));
  const UtcTime next = times.next(after).value();
  RC_ASSERT(next > after);
  RC_ASSERT(next - after <= std::chrono::seconds(every));
  RC_ASSERT((next.micros() / 1'000'000 - offset) % every == 0);
  RC_ASSERT(times.count(after, next) == 1U);
  RC_ASSERT(times.count(after, next + Duration(-1)) == 0U);
}

}  // namespace
}  // namespace reprise
