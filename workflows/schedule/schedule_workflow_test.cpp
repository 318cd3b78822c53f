#include "workflows/schedule/schedule_workflow.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "activities/contracts/json_value.hpp"
#include "workflows/schedule/schedule_updates.hpp"
#include "workflows/testing/shard_story.hpp"

namespace reprise {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::ShardStory;
using ::testing::SizeIs;
using Texts = std::vector<std::string>;

// Ends when it is told to.
Workflow<> patient(Context ctx, Payload) { co_await ctx.signal("end"); }
Workflow<> quick(Context, Payload) { co_return; }
Workflow<> unlucky(Context, Payload) {
  throw WorkflowFailure("unlucky", "a bad day");
  co_return;
}

Catalog catalog() {
  Catalog catalog;
  register_schedule(catalog);
  catalog.add(define("patient", &patient));
  catalog.add(define("quick", &quick));
  catalog.add(define("unlucky", &unlucky));
  return catalog;
}

const std::string kSchedule = "schedule_s";

// A schedule "s" of every full hour, begun at 12:00:00 on 2026-11-21.
class ScheduleRun : public ::testing::Test {
 protected:
  void begin(const std::string& type, SchedulePlan plan = {}) {
    if (plan.spec.cron.empty() && plan.spec.interval.every.empty()) plan.spec.cron = "@hourly";
    plan.action.type = type;
    ScheduleState state;
    state.plan = std::move(plan);
    story.start(std::string(kScheduleType), kSchedule, encode(state).bytes);
  }
  Texts started() { return story.children(kSchedule); }
  // "130000": the run of that fire time.
  std::string status(const std::string& clock) { return story.status("s-20261121T" + clock + "Z"); }
  std::string shown(const std::string& member) {
    const auto description = parse_json(story.query(kSchedule, "describe"));
    const JsonValue* found = description->find(member);
    return found == nullptr ? "nothing" : to_json(*found);
  }
  std::string outcome_of_last() {
    const auto description = parse_json(story.query(kSchedule, "describe"));
    return description->find("recent_starts")->items.back().find("outcome")->text;
  }

