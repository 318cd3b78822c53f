#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/problem.hpp"
#include "api/testing/api_call.hpp"
#include "storage/schema.hpp"

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

const std::string kRunText = "\"" + to_string(kRun) + "\"";

FakeEngine engine_that_starts(StartRequest* asked = nullptr, bool repeated = false) {
  FakeEngine engine;
  engine.on_start = [asked, repeated](const StartRequest& request) -> Result<StartAnswer> {
    if (asked != nullptr) *asked = request;
    return StartAnswer{request.workflow.value_or(WorkflowId("wf_1")), kRun, kBorn, repeated};
  };
  return engine;
}

TEST(StartWorkflow, GivesTheInputsBytesToTheEngineAsTheyStand) {
  StartRequest asked;
  FakeEngine engine = engine_that_starts(&asked);
  const ApiReply reply =
      ask(engine, "POST /api/v1/workflows",
          R"({"type":"bench","id":"w-1","input":{ "i" : 7 },"id_reuse":"reject"})");
  EXPECT_EQ(reply.status, 201);
  EXPECT_EQ(reply.json("workflow_id"), "\"w-1\"");
  EXPECT_EQ(reply.json("run_id"), kRunText);
  EXPECT_EQ(reply.headers.at("Location"), "/api/v1/workflows/w-1");
  EXPECT_EQ(asked.type, "bench");
  EXPECT_EQ(asked.input.bytes, R"({ "i" : 7 })");
  EXPECT_EQ(asked.id_reuse, IdReuse::reject);
  EXPECT_FALSE(asked.key);
}

TEST(StartWorkflow, GivesAttributesAndMemoToTheEngine) {
  StartRequest asked;
  FakeEngine engine = engine_that_starts(&asked);
  const ApiReply reply =
      ask(engine, "POST /api/v1/workflows",
          R"({"type":"bench","input":{"i":7},"memo":{ "by": "eva" },)"
          R"("attributes":{"customer":"acme","items":3,"price":9.5,"urgent":true}})");
  EXPECT_EQ(reply.status, 201);
  ASSERT_TRUE(asked.labels.has_value());
  EXPECT_EQ(asked.labels->memo.bytes, R"({ "by": "eva" })");
  EXPECT_EQ(asked.labels->attributes, (Attributes{{"customer", std::string("acme")},
                                                  {"items", std::int64_t{3}},
                                                  {"price", 9.5},
                                                  {"urgent", true}}));
}

struct BadStart {
  const char* name;
  std::string body;
  std::string field;
};

class RefusedStart : public ::testing::TestWithParam<BadStart> {};

