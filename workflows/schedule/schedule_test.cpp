#include "workflows/schedule/schedule.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace reprise {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

UtcTime at(std::string_view clock) {
  return parse_rfc3339("2026-11-21T" + std::string(clock) + "Z").value();
}

// A schedule of every full hour, begun at 12:00; what it does, by the hour.
class Hourly {
 public:
  explicit Hourly(SchedulePlan plan = {}) : schedule_("s", state_of(std::move(plan))) {
    schedule_.begin(at("12:00:00"), 7);
  }
  // The starts that happen when it is looked at then.
  std::vector<std::string> look(std::string_view clock) {
    schedule_.advance(at(clock));
    std::vector<std::string> starts;
    while (const auto start = schedule_.take()) {
      starts.push_back(schedule_.workflow_id(*start).substr(2));
      schedule_.started(at(clock));
    }
    return starts;
  }
  void close(std::string_view clock) {
    schedule_.advance(at(clock));
    schedule_.closed("completed");
  }
  [[nodiscard]] const ScheduleCounts& counts() const { return schedule_.state().counts; }
  Schedule* operator->() { return &schedule_; }

 private:
  static ScheduleState state_of(SchedulePlan plan) {
    if (plan.spec.cron.empty() && plan.spec.interval.every.empty()) plan.spec.interval.every = "1h";
    ScheduleState state;
    state.plan = std::move(plan);
    return state;
  }
  Schedule schedule_;
};

TEST(Schedule, FiresBehindItsCreationNotAtIt) {
  Hourly schedule;
  EXPECT_THAT(schedule.look("12:59:59"), IsEmpty());
  EXPECT_EQ(schedule->wakes_at(), at("13:00:00"));
  EXPECT_THAT(schedule.look("13:00:00"), ElementsAre("20261121T130000Z"));
  EXPECT_THAT(schedule.look("13:00:00"), IsEmpty());
}

// --- overlap ---
TEST(ScheduleOverlap, SkipStartsNothingWhileARunIsOpenAndNeedNotEvenWake) {
  Hourly schedule;
  EXPECT_THAT(schedule.look("13:00:00"), SizeIs(1));
  EXPECT_EQ(schedule->wakes_at(), std::nullopt);
  schedule.close("16:30:00");
  EXPECT_EQ(schedule.counts().skipped, 3U);
  EXPECT_THAT(schedule.look("16:30:00"), IsEmpty());
  EXPECT_THAT(schedule.look("17:00:00"), ElementsAre("20261121T170000Z"));
}

TEST(ScheduleOverlap, BufferOneKeepsTheFirstAndSkipsTheRest) {
  Hourly schedule({.overlap = Overlap::buffer_one});
  schedule.look("13:00:00");
  EXPECT_EQ(schedule->wakes_at(), at("14:00:00"));
  EXPECT_THAT(schedule.look("14:00:00"), IsEmpty());
  EXPECT_EQ(schedule->wakes_at(), std::nullopt);  // one waits: others cannot
  schedule.close("16:30:00");
  EXPECT_EQ(schedule.counts().skipped, 2U);
  EXPECT_THAT(schedule.look("16:30:00"), ElementsAre("20261121T140000Z"));
}

TEST(ScheduleOverlap, BufferAllKeepsAHundredAndCountsWhatIsOver) {
  Hourly schedule({.spec = {.interval = {"1m", ""}}, .overlap = Overlap::buffer_all});
  schedule.look("12:01:00");
  for (const char* clock : {"12:50:00", "13:40:00", "14:00:00"})
    EXPECT_THAT(schedule.look(clock), IsEmpty());
  EXPECT_EQ(schedule->state().waiting.size(), kWaitingStartsMax);
  EXPECT_EQ(schedule.counts().overflowed, 19U);  // 12:02 to 14:00 are 119
  schedule.close("14:00:30");
  EXPECT_THAT(schedule.look("14:00:30"), ElementsAre("20261121T120200Z"));
  schedule.close("14:00:40");
  EXPECT_THAT(schedule.look("14:00:40"), ElementsAre("20261121T120300Z"));
}

TEST(ScheduleOverlap, CancelOtherAsksOnceAndStartsBehindTheEnd) {
  Hourly schedule({.overlap = Overlap::cancel_other});
  schedule.look("13:00:00");
  EXPECT_EQ(schedule->take_stop(), StopVerb::none);
  EXPECT_THAT(schedule.look("14:00:00"), IsEmpty());
  EXPECT_EQ(schedule->take_stop(), StopVerb::cancel);
  EXPECT_EQ(schedule->take_stop(), StopVerb::none);
  schedule.close("15:30:00");
  EXPECT_EQ(schedule.counts().skipped, 1U);
  EXPECT_THAT(schedule.look("15:30:00"), ElementsAre("20261121T140000Z"));
  EXPECT_EQ(schedule->take_stop(), StopVerb::none);  // the new run is owed nothing
}