  ShardStory story{catalog(), "2026-11-21T12:00:00Z"};
};

TEST_F(ScheduleRun, StartsItsActionAtEachFireTimeUnderAnIdOfIt) {
  begin("quick");
  story.pass(59min);
  EXPECT_THAT(started(), IsEmpty());
  story.pass(2h);
  EXPECT_THAT(started(), ElementsAre("s-20261121T130000Z", "s-20261121T140000Z"));
  EXPECT_EQ(status("140000"), "completed");
  EXPECT_EQ(outcome_of_last(), "completed");
}

TEST_F(ScheduleRun, GivesTheActionItsInputAndItsTimeouts) {
  begin("patient", {.action = {.input = R"({"a": 1})", .run_timeout = "10m"}});
  story.pass(1h);
  const auto began = std::get<RunStarted>(story.events("s-20261121T130000Z").front().body);
  EXPECT_EQ(began.input.bytes, R"({"a": 1})");
  EXPECT_EQ(began.run_timeout, Duration(10min));
  story.pass(11min);
  EXPECT_EQ(outcome_of_last(), "timed_out");
}

TEST_F(ScheduleRun, GoesOnWhenAStartIsRefusedOrARunFails) {
  begin("nonsense");
  story.pass(2h);
  EXPECT_EQ(shown("refused"), "2");
  EXPECT_EQ(outcome_of_last(), "refused");
  SchedulePlan plan{.spec = {.cron = "@hourly"}, .action = {.type = "unlucky"}};
  EXPECT_EQ(story.update(kSchedule, "set", encode(plan).bytes), "{}");
  story.pass(1h);
  EXPECT_EQ(outcome_of_last(), "failed");
  EXPECT_EQ(story.status(kSchedule), "running");
}

// --- overlap ---
TEST_F(ScheduleRun, SkipLeavesTheOpenRunAloneAndAddsNoEventMeanwhile) {
  begin("patient");
  story.pass(1h);
  const std::size_t events = story.events(kSchedule).size();
  story.pass(24h);
  EXPECT_EQ(story.events(kSchedule).size(), events);
  EXPECT_THAT(started(), SizeIs(1));
  story.signal("s-20261121T130000Z", "end");
  EXPECT_EQ(shown("skipped"), "24");
  story.pass(1h);
  EXPECT_THAT(started(), SizeIs(2));
}

TEST_F(ScheduleRun, BufferOneStartsTheOneThatWaitedWhenTheOpenRunEnds) {
  begin("patient", {.overlap = Overlap::buffer_one});
  story.pass(4h + 1min);
  EXPECT_THAT(started(), SizeIs(1));
  story.signal("s-20261121T130000Z", "end");
  EXPECT_THAT(started(), ElementsAre("s-20261121T130000Z", "s-20261121T140000Z"));
  EXPECT_EQ(shown("skipped"), "2");
}

TEST_F(ScheduleRun, BufferAllStartsAllThatWaitedOneByOne) {
  begin("patient", {.overlap = Overlap::buffer_all});
  story.pass(3h + 1min);
  for (const char* clock : {"130000", "140000", "150000"}) {
    EXPECT_EQ(status(clock), "running");
    story.signal("s-20261121T" + std::string(clock) + "Z", "end");
    EXPECT_EQ(status(clock), "completed");
  }
  EXPECT_THAT(started(), SizeIs(3));
}

TEST_F(ScheduleRun, CancelOtherCancelsAndThenStarts) {
  begin("patient", {.overlap = Overlap::cancel_other});
  story.pass(2h);
  EXPECT_EQ(status("130000"), "cancelled");
  EXPECT_EQ(status("140000"), "running");
}

TEST_F(ScheduleRun, TerminateOtherEndsARunWhoseCodeDoesNotListen) {
  begin("patient", {.overlap = Overlap::terminate_other});
  story.pass(2h);
  EXPECT_EQ(status("130000"), "terminated");
  EXPECT_EQ(status("140000"), "running");
}

TEST_F(ScheduleRun, AllowAllStartsBeside) {
  begin("patient", {.overlap = Overlap::allow_all});
  story.pass(3h);
  EXPECT_EQ(status("130000"), "running");
  EXPECT_EQ(status("150000"), "running");
}

// --- crashes ---
TEST_F(ScheduleRun, MakesUpWhatTheServerSleptThroughWithinTheWindow) {
  begin("quick", {.overlap = Overlap::allow_all, .catchup_window = "2h"});
  story.crash_for(5h + 30min);
  EXPECT_THAT(started(), ElementsAre("s-20261121T160000Z", "s-20261121T170000Z"));
  EXPECT_EQ(shown("missed"), "3");
}

TEST_F(ScheduleRun, NoFireTimeIsStartedTwiceOverManyCrashes) {
  begin("quick", {.overlap = Overlap::allow_all});
  for (int i = 0; i < 60; ++i) story.crash_for(7min);
  const Texts all = started();
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), all.size());
  EXPECT_THAT(all, SizeIs(7));
  EXPECT_EQ(story.status(kSchedule), "running");
}

TEST_F(ScheduleRun, WhatItStartedGoesOnWhenItEnds) {
  begin("patient");
  story.pass(1h);
  story.cancel(kSchedule);
  EXPECT_EQ(story.status(kSchedule), "cancelled");
  EXPECT_EQ(status("130000"), "running");
}

// --- updates ---
TEST_F(ScheduleRun, APauseDropsFireTimesAndIsShown) {
  begin("quick");
  EXPECT_EQ(story.update(kSchedule, "pause", R"({"note":"a holiday"})"), R"({"paused":true})");
  story.pass(5h + 30min);
  EXPECT_THAT(started(), IsEmpty());
  EXPECT_EQ(shown("note"), R"("a holiday")");
  EXPECT_EQ(shown("next_fire_times"), "[]");
  EXPECT_THAT(story.view(kSchedule), HasSubstr(R"("paused":true)"));
  story.update(kSchedule, "unpause");
  EXPECT_THAT(started(), IsEmpty());
  EXPECT_EQ(shown("missed"), "0");
  story.pass(30min);
  EXPECT_THAT(started(), ElementsAre("s-20261121T180000Z"));
}