TEST_P(RefusedStart, NamesTheFieldAndReachesTheEngineNotAtAll) {
  FakeEngine engine = engine_that_starts();
  const ApiReply reply = ask(engine, "POST /api/v1/workflows", GetParam().body);
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(reply.content_type, "application/problem+json");
  EXPECT_EQ(reply.json("code"), "\"invalid_argument\"");
  EXPECT_EQ(reply.json("instance"), "\"/api/v1/workflows\"");
  EXPECT_THAT(reply.json("errors"), HasSubstr("\"" + GetParam().field + "\":"));
  EXPECT_THAT(engine.calls, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    Input, RefusedStart,
    ::testing::Values(
        BadStart{"AnEmptyBody", "", "body"}, BadStart{"NoType", "{}", "type"},
        BadStart{"AWrongType", R"({"type":7})", "type"},
        BadStart{"AnUnknownWorkflowType", R"({"type":"nope"})", "type"},
        BadStart{"AnUnknownField", R"({"type":"bench","input":{"i":1},"inptu":1})", "inptu"},
        BadStart{"ALongType", R"({"type":")" + std::string(201, 'a') + R"("})", "type"},
        BadStart{"AttributesThatAreNoObject",
                 R"({"type":"bench","input":{"i":1},"attributes":[1]})", "attributes"},
        BadStart{"AnAttributeThatIsNoValue",
                 R"({"type":"bench","input":{"i":1},"attributes":{"a":[1]}})", "attributes.a"},
        BadStart{"AnAttributeWithABadName",
                 R"({"type":"bench","input":{"i":1},"attributes":{"1 a":1}})", "attributes.1 a"},
        BadStart{"ALongId",
                 R"({"type":"bench","input":{"i":1},"id":")" + std::string(256, 'a') + R"("})",
                 "id"},
        BadStart{"AnIdWithASlash", R"({"type":"bench","input":{"i":1},"id":"a/b"})", "id"},
        BadStart{"AFolderAsId", R"({"type":"bench","input":{"i":1},"id":".."})", "id"},
        BadStart{"AnEmptyId", R"({"type":"bench","input":{"i":1},"id":""})", "id"},
        BadStart{"ABadReuse", R"({"type":"bench","input":{"i":1},"id_reuse":"maybe"})", "id_reuse"},
        BadStart{"AnInputThatDoesNotSuit", R"({"type":"task","input":{"title":7}})", "input.title"},
        BadStart{"TooDeep",
                 R"({"type":"bench","input":)" + std::string(65, '[') + std::string(65, ']') + "}",
                 "body"},
        BadStart{"BadUtf8", "{\"type\":\"\xc0\xaf\"}", "body"},
        BadStart{"AKeyTwice", R"({"type":"bench","type":"bench"})", "body"}),
    [](const auto& param) { return std::string(param.param.name); });

TEST(StartWorkflow, AMissingInputIsCalledMissing) {
  FakeEngine engine = engine_that_starts();
  EXPECT_EQ(ask(engine, "POST /api/v1/workflows", R"({"type":"task"})").json("errors"),
            R"({"input":"is missing: give what a task starts with"})");
  EXPECT_THAT(engine.calls, IsEmpty());
}

TEST(StartWorkflow, AnUnknownOrBadParameterIsNamed) {
  FakeEngine engine = engine_that_starts();
  const std::string body = R"({"type":"bench","input":{"i":1}})";
  EXPECT_THAT(ask(engine, "POST /api/v1/workflows?wiat=3s", body).json("errors"),
              HasSubstr("query.wiat"));
  EXPECT_THAT(ask(engine, "POST /api/v1/workflows?wait=61s", body).json("errors"),
              HasSubstr("query.wait"));
  EXPECT_THAT(ask(engine, "POST /api/v1/workflows?wait=1s&wait=2s", body).json("errors"),
              HasSubstr("query.wait"));
  EXPECT_THAT(engine.calls, IsEmpty());
}

TEST(StartWorkflow, WithWaitGivesTheResultOr202) {
  FakeEngine engine = engine_that_starts();
  const std::string body = R"({"type":"bench","input":{"i":1}})";
  engine.on_result = [](const DescribeRequest&, Duration) -> Result<std::optional<RunOutcome>> {
    return RunOutcome{.run = kRun, .result = {R"({"i":2})"}, .closed_at = kBorn};
  };
  const ApiReply ended = ask(engine, "POST /api/v1/workflows?wait=5s", body);
  EXPECT_EQ(ended.status, 201);
  EXPECT_EQ(ended.json("status"), "\"completed\"");
  EXPECT_EQ(ended.json("result"), R"({"i":2})");
  engine.on_result = [](const DescribeRequest&, Duration) { return std::nullopt; };
  const ApiReply running = ask(engine, "POST /api/v1/workflows?wait=5s", body);
  EXPECT_EQ(running.status, 202);
  EXPECT_EQ(running.json("status"), "\"running\"");
}

TEST(IdempotencyKey, MeansMethodPathAndBodyWhateverItsSpaces) {
  std::vector<StartRequest> asked;
  FakeEngine engine;
  engine.on_start = [&asked](const StartRequest& request) -> Result<StartAnswer> {
    asked.push_back(request);
    return StartAnswer{WorkflowId("wf_1"), kRun, kBorn, asked.size() > 1};
  };
  const std::vector<std::string> key = {"Idempotency-Key: k 1"};
  const ApiReply first =
      ask(engine, "POST /api/v1/workflows", R"({"type":"bench","input":{"i":1}})", key);
  const ApiReply again =
      ask(engine, "POST /api/v1/workflows", "{ \"input\": {\"i\":1},\n\"type\": \"bench\"}", key);
  ask(engine, "POST /api/v1/workflows", R"({"type":"bench","input":{"i":2}})", key);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(first.headers.count("Idempotency-Replayed"), 0U);
  EXPECT_EQ(again.headers.at("Idempotency-Replayed"), "true");
  ASSERT_EQ(asked.size(), 3U);
  EXPECT_EQ(asked[0].key->key, "k 1");
  EXPECT_EQ(asked[0].key->request, asked[1].key->request);
  EXPECT_NE(asked[0].key->request, asked[2].key->request);
}

TEST(IdempotencyKey, ThatIsEmptyOrTooLongIsRefused) {
  FakeEngine engine = engine_that_starts();
  for (const std::string& key : {std::string(), std::string(256, 'a')}) {
    const ApiReply reply = ask(engine, "POST /api/v1/workflows",
                               R"({"type":"bench","input":{"i":1}})", {"Idempotency-Key: " + key});
    EXPECT_EQ(reply.status, 400);
    EXPECT_THAT(reply.json("errors"), HasSubstr("Idempotency-Key"));
  }
  EXPECT_THAT(engine.calls, IsEmpty());
}

TEST(IdempotencyKey, ThatCameWithAnotherBodyIs422) {
  FakeEngine engine;
  engine.on_start = [](const StartRequest&) -> Result<StartAnswer> {
    return fail(Errc::key_reused, "another body", "Idempotency-Key");
  };
  EXPECT_EQ(ask(engine, "POST /api/v1/workflows", R"({"type":"bench","input":{"i":1}})",
                {"Idempotency-Key: a"})
                .status,
            422);
}

TEST(Workflows, AnUnknownIdIs404AndNamesTheField) {
  FakeEngine engine;
  const std::vector<std::string> lines = {"GET /api/v1/workflows/w",
                                          "GET /api/v1/workflows/w/runs/" + to_string(kRun),
                                          "GET /api/v1/workflows/w/history",
                                          "GET /api/v1/workflows/w/events",
                                          "GET /api/v1/workflows/w/result",
                                          "POST /api/v1/workflows/w/signal/go",
                                          "POST /api/v1/workflows/w/query/state",
                                          "POST /api/v1/workflows/w/cancel"};
  for (const std::string& line : lines) {
    const ApiReply reply = ask(engine, line);
    EXPECT_EQ(reply.status, 404) << line;
    EXPECT_THAT(reply.json("errors"), HasSubstr("\"id\"")) << line;
  }
  engine.calls.clear();
  EXPECT_EQ(ask(engine, "GET /api/v1/workflows/a%20b").status, 404);
  EXPECT_EQ(ask(engine, "GET /api/v1/workflows/w/runs/run_x").status, 404);
  EXPECT_THAT(engine.calls, IsEmpty());
}

TEST(Signal, ToAClosedRunIs409) {
  FakeEngine engine;
  engine.on_signal = [](const SignalRequest&) -> Result<SignalAnswer> {
    return fail(Errc::conflict, "the run is completed already");
  };
  EXPECT_EQ(ask(engine, "POST /api/v1/workflows/w/signal/go", "{}").status, 409);
}

TEST(Signal, CarriesItsBodyAsItStands) {
  FakeEngine engine;
  SignalRequest asked;
  engine.on_signal = [&asked](const SignalRequest& request) -> Result<SignalAnswer> {
    asked = request;
    return SignalAnswer{kRun, Sequence(9), true};
  };
  const ApiReply reply =
      ask(engine, "POST /api/v1/workflows/w/signal/go%20on", "{ \"a\":1 }", {"Idempotency-Key: k"});
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.json("seq"), "9");
  EXPECT_EQ(reply.headers.at("Idempotency-Replayed"), "true");
  EXPECT_EQ(asked.name, "go on");
  EXPECT_EQ(asked.payload.bytes, "{ \"a\":1 }");
  EXPECT_TRUE(asked.key);
  EXPECT_EQ(ask(engine, "POST /api/v1/workflows/w/signal/go", "{").status, 400);
  EXPECT_THAT(engine.calls, ElementsAre("signal"));
}