TEST(ScheduleOverlap, TerminateOtherIsStrongerThanACancelThatWasAsked) {
  Hourly schedule({.overlap = Overlap::cancel_other});
  schedule.look("13:00:00");
  schedule.look("14:00:00");
  EXPECT_EQ(schedule->take_stop(), StopVerb::cancel);
  schedule->trigger(at("14:10:00"), Overlap::terminate_other);
  EXPECT_EQ(schedule->take_stop(), StopVerb::terminate);
}

TEST(ScheduleOverlap, AllowAllStartsBesideAndIsNotLookedAtLater) {
  Hourly schedule({.overlap = Overlap::allow_all});
  EXPECT_THAT(schedule.look("13:00:00"), SizeIs(1));
  EXPECT_THAT(schedule.look("14:00:00"), SizeIs(1));
  EXPECT_EQ(schedule->open_workflow(), std::nullopt);
  EXPECT_EQ(schedule->trigger(at("14:10:00"), Overlap::skip).offered, Schedule::Offered::starts);
}

// --- the catch-up window ---
TEST(ScheduleCatchUp, WhatIsOlderThanTheWindowIsMissed) {
  Hourly schedule({.overlap = Overlap::allow_all, .catchup_window = "2h"});
  EXPECT_THAT(schedule.look("18:30:00"), ElementsAre("20261121T170000Z", "20261121T180000Z"));
  EXPECT_EQ(schedule.counts().missed, 4U);  // 13 to 16
}

TEST(ScheduleCatchUp, ExactlyTheWindowIsStillInTime) {
  Hourly schedule({.overlap = Overlap::allow_all, .catchup_window = "2h"});
  EXPECT_THAT(schedule.look("15:00:00"), SizeIs(3));
  EXPECT_EQ(schedule.counts().missed, 0U);
}

TEST(ScheduleCatchUp, UnderSkipOneStartMakesUpForAll) {
  Hourly schedule({.catchup_window = "9h"});
  EXPECT_THAT(schedule.look("16:00:00"), ElementsAre("20261121T130000Z"));
  EXPECT_EQ(schedule.counts().skipped, 3U);
}