TEST_F(ScheduleRun, MayBeginPaused) {
  ScheduleState state;
  state.plan = {.spec = {.cron = "@hourly"}, .action = {.type = "quick"}};
  state.paused = true;
  story.start(std::string(kScheduleType), kSchedule, encode(state).bytes);
  story.pass(3h);
  EXPECT_THAT(started(), IsEmpty());
}

TEST_F(ScheduleRun, ATriggerStartsNowUnderAnIdOfItsOwn) {
  begin("quick");
  story.pass(5min);
  EXPECT_EQ(story.update(kSchedule, "trigger"),
            R"({"offered":"starts","workflow_id":"s-20261121T120500Z-t1"})");
  story.update(kSchedule, "trigger");
  EXPECT_THAT(started(), ElementsAre("s-20261121T120500Z-t1", "s-20261121T120500Z-t2"));
}

TEST_F(ScheduleRun, ATriggerFollowsThePolicyUnlessItNamesOne) {
  begin("patient");
  story.update(kSchedule, "trigger");
  EXPECT_THAT(story.update(kSchedule, "trigger"), HasSubstr("skipped"));
  EXPECT_THAT(story.update(kSchedule, "trigger", R"({"overlap":"allow_all"})"),
              HasSubstr("starts"));
  EXPECT_THAT(story.update(kSchedule, "trigger", R"({"overlap":"never"})"),
              HasSubstr("use one of skip"));
  EXPECT_THAT(started(), SizeIs(2));
}

TEST_F(ScheduleRun, ABackfillStartsThePastOneBehindTheOther) {
  begin("quick");
  EXPECT_EQ(story.update(kSchedule, "backfill",
                         R"({"from":"2026-11-20T00:00:00Z","to":"2026-11-20T23:59:00Z"})"),
            R"({"starts":24})");
  EXPECT_THAT(started(), SizeIs(24));
  EXPECT_EQ(started().back(), "s-20261120T230000Z");
  EXPECT_EQ(shown("backfills"), "[]");
}

TEST_F(ScheduleRun, ABackfillOfAThousandGoesOverRunsOfTheSchedule) {
  begin("quick", {.spec = {.cron = "* * * * *"}});
  EXPECT_EQ(story.update(kSchedule, "backfill",
                         R"({"from":"2026-11-20T00:00:00Z","to":"2026-11-20T16:39:00Z"})"),
            R"({"starts":1000})");
  const Texts all = started();
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), 1'000U);
  EXPECT_GT(story.runs(kSchedule), 1U);
  EXPECT_EQ(shown("started"), "1000");
}

TEST_F(ScheduleRun, ABackfillThatCannotBeIsRefusedByField) {
  begin("quick");
  const auto backfill = [&](const std::string& from, const std::string& to,
                            const std::string& more = "") {
    return story.update(kSchedule, "backfill",
                        fmt::format(R"({{"from":"{}","to":"{}"{}}})", from, to, more));
  };
  const std::string noon = "2026-11-21T12:00:00Z";
  EXPECT_THAT(backfill("yesterday", noon), HasSubstr("field from"));
  EXPECT_THAT(backfill(noon, "2026-11-21T11:00:00Z"), HasSubstr("field to"));
  EXPECT_THAT(backfill("2020-01-01T00:00:00Z", noon), HasSubstr("limit_exceeded"));
  EXPECT_THAT(backfill("2026-11-21T10:00:00Z", noon, R"(,"overlap":"skip")"),
              HasSubstr("field overlap"));
  EXPECT_THAT(backfill("2026-11-21T10:00:00Z", "2026-11-21T13:00:00Z"),
              HasSubstr("to is in the future"));
  EXPECT_THAT(started(), IsEmpty());
}

TEST_F(ScheduleRun, ANewPlanIsCheckedAndFollowed) {
  begin("quick");
  EXPECT_THAT(
      story.update(kSchedule, "set", R"({"spec":{"cron":"0 0 31 2 *"},"action":{"type":"quick"}})"),
      HasSubstr("field spec.cron"));
  EXPECT_EQ(story.update(kSchedule, "set",
                         R"({"spec":{"interval":{"every":"10m"}},"action":{"type":"quick"}})"),
            "{}");
  story.pass(20min);
  EXPECT_THAT(started(), ElementsAre("s-20261121T121000Z", "s-20261121T122000Z"));
}