TEST(Query, GivesTheWorkflowsOwnAnswer) {
  FakeEngine engine;
  engine.on_query = [](const QueryRequest& request) -> Result<Payload> {
    return Payload{request.name == "raw" ? "\x01" : R"({"step":3})"};
  };
  EXPECT_EQ(ask(engine, "POST /api/v1/workflows/w/query/state").body, R"({"step":3})");
  EXPECT_EQ(ask(engine, "POST /api/v1/workflows/w/query/raw").body, R"({"base64":"AQ=="})");
}

TEST(Query, AndSignalNamesAreShortUtf8) {
  FakeEngine engine;
  for (const std::string verb : {"query", "signal"})
    for (const std::string& name : {std::string(201, 'a'), std::string("%ff")})
      EXPECT_THAT(ask(engine, "POST /api/v1/workflows/w/" + verb + "/" + name).json("errors"),
                  HasSubstr("\"name\":\"must be UTF-8 of at most 200 characters\""))
          << verb << " " << name;
  EXPECT_THAT(engine.calls, IsEmpty());
}

TEST(Result, OfARunningRunIs409And202WithWait) {
  FakeEngine engine;
  engine.on_result = [](const DescribeRequest&, Duration) { return std::nullopt; };
  EXPECT_EQ(ask(engine, "GET /api/v1/workflows/w/result").status, 409);
  EXPECT_EQ(ask(engine, "GET /api/v1/workflows/w/result?wait=10ms").status, 202);
  engine.on_result = [](const DescribeRequest&, Duration) -> Result<std::optional<RunOutcome>> {
    return RunOutcome{
        .run = kRun, .status = RunStatus::failed, .error_type = "bad", .message = "no"};
  };
  const ApiReply failed = ask(engine, "GET /api/v1/workflows/w/result");
  EXPECT_EQ(failed.status, 200);
  EXPECT_EQ(failed.json("error"), R"({"message":"no","type":"bad"})");
  EXPECT_EQ(failed.json("result"), "null");
}

