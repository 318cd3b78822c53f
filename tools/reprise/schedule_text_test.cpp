#include "tools/reprise/schedule_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace reprise::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(ScheduleText, AListShowsWhenEachFiresAndWhatItMissed) {
  const std::string text = schedule_list_text(
      R"({"schedules":[{"schedule_id":"nightly","paused":false,"spec":{"cron":"0 3 * * *"},)"
      R"("type":"report","next_fire_time":"2026-11-22T03:00:00.000Z","started":7,"missed":2},)"
      R"({"schedule_id":"poll","paused":true,"spec":{"interval":{"every":"15m","offset":"1m"}},)"
      R"("type":"fetch","next_fire_time":null}]})",
      {});
  EXPECT_THAT(text, HasSubstr("nightly"));
  EXPECT_THAT(text, HasSubstr("0 3 * * *"));
  EXPECT_THAT(text, HasSubstr("2026-11-22T03:00:00.000Z"));
  EXPECT_THAT(text, HasSubstr("paused  every 15m, offset 1m"));
}

TEST(ScheduleText, OneShowsItsNextAndLastStarts) {
  const std::string text = schedule_text(
      R"({"schedule_id":"nightly","paused":false,"spec":{"cron":"@daily"},)"
      R"("action":{"type":"report","input":{"secret":1}},"overlap":"skip","note":"",)"
      R"("next_fire_times":["2026-11-22T00:00:00.000Z"],"missed":3,"recent_starts":[)"
      R"({"fire_time":"2026-11-21T00:00:00.000Z","cause":"backfill","outcome":"refused",)"
      R"("workflow_id":"nightly-20261121T000000Z","message":"already_exists"}]})",
      {});
  EXPECT_THAT(text, HasSubstr("nightly  active  @daily  report\n"));
  EXPECT_THAT(text, HasSubstr("Next fire times\n  2026-11-22T00:00:00.000Z"));
  EXPECT_THAT(text, HasSubstr("backfill"));
  EXPECT_THAT(text, HasSubstr("already_exists"));
  EXPECT_THAT(text, Not(HasSubstr("note")));
}

TEST(ScheduleText, WhatIsNoScheduleIsNoCrash) {
  for (const char* odd : {"", "7", "[]", "{}", R"({"schedules":7})", R"({"recent_starts":[7]})"}) {
    EXPECT_FALSE(schedule_list_text(odd, {}).empty());
    EXPECT_FALSE(schedule_text(odd, {}).empty());
  }
}

}  // namespace
}  // namespace reprise::cli
