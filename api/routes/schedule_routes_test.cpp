#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/testing/api_call.hpp"
#include "workflows/schedule/schedule_updates.hpp"

namespace reprise::api {
namespace {

using testing::ApiReply;
using testing::ask;
using ::testing::ElementsAre;
using testing::FakeEngine;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kBorn;
using testing::kRun;

const std::string kAction = R"("action":{"type":"bench","input":{ "i" : 7 }})";
const std::string kSpec = R"("spec":{"cron":"0 9 * * mon-fri"})";

RunView view_of(const std::string& workflow, RunStatus status = RunStatus::running) {
  return {.workflow = WorkflowId(workflow),
          .run = kRun,
          .type = std::string(kScheduleType),
          .status = status,
          .custom = R"({"paused":false,"spec":{"interval":{"every":"1h"}},"type":"bench"})"};
}

// An engine that has the schedule "nightly", and answers its updates with `result`.
FakeEngine engine_with_schedule(std::string result = "{}", UpdateRequest* asked = nullptr) {
  FakeEngine engine;
  engine.on_view = [](const DescribeRequest& request) -> Result<RunView> {
    if (request.workflow.text() != "schedule_nightly")
      return fail(Errc::not_found, "nothing", "id");
    return view_of("schedule_nightly");
  };
  engine.on_update = [result, asked](const UpdateRequest& request,
                                     Duration) -> Result<UpdateOutcome> {
    if (asked != nullptr) *asked = request;
    return UpdateOutcome{.run = kRun,
                         .id = "u",
                         .accepted = Sequence(2),
                         .answer = UpdateCompleted{.update = Sequence(2), .result = {result}}};
  };
  return engine;
}

TEST(CreateSchedule, StartsARunOfItUnderItsIdWithTheInputsBytes) {
  FakeEngine engine;
  StartRequest asked;
  engine.on_start = [&](const StartRequest& request) -> Result<StartAnswer> {
    asked = request;
    return StartAnswer{*request.workflow, kRun, kBorn, false};
  };
  const ApiReply reply =
      ask(engine, "POST /api/v1/schedules",
          R"({"id":"nightly",)" + kSpec + "," + kAction +
              R"(,"overlap":"buffer_one","catchup_window":"10m","jitter":"30s","paused":true,)" +
              R"("note":"until May"})");
  EXPECT_EQ(reply.status, 201) << reply.body;
  EXPECT_EQ(reply.json("schedule_id"), "\"nightly\"");
  EXPECT_EQ(reply.json("workflow_id"), "\"schedule_nightly\"");
  EXPECT_EQ(reply.headers.at("Location"), "/api/v1/schedules/nightly");
  EXPECT_EQ(asked.type, kScheduleType);
  EXPECT_EQ(asked.workflow, WorkflowId("schedule_nightly"));
  ScheduleState state;
  ASSERT_TRUE(decode(asked.input, state));
  EXPECT_EQ(state.plan.action.input, R"({ "i" : 7 })");
  EXPECT_EQ(state.plan.overlap, Overlap::buffer_one);
  EXPECT_EQ(state.plan.jitter, "30s");
  EXPECT_TRUE(state.paused);
  EXPECT_EQ(state.note, "until May");
}

TEST(CreateSchedule, ATakenIdSaysWhatToDo) {
  FakeEngine engine;
  engine.on_start = [](const StartRequest&) -> Result<StartAnswer> {
    return fail(Errc::already_exists, "an open run has it", "id");
  };
  const ApiReply reply =
      ask(engine, "POST /api/v1/schedules", R"({"id":"nightly",)" + kSpec + "," + kAction + "}");
  EXPECT_EQ(reply.status, 409);
  EXPECT_THAT(reply.body, HasSubstr("change it with PUT"));
}

struct BadSchedule {
  const char* name;
  std::string body;
  std::string field;
};

class RefusedSchedule : public ::testing::TestWithParam<BadSchedule> {};

TEST_P(RefusedSchedule, NamesTheFieldAndReachesTheEngineNotAtAll) {
  FakeEngine engine;
  const ApiReply reply = ask(engine, "POST /api/v1/schedules", GetParam().body);
  EXPECT_EQ(reply.status, 400);
  EXPECT_THAT(reply.json("errors"), HasSubstr("\"" + GetParam().field + "\":")) << reply.body;
  EXPECT_THAT(engine.calls, IsEmpty());
}

std::string with(const std::string& members) { return R"({"id":"x",)" + members + "}"; }

INSTANTIATE_TEST_SUITE_P(
    Input, RefusedSchedule,
    ::testing::Values(
        BadSchedule{"NoBody", "", "body"},
        BadSchedule{"NoId", "{" + kSpec + "," + kAction + "}", "id"},
        BadSchedule{"AnIdWithASlash", R"({"id":"a/b",)" + kSpec + "," + kAction + "}", "id"},
        BadSchedule{"NoSpec", with(kAction), "spec"},
        BadSchedule{"NoAction", with(kSpec), "action.type"},
        BadSchedule{"ABadCron", with(R"("spec":{"cron":"61 * * * *"},)" + kAction), "spec.cron"},
        BadSchedule{"ACronThatNeverFires", with(R"("spec":{"cron":"0 0 31 2 *"},)" + kAction),
                    "spec.cron"},
        BadSchedule{"HalfSeconds", with(R"("spec":{"interval":{"every":"500ms"}},)" + kAction),
                    "spec.interval.every"},
        BadSchedule{"NoActionsLeft",
                    with(R"("spec":{"cron":"@daily","remaining_actions":0},)" + kAction),
                    "spec.remaining_actions"},
        BadSchedule{"ATimeZone", with(R"("spec":{"cron":"@daily","time_zone":"CET"},)" + kAction),
                    "spec.time_zone"},
        BadSchedule{"AnUnknownType", with(kSpec + R"(,"action":{"type":"nope"})"), "action.type"},
        BadSchedule{"AnInputThatDoesNotSuit",
                    with(kSpec + R"(,"action":{"type":"task","input":{"title":7}})"),
                    "action.input.title"},
        BadSchedule{"ABadPolicy", with(kSpec + "," + kAction + R"(,"overlap":"maybe")"), "overlap"},
        BadSchedule{"ABadWindow", with(kSpec + "," + kAction + R"(,"catchup_window":"1y")"),
                    "catchup_window"},
        BadSchedule{"TooMuchJitter", with(kSpec + "," + kAction + R"(,"jitter":"2d")"), "jitter"},
        BadSchedule{"AnUnknownField", with(kSpec + "," + kAction + R"(,"jiter":"1s")"), "jiter"}),
    [](const auto& param) { return std::string(param.param.name); });

TEST(ListSchedules, ShowsOpenOnesWithTheirNextFireTime) {
  FakeEngine engine;
  ViewScan asked;
  engine.on_views = [&](const ViewScan& scan) -> Result<std::vector<RunView>> {
    asked = scan;
    return std::vector{view_of("schedule_a"), view_of("schedule_b", RunStatus::terminated),
                       view_of("schedule_c")};
  };
  const ApiReply reply = ask(engine, "GET /api/v1/schedules?after=A");
  EXPECT_EQ(reply.status, 200);
  EXPECT_THAT(reply.body, HasSubstr(R"("schedule_id":"a")"));
  EXPECT_THAT(reply.body, HasSubstr(R"("schedule_id":"c")"));
  EXPECT_THAT(reply.body, ::testing::Not(HasSubstr(R"("schedule_id":"b")")));
  EXPECT_THAT(reply.body, HasSubstr(R"(:00:00.000Z")"));  // the next full hour
  EXPECT_EQ(reply.json("next"), "null");
  EXPECT_EQ(asked.type, kScheduleType);
  EXPECT_EQ(asked.after, WorkflowId("schedule_A"));
}

TEST(ListSchedules, GoesOnBehindAPage) {
  FakeEngine engine;
  engine.on_views = [&](const ViewScan&) -> Result<std::vector<RunView>> {
    return std::vector{view_of("schedule_a"), view_of("schedule_b")};
  };
  EXPECT_EQ(ask(engine, "GET /api/v1/schedules?limit=1").json("next"), "\"a\"");
  EXPECT_EQ(ask(engine, "GET /api/v1/schedules?limit=0").status, 400);
}

TEST(ShowSchedule, AsksTheScheduleAndLooksAfterTheRunsItStarted) {
  FakeEngine engine;
  engine.on_view = [](const DescribeRequest& request) -> Result<RunView> {
    if (request.workflow.text() == "nightly-1") return view_of("nightly-1", RunStatus::completed);
    return view_of("schedule_nightly");
  };
  QueryRequest asked;
  engine.on_query = [&](const QueryRequest& request) -> Result<Payload> {
    asked = request;
    return Payload{R"({"action":{"input":{ "i" : 7 }},"recent_starts":[)"
                   R"({"workflow_id":"nightly-0","outcome":"failed"},)"
                   R"({"workflow_id":"nightly-1","outcome":"running"}],"missed":2})"};
  };
  const ApiReply reply = ask(engine, "GET /api/v1/schedules/nightly");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(asked.name, "describe");
  EXPECT_THAT(asked.arguments.bytes, HasSubstr("{\"now\":\"20"));
  EXPECT_EQ(reply.json("schedule_id"), "\"nightly\"");
  EXPECT_EQ(reply.json("missed"), "2");
  EXPECT_THAT(reply.body, HasSubstr(R"("input":{ "i" : 7 })"));
  EXPECT_EQ(reply.json("recent_starts"), R"([{"outcome":"failed","workflow_id":"nightly-0"},)"
                                         R"({"outcome":"completed","workflow_id":"nightly-1"}])");
}

TEST(ShowSchedule, WhatIsNoScheduleOrWasDeletedIsNotFound) {
  FakeEngine engine;
  EXPECT_EQ(ask(engine, "GET /api/v1/schedules/nightly").status, 404);
  engine.on_view = [](const DescribeRequest&) -> Result<RunView> {
    return view_of("schedule_nightly", RunStatus::terminated);
  };
  for (const char* call : {"GET /api/v1/schedules/nightly", "DELETE /api/v1/schedules/nightly",
                           "POST /api/v1/schedules/nightly/trigger"}) {
    const ApiReply reply = ask(engine, call);
    EXPECT_EQ(reply.status, 404) << call;
    EXPECT_THAT(reply.body, HasSubstr("there is no schedule nightly"));
  }
}

TEST(ControlSchedule, EachVerbIsAnUpdateOfItsRun) {
  UpdateRequest asked;
  FakeEngine engine = engine_with_schedule(R"({"paused":true})", &asked);
  ApiReply reply = ask(engine, "POST /api/v1/schedules/nightly/pause", R"({"note":"a holiday"})",
                       {"Idempotency-Key: p1"});
  EXPECT_EQ(reply.body, R"({"schedule_id":"nightly","paused":true})");
  EXPECT_EQ(asked.name, "pause");
  EXPECT_EQ(asked.id, "p1");
  EXPECT_EQ(asked.input.bytes, R"({"note":"a holiday"})");
  engine = engine_with_schedule("{}", &asked);
  reply = ask(engine, "POST /api/v1/schedules/nightly/unpause");
  EXPECT_EQ(reply.body, R"({"schedule_id":"nightly","paused":false})");
  engine = engine_with_schedule(R"({"offered":"waits","workflow_id":"n-t1"})", &asked);
  reply = ask(engine, "POST /api/v1/schedules/nightly/trigger", R"({"overlap":"buffer_one"})");
  EXPECT_EQ(reply.body, R"({"schedule_id":"nightly","workflow_id":"n-t1","offered":"waits"})");
  engine = engine_with_schedule(R"({"starts":24})", &asked);
  reply = ask(engine, "POST /api/v1/schedules/nightly/backfill",
              R"({"from":"2020-01-01T00:00:00Z","to":"2020-01-02T00:00:00Z"})");
  EXPECT_EQ(reply.body, R"({"schedule_id":"nightly","starts":24})");
  engine = engine_with_schedule("{}", &asked);
  reply = ask(engine, "PUT /api/v1/schedules/nightly", "{" + kSpec + "," + kAction + "}");
  EXPECT_EQ(reply.body, R"({"schedule_id":"nightly","changed":true})");
  EXPECT_EQ(asked.name, "set");
}

TEST(ControlSchedule, WhatIsWrongIsNamedBeforeTheEngineIsAsked) {
  FakeEngine engine = engine_with_schedule();
  const auto field_of = [&](const std::string& line, const std::string& body) {
    return ask(engine, line, body).json("errors");
  };
  const std::string path = "/api/v1/schedules/nightly";
  EXPECT_THAT(field_of("POST " + path + "/pause", R"({"why":"x"})"), HasSubstr("why"));
  EXPECT_THAT(field_of("POST " + path + "/trigger", R"({"overlap":"x"})"), HasSubstr("overlap"));
  EXPECT_THAT(field_of("POST " + path + "/backfill", "{}"), HasSubstr("from"));
  EXPECT_THAT(field_of("POST " + path + "/backfill",
                       R"({"from":"2020-01-01T00:00:00Z","to":"2999-01-01T00:00:00Z"})"),
              HasSubstr("is in the future"));
  EXPECT_THAT(field_of("PUT " + path, "{" + kSpec + "," + kAction + R"(,"paused":true})"),
              HasSubstr("paused"));
  EXPECT_THAT(engine.calls, IsEmpty());
}

TEST(ControlSchedule, WhatTheScheduleRefusesIsAProblem) {
  FakeEngine engine = engine_with_schedule();
  engine.on_update = [](const UpdateRequest&, Duration) -> Result<UpdateOutcome> {
    return fail(Errc::limit_exceeded, "has 2000 fire times", "to");
  };
  const ApiReply reply = ask(engine, "POST /api/v1/schedules/nightly/backfill",
                             R"({"from":"2020-01-01T00:00:00Z","to":"2020-01-02T00:00:00Z"})");
  EXPECT_EQ(reply.status, 409);
  EXPECT_EQ(reply.json("code"), "\"limit_exceeded\"");
}

TEST(DeleteSchedule, TerminatesItsRun) {
  FakeEngine engine = engine_with_schedule();
  ControlRequest asked;
  engine.on_control = [&](const ControlRequest& request) -> Result<ControlAnswer> {
    asked = request;
    return ControlAnswer{kRun, false};
  };
  const ApiReply reply = ask(engine, "DELETE /api/v1/schedules/nightly");
  EXPECT_EQ(reply.body, R"({"schedule_id":"nightly","deleted":true})");
  EXPECT_EQ(asked.control, Control::terminate);
  EXPECT_EQ(asked.workflow, WorkflowId("schedule_nightly"));
}

}  // namespace
}  // namespace reprise::api