TEST(Describe, ShowsOpenWorkAndWhyARunIsParked) {
  FakeEngine engine;
  engine.on_describe = [](const DescribeRequest&) -> Result<RunDescription> {
    RunDescription description{.view = {.workflow = WorkflowId("w"), .run = kRun, .type = "bench"}};
    description.activities.push_back({.command = CommandId(2),
                                      .name = "bench.step",
                                      .attempt = Attempt(3),
                                      .next_attempt_at = kBorn,
                                      .last_failure = ActivityFailure{.type = "timeout"}});
    description.timers.push_back({.command = CommandId(4), .fire_at = kBorn});
    description.parked = ParkedReason{.at = Sequence(7), .expected = "a", .found = "b"};
    return description;
  };
  const ApiReply reply = ask(engine, "GET /api/v1/workflows/w");
  EXPECT_EQ(reply.status, 200);
  EXPECT_THAT(reply.json("pending_activities"), HasSubstr("\"next_attempt_at\":\"2023-11-14"));
  EXPECT_THAT(reply.json("pending_activities"), HasSubstr("\"type\":\"timeout\""));
  EXPECT_THAT(reply.json("pending_timers"), HasSubstr("\"command_id\":4"));
  EXPECT_EQ(reply.json("parked.expected"), "\"a\"");
  EXPECT_EQ(reply.json("view"), "null");
}