// --- continue as new ---
TEST_F(ScheduleRun, GoesOnInRunAfterRunAndCarriesEverything) {
  begin("quick", {.spec = {.interval = {"1m", ""}, .remaining_actions = 1'000}, .jitter = "30s"});
  story.update(kSchedule, "trigger");
  story.pass(12h);
  EXPECT_GE(story.runs(kSchedule), 3U);
  EXPECT_LT(story.events(kSchedule).size(), kScheduleEventsMax + 20);
  EXPECT_EQ(shown("started"), "720");  // the trigger, and 719 as the last one is delayed
  EXPECT_EQ(shown("remaining_actions"), "281");
  const Texts all = started();
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), 720U);
  const auto description = parse_json(story.query(kSchedule, "describe"));
  EXPECT_THAT(description->find("recent_starts")->items, SizeIs(10));
  EXPECT_EQ(story.update(kSchedule, "trigger").substr(0, 20), R"({"offered":"starts",)");
  EXPECT_THAT(started().back(), HasSubstr("-t2"));
}

TEST_F(ScheduleRun, ItsPauseGoesOverToTheNextRun) {
  begin("quick", {.spec = {.interval = {"1s", ""}}});
  story.pass(15min);
  ASSERT_GE(story.runs(kSchedule), 2U);
  story.update(kSchedule, "pause", R"({"note":"enough"})");
  const std::size_t before = started().size();
  for (int i = 0; i < 400; ++i) story.update(kSchedule, "pause", R"({"note":"still"})");
  EXPECT_GE(story.runs(kSchedule), 3U);
  story.pass(1h);
  EXPECT_EQ(shown("paused"), "true");
  EXPECT_EQ(shown("note"), R"("still")");
  EXPECT_EQ(started().size(), before);
}

TEST_F(ScheduleRun, RunsBesideItEndThoughTheScheduleIsAnotherRunByThen) {
  begin("patient", {.spec = {.interval = {"10s", ""}}, .overlap = Overlap::allow_all});
  story.pass(1h);
  ASSERT_GE(story.runs(kSchedule), 2U);
  const std::string first = started().front();
  story.signal(first, "end");
  EXPECT_EQ(story.status(first), "completed");
  EXPECT_EQ(story.status(kSchedule), "running");
}

TEST_F(ScheduleRun, ItsInputIsCheckedBeforeItStarts) {
  const Catalog known = catalog();
  const auto field = [&](const std::string& input) {
    const Result<> fits = known.find(kScheduleType)->definition.check(Payload{input});
    return fits ? "accepted" : fits.error().field;
  };
  EXPECT_EQ(field(R"({"plan":{"spec":{"cron":"@daily"},"action":{"type":"quick"}}})"), "accepted");
  EXPECT_EQ(field(R"({"plan":{"spec":{"cron":"@dayly"},"action":{"type":"quick"}}})"),
            "plan.spec.cron");
  EXPECT_EQ(field(R"({"plan":{"spec":{"cron":"@daily"},"action":{"type":"quick"},"jitter":"2d"}})"),
            "plan.jitter");
  EXPECT_EQ(field(R"({"plan":{"spec":{"cron":"@daily"}}})"), "plan.action.type");
  EXPECT_EQ(field("{}"), "plan.spec");
}

TEST_F(ScheduleRun, TheViewIsASummaryOfBoundedSize) {
  begin("quick", {.spec = {.cron = "0 9 * * mon-fri"}});
  story.update(kSchedule, "pause", R"({"note":")" + std::string(200, '\x7f') + R"("})");
  EXPECT_THAT(story.view(kSchedule),
              HasSubstr(R"("spec":{"cron":"0 9 * * mon-fri"},"type":"quick")"));
  EXPECT_LT(story.view(kSchedule).size(), kViewBytesMax - 1024);
}

}  // namespace
}  // namespace reprise