TEST(ScheduleCatchUp, YearsOfMissedSecondsAreCountedNotWalked) {
  ScheduleState state;
  state.plan.spec.interval.every = "1s";
  Schedule schedule("s", state);
  schedule.begin(at("12:00:00"), 7);
  schedule.advance(at("12:00:00") + std::chrono::days(36'500));
  EXPECT_EQ(schedule.state().counts.missed, 36'500ULL * 86'400 - 3'601);
}

// --- pause ---
TEST(SchedulePause, DropsFireTimesAndWhatWaitsButNotTriggers) {
  Hourly schedule({.overlap = Overlap::buffer_all});
  schedule.look("13:00:00");
  schedule.look("14:00:00");
  schedule->trigger(at("14:30:00"), {});
  schedule->pause("a holiday");
  EXPECT_EQ(schedule.counts().skipped, 1U);
  EXPECT_EQ(schedule->wakes_at(), std::nullopt);
  schedule.close("14:40:00");
  EXPECT_THAT(schedule.look("14:40:00"), ElementsAre("20261121T143000Z-t1"));
  schedule.close("18:30:00");
  schedule->unpause("");
  EXPECT_THAT(schedule.look("18:30:00"), IsEmpty());
  EXPECT_EQ(schedule.counts().missed, 0U);
  EXPECT_THAT(schedule.look("19:00:00"), SizeIs(1));
}

// --- limits of the plan ---
TEST(Schedule, RemainingActionsEndItAndTriggersDoNotCount) {
  Hourly schedule({.spec = {.interval = {"1h", ""}, .remaining_actions = 2},
                   .overlap = Overlap::allow_all,
                   .catchup_window = "9h"});
  schedule->trigger(at("12:10:00"), {});
  EXPECT_THAT(schedule.look("12:10:00"), SizeIs(1));
  EXPECT_THAT(schedule->upcoming(at("12:10:00"), 9), SizeIs(2));
  EXPECT_THAT(schedule.look("15:00:00"), SizeIs(2));
  EXPECT_EQ(schedule->wakes_at(), std::nullopt);
  EXPECT_THAT(schedule->upcoming(at("12:10:00"), 9), IsEmpty());
  EXPECT_EQ(schedule.counts().missed, 0U);
}

TEST(Schedule, ANewPlanBeginsNow) {
  Hourly schedule;
  schedule.look("13:00:00");
  schedule.close("13:01:00");
  SchedulePlan plan;
  plan.spec.interval.every = "10m";
  schedule->set(plan, at("13:35:00"));
  EXPECT_EQ(schedule->wakes_at(), at("13:40:00"));
}

TEST(Schedule, ARefusedStartIsShownAndTheNextOneHappens) {
  Hourly schedule;
  schedule->advance(at("13:00:00"));
  ASSERT_TRUE(schedule->take());
  schedule->refused(at("13:00:00"), "not_found: no such type");
  EXPECT_EQ(schedule->state().recent.back().outcome, "refused");
  EXPECT_EQ(schedule.counts().refused, 1U);
  EXPECT_THAT(schedule.look("14:00:00"), SizeIs(1));
}

// --- backfill ---
TEST(ScheduleBackfill, StartsOneBehindTheOther) {
  Hourly schedule;
  schedule->backfill(at("03:00:00"), at("05:00:00"), Overlap::buffer_all);
  EXPECT_THAT(schedule.look("12:10:00"), ElementsAre("20261121T030000Z"));
  schedule.close("12:20:00");
  EXPECT_THAT(schedule.look("12:20:00"), ElementsAre("20261121T040000Z"));
  schedule.close("12:30:00");
  EXPECT_THAT(schedule.look("12:30:00"), ElementsAre("20261121T050000Z"));
  schedule.close("12:40:00");
  EXPECT_THAT(schedule.look("12:40:00"), IsEmpty());
  EXPECT_THAT(schedule->state().backfills, IsEmpty());
}

TEST(ScheduleBackfill, OrAllAtOnce) {
  Hourly schedule;
  schedule->backfill(at("03:00:00"), at("05:00:00"), Overlap::allow_all);
  EXPECT_THAT(schedule.look("12:10:00"), SizeIs(3));
}

TEST(ScheduleBackfill, IsBoundedByName) {
  Hourly schedule({.spec = {.interval = {"1s", ""}}});
  EXPECT_EQ(schedule->check_backfill(at("03:00:00"), at("03:16:39")).value(), 1'000U);
  const auto over = schedule->check_backfill(at("03:00:00"), at("03:16:40"));
  EXPECT_EQ(over.error().code, Errc::limit_exceeded);
  EXPECT_EQ(over.error().field, "to");
  EXPECT_EQ(schedule->check_backfill(at("03:00:00"), at("02:00:00")).error().field, "to");
  for (std::size_t i = 0; i < kBackfillsMax; ++i)
    schedule->backfill(at("03:00:00"), at("03:00:10"), Overlap::buffer_all);
  EXPECT_EQ(schedule->check_backfill(at("03:00:00"), at("03:00:10")).error().code,
            Errc::limit_exceeded);
}

// --- jitter ---
RC_GTEST_PROP(ScheduleProperty, JitterDelaysByLessThanItSaysAndKeepsTheOrder, ()) {
  const int jitter_s = *rc::gen::inRange(1, 7'200);
  ScheduleState state;
  state.plan.spec.interval.every = "10m";
  state.plan.overlap = Overlap::allow_all;
  state.plan.jitter = std::to_string(jitter_s) + "s";
  Schedule schedule("s", state);
  schedule.begin(at("12:00:00"), *rc::gen::arbitrary<std::uint64_t>());
  for (UtcTime fire = at("12:10:00"); fire < at("16:00:00"); fire = fire + Duration(10min)) {
    const UtcTime wake = schedule.wakes_at().value();
    RC_ASSERT(wake >= fire);
    RC_ASSERT(wake - fire < Duration(std::chrono::seconds(std::min(jitter_s, 600))));
    schedule.advance(wake + Duration(-1));
    RC_ASSERT(!schedule.take());
    schedule.advance(wake);
    RC_ASSERT(schedule.workflow_id(schedule.take().value()) == "s-" + to_id_text(fire));
    schedule.started(wake);
  }
}

// Whatever happens to it, and whenever it is looked at, no fire time is started twice, none is
// forgotten, and what is kept stays bounded.
RC_GTEST_PROP(ScheduleProperty, EveryFireTimeIsDealtWithOnce, ()) {
  ScheduleState state;
  state.plan.spec.interval.every = "1m";
  state.plan.action.type = "any";
  const auto overlaps = enum_names(Overlap());
  state.plan.overlap = overlaps.at(*rc::gen::inRange<std::size_t>(0, overlaps.size())).value;
  state.plan.catchup_window = "5m";
  if (*rc::gen::arbitrary<bool>()) state.plan.jitter = "30s";
  Schedule schedule("s", state);
  const UtcTime begin = at("00:00:00");
  schedule.begin(begin, *rc::gen::arbitrary<std::uint64_t>());
  UtcTime now = begin;
  std::set<std::uint64_t> fires;
  const auto looks = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 1'200));
  for (const int seconds : looks) {
    now = now + Duration(std::chrono::seconds(seconds));
    schedule.advance(now);
    if (schedule.open_workflow() && seconds % 3 == 0) schedule.closed("completed");
    while (const auto start = schedule.take()) {
      RC_ASSERT(fires.insert(start->fire_us).second);
      schedule.started(now);
    }
    if (schedule.may_hand_over()) {  // as another run would begin
      ScheduleState carried;
      RC_ASSERT(decode(encode(schedule.state()), carried).has_value());
      schedule = Schedule("s", std::move(carried));
    }
  }
  const ScheduleState& after = schedule.state();
  const auto last = after.last();
  const auto due = static_cast<std::uint64_t>((last - begin).count() / 60'000'000);
  const ScheduleCounts& counts = after.counts;
  RC_ASSERT(counts.started + counts.missed + counts.skipped + counts.overflowed +
                after.waiting.size() + after.ready.size() ==
            due);
  RC_ASSERT(counts.started == fires.size());
}

}  // namespace
}  // namespace reprise