TEST(ListWorkflows, FilteredByStatusGoesOnUntilThePageIsFull) {
  FakeEngine engine;
  engine.on_views = [](const ViewScan& scan) -> Result<std::vector<RunView>> {
    std::vector<RunView> views;
    const int first = scan.after ? std::stoi(scan.after->text()) + 1 : 1000;
    for (int i = first; i < 3000 && views.size() < scan.limit; ++i)
      views.push_back({.workflow = WorkflowId(std::to_string(i)),
                       .run = kRun,
                       .status = i % 100 == 0 ? RunStatus::failed : RunStatus::running});
    return views;
  };
  const ApiReply page = ask(engine, "GET /api/v1/workflows?status=failed&limit=15");
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.body, HasSubstr("\"2400\""));
  EXPECT_EQ(page.json("next"), "\"2400\"");
  const ApiReply rest = ask(engine, "GET /api/v1/workflows?status=failed&limit=15&after=2400");
  EXPECT_THAT(rest.body, HasSubstr("\"2900\""));
  EXPECT_EQ(rest.json("next"), "null");
  EXPECT_EQ(ask(engine, "GET /api/v1/workflows?limit=101").status, 400);
}

HistoryPage page_behind(Sequence after) {
  HistoryPage page{.run = kRun, .next = after};
  const std::vector<EventBody> bodies = {RunStarted{.type = "bench"}, StageEntered{.name = "s"},
                                         RunCompleted{.result = {"1"}}};
  for (std::size_t i = after.value(); i < bodies.size(); ++i)
    page.events.push_back({.sequence = Sequence(i + 1), .time = kBorn, .body = bodies[i]});
  if (!page.events.empty()) page.next = page.events.back().sequence;
  page.closed = true;
  return page;
}

TEST(ListWorkflows, FilteredByAQueryShowsOnlyWhatItHoldsFor) {
  FakeEngine engine;
  engine.on_views = [](const ViewScan& scan) -> Result<std::vector<RunView>> {
    if (scan.after) return std::vector<RunView>{};
    std::vector<RunView> views;
    for (int i = 0; i < 3; ++i)
      views.push_back({.workflow = WorkflowId("w" + std::to_string(i)),
                       .run = kRun,
                       .type = "bench",
                       .started_at = kBorn,
                       .attributes = {{"items", std::int64_t{i}}}});
    return views;
  };
  const ApiReply reply = ask(engine, "GET /api/v1/workflows?query=items%20%3E=%202");
  EXPECT_EQ(reply.status, 200);
  EXPECT_THAT(reply.body, HasSubstr(R"("workflow_id":"w2")"));
  EXPECT_THAT(reply.body, HasSubstr(R"("attributes":{"items":2})"));
  EXPECT_THAT(reply.body, ::testing::Not(HasSubstr("w1")));
  const ApiReply refused = ask(engine, "GET /api/v1/workflows?query=items");
  EXPECT_EQ(refused.status, 400);
  EXPECT_THAT(refused.json("errors"), HasSubstr("query.query"));
}

TEST(Parked, RunsAreListedWithTheirReasonPageByPage) {
  FakeEngine engine;
  const std::string key = parked_key(ShardIndex(7), kRun);
  std::string asked_after;
  engine.on_parked = [&](const std::string& after, std::size_t) -> Result<std::vector<ParkedRun>> {
    asked_after = after;
    return std::vector{ParkedRun{WorkflowId("w"),
                                 kRun,
                                 {.at = Sequence(3),
                                  .expected = "timer_started 1",
                                  .found = "no further command",
                                  .build = "b",
                                  .since = kBorn},
                                 key}};
  };
  const ApiReply reply = ask(engine, "GET /api/v1/parked?limit=1");
  EXPECT_EQ(reply.status, 200);
  EXPECT_THAT(reply.json("parked"), HasSubstr(R"("found":"no further command")"));
  const std::string next = "7." + to_string(kRun);
  EXPECT_EQ(reply.json("next"), "\"" + next + "\"");
  EXPECT_EQ(ask(engine, "GET /api/v1/parked?limit=2&after=" + next).json("next"), "null");
  EXPECT_EQ(asked_after, key);
  EXPECT_EQ(ask(engine, "GET /api/v1/parked?after=nonsense").status, 400);
}

TEST(History, GivesEventsAndWhereToGoOn) {
  FakeEngine engine;
  engine.on_history = [](const DescribeRequest&, Sequence after) -> Result<HistoryPage> {
    return page_behind(after);
  };
  const ApiReply reply = ask(engine, "GET /api/v1/workflows/w/history?after=1&limit=10&wait=1s");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.json("next"), "3");
  EXPECT_EQ(reply.json("closed"), "true");
  EXPECT_THAT(reply.json("events"), HasSubstr("\"kind\":\"stage_entered\""));
  EXPECT_THAT(reply.json("events"), ::testing::Not(HasSubstr("run_started")));
  EXPECT_EQ(ask(engine, "GET /api/v1/workflows/w/history?after=-1").status, 400);
  const std::string last = std::to_string(INT64_MAX);
  EXPECT_EQ(ask(engine, "GET /api/v1/workflows/w/history?after=" + last).status, 200);
  EXPECT_EQ(ask(engine, "GET /api/v1/workflows/w/history?after=9223372036854775808").status, 400);
  EXPECT_EQ(ask(engine, "GET /api/v1/workflows/w/history?limit=0").status, 400);
}

TEST(Events, GoOnBehindTheLastOneTheClientSawAndEndWithTheRun) {
  FakeEngine engine;
  engine.on_history = [](const DescribeRequest&, Sequence after) -> Result<HistoryPage> {
    return page_behind(after);
  };
  const ApiReply reply = ask(engine, "GET /api/v1/workflows/w/events", "", {"Last-Event-ID: 2"});
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.content_type, "text/event-stream");
  EXPECT_TRUE(reply.body.starts_with("id: 3\nevent: run_completed\ndata: {\"seq\":3,"))
      << reply.body;
  EXPECT_TRUE(reply.body.ends_with("}\n\nevent: end\ndata: {}\n\n")) << reply.body;
  for (const char* bad : {"x", "-1", "9223372036854775808", "18446744073709551615"})
    EXPECT_THAT(
        ask(engine, "GET /api/v1/workflows/w/events", "", {std::string("Last-Event-ID: ") + bad})
            .json("errors"),
        HasSubstr("Last-Event-ID"))
        << bad;
}

TEST(Events, StayWithTheRunTheyBeganWith) {
  FakeEngine engine;
  int pages = 0;
  engine.on_history = [&pages](const DescribeRequest& run, Sequence after) -> Result<HistoryPage> {
    if (++pages == 1) return HistoryPage{.run = kRun, .next = after};
    EXPECT_EQ(run.run, kRun);
    return page_behind(after);
  };
  const ApiReply reply = ask(engine, "GET /api/v1/workflows/w/events");
  EXPECT_TRUE(reply.body.starts_with(": still here\n\nid: 1\n")) << reply.body;
}

TEST(Router, KnownPathsWithAnotherMethodGet405AndAllow) {
  FakeEngine engine;
  const ApiReply reply = ask(engine, "PUT /api/v1/workflows");
  EXPECT_EQ(reply.status, 405);
  EXPECT_EQ(reply.headers.at("Allow"), "POST, GET, HEAD");
  EXPECT_EQ(ask(engine, "POST /livez").headers.at("Allow"), "GET, HEAD");
  EXPECT_EQ(ask(engine, "GET /api/v1/nope").status, 404);
  EXPECT_EQ(ask(engine, "GET /api/v1/workflows/").status, 404);
  EXPECT_EQ(ask(engine, "HEAD /livez").status, 200);
}

TEST(Router, ABodyThatIsEncodedIs415AndReachesTheEngineNotAtAll) {
  FakeEngine engine = engine_that_starts();
  const std::string body = R"({"type":"bench","input":{"i":1}})";
  EXPECT_EQ(ask(engine, "POST /api/v1/workflows", body, {"Content-Encoding: gzip"}).status, 415);
  EXPECT_THAT(engine.calls, IsEmpty());
  EXPECT_EQ(ask(engine, "POST /api/v1/workflows", body, {"Content-Encoding: Identity"}).status,
            201);
}

TEST(DeleteWorkflow, SaysWhetherAllOfItIsGone) {
  FakeEngine engine;
  DescribeRequest asked;
  Deleted deleted{.runs = 1000, .is_all = false};
  engine.on_erase = [&](const DescribeRequest& request) -> Result<Deleted> {
    asked = request;
    return deleted;
  };
  ApiReply reply = ask(engine, "DELETE /api/v1/workflows/w");
  EXPECT_EQ(reply.status, 202);
  EXPECT_EQ(reply.body, R"({"workflow_id":"w","runs_deleted":1000,"deleted":false})");
  EXPECT_FALSE(asked.run.has_value());
  deleted = {.runs = 1, .is_all = true};
  reply = ask(engine, "DELETE /api/v1/workflows/w/runs/" + to_string(kRun));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(asked.run, kRun);
}

TEST(Health, FollowsTheDisk) {
  FakeEngine engine;
  engine.disk = DiskLevel::no_new_runs;
  EXPECT_EQ(ask(engine, "GET /readyz").status, 200);
  EXPECT_EQ(ask(engine, "GET /api/v1/health").json("status"), "\"degraded\"");
  EXPECT_EQ(ask(engine, "GET /api/v1/health").json("disk_level"), "\"no_new_runs\"");
  engine.disk = DiskLevel::read_only;
  const ApiReply ready = ask(engine, "GET /readyz");
  EXPECT_EQ(ready.status, 503);
  EXPECT_EQ(ready.headers.at("Retry-After"), "30");
  EXPECT_EQ(ready.json("disk_level"), "\"read_only\"");
  const ApiReply health = ask(engine, "GET /api/v1/health");
  EXPECT_EQ(health.status, 503);
  EXPECT_EQ(health.json("services"),
            R"({"disk":"unhealthy","engine":"healthy","event_log":"healthy"})");
}

TEST(Health, FollowsTheEngine) {
  FakeEngine engine;
  EXPECT_EQ(ask(engine, "GET /readyz").status, 200);
  EXPECT_EQ(ask(engine, "GET /api/v1/health").json("services.engine"), "\"healthy\"");
  EXPECT_EQ(ask(engine, "GET /api/v1/health").json("build"), "\"test\"");
  engine.is_ready = false;
  EXPECT_EQ(ask(engine, "GET /livez").status, 200);
  EXPECT_EQ(ask(engine, "GET /readyz").status, 503);
  EXPECT_EQ(ask(engine, "GET /api/v1/health").status, 503);
}

TEST(Problem, EveryErrcHasOneRowAndAStatus) {
  for (int code = 1; code <= static_cast<int>(Errc::internal); ++code) {
    const HttpResponse response =
        problem({.code = static_cast<Errc>(code), .detail = "d", .field = {}}, "/x");
    EXPECT_GE(response.status, 400) << code;
    EXPECT_NE(reason_phrase(response.status), "Unknown") << code;
  }
  FakeEngine engine;
  EXPECT_EQ(ask(engine, "GET /api/v1/problems/key_reused").json("status"), "422");
}

TEST(Problem, ThatKnowsItsOwnTimeSaysWhenToSendAgain) {
  Error full{.code = Errc::overloaded, .detail = "the disk is full", .field = {}};
  EXPECT_NE(problem(full, "/x").headers.at(0).value, "30");
  full.retry_after_s = 30;
  ASSERT_EQ(problem(full, "/x").headers.size(), 1U);
  EXPECT_EQ(problem(full, "/x").headers.at(0).name, "Retry-After");
  EXPECT_EQ(problem(full, "/x").headers.at(0).value, "30");
}

TEST(Problem, WhatIsOursToMendKeepsItsWordsInTheLog) {
  const HttpResponse response =
      problem({.code = Errc::io, .detail = "/var/lib/secret", .field = {}}, "/x");
  EXPECT_EQ(response.status, 500);
  EXPECT_THAT(response.body, ::testing::Not(HasSubstr("secret")));
}

}  // namespace
}  // namespace reprise::api
