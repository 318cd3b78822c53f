#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

RunView task_view_of(const std::string& status) {
  return {.workflow = WorkflowId("task_1"),
          .run = kRun,
          .type = "task",
          .started_at = kBorn,
          .updated_at = kBorn,
          .custom = R"({"status":")" + status + R"(","title":"Garden","progress":65})"};
}

FakeEngine engine_with_task(const std::string& status) {
  FakeEngine engine;
  engine.on_view = [status](const DescribeRequest&) { return task_view_of(status); };
  engine.on_result = [](const DescribeRequest&, Duration) { return std::nullopt; };
  engine.on_history = [](const DescribeRequest&, Sequence after) -> Result<HistoryPage> {
    return HistoryPage{.run = kRun, .next = after};
  };
  engine.on_signal = [](const SignalRequest&) -> Result<SignalAnswer> {
    return SignalAnswer{kRun, Sequence(5)};
  };
  return engine;
}

void end_with(FakeEngine& engine, RunOutcome outcome) {
  engine.on_view = [outcome](const DescribeRequest&) -> Result<RunView> {
    RunView view = task_view_of(std::string(to_string(outcome.status)));
    view.status = outcome.status;
    return view;
  };
  engine.on_result = [outcome](const DescribeRequest&, Duration) { return outcome; };
}

TEST(CreateTask, StartsAWorkflowOfTypeTaskWithItsCanonicalRequest) {
  FakeEngine engine;
  StartRequest asked;
  engine.on_start = [&asked](const StartRequest& request) -> Result<StartAnswer> {
    asked = request;
    return StartAnswer{WorkflowId("task_1"), kRun, kBorn};
  };
  const ApiReply reply = ask(engine, "POST /api/v1/tasks",
                             R"({"priority":"medium", "title":"Garden", "user_id":"u"})");
  EXPECT_EQ(reply.status, 201);
  EXPECT_EQ(reply.headers.at("Location"), "/api/v1/tasks/task_1");
  EXPECT_EQ(reply.body,
            R"({"task_id":"task_1","status":"pending","created_at":"2023-11-14T22:13:20.000Z",)"
            R"("estimated_completion":null})");
  EXPECT_EQ(asked.type, "task");
  EXPECT_EQ(asked.id_prefix, "task_");
  EXPECT_FALSE(asked.workflow);
  EXPECT_EQ(asked.input.bytes, R"({"title":"Garden","user_id":"u"})");
}

TEST(CreateTask, FieldsThatNothingActsOnYetAreRefusedByName) {
  FakeEngine engine;
  const ApiReply reply = ask(engine, "POST /api/v1/tasks",
                             R"({"title":"x","dependencies":[],"context_files":[],"timeout":1,)"
                             R"("preferred_agent":"a","options":{"max_cost_usd":1}})");
  EXPECT_EQ(reply.status, 400);
  for (const char* field :
       {"dependencies", "context_files", "timeout", "preferred_agent", "options.max_cost_usd"})
    EXPECT_THAT(reply.json("errors"),
                HasSubstr(std::string("\"") + field + "\":\"is not supported yet"));
  EXPECT_THAT(engine.calls, IsEmpty());
}

TEST(CreateTask, ACallbackGoesToPublicAddressesOnly) {
  FakeEngine engine;
  for (const char* url : {"http://127.0.0.1/x", "http://localhost/x", "http://[::1]/x",
                          "http://169.254.169.254/latest", "http://10.1.2.3", "ftp://x", "x"})
    EXPECT_THAT(ask(engine, "POST /api/v1/tasks",
                    fmt::format(R"({{"title":"x","callback_url":"{}"}})", url))
                    .json("errors"),
                HasSubstr("callback_url"))
        << url;
  EXPECT_THAT(engine.calls, IsEmpty());
  StartRequest asked;
  engine.on_start = [&](const StartRequest& request) -> Result<StartAnswer> {
    asked = request;
    return StartAnswer{WorkflowId("task_1"), kRun, kBorn, false};
  };
  EXPECT_EQ(ask(engine, "POST /api/v1/tasks",
                R"({"title":"x","callback_url":"https://example.com/done"})")
                .status,
            201);
  EXPECT_EQ(asked.callback_url, "https://example.com/done");
}

TEST(CreateTask, BadInputChangesNothing) {
  FakeEngine engine;
  const std::string long_title(501, 'a');
  for (const std::string& body :
       {std::string(), std::string("{}"), std::string(R"({"title":1})"), std::string("[1]"),
        R"({"title":")" + long_title + R"("})", std::string("{\"title\":\"\xff\"}"),
        R"({"title":"x","context":{"a":)" + std::string(100, '[') + std::string(100, ']') + "}}"}) {
    const ApiReply reply = ask(engine, "POST /api/v1/tasks", body);
    EXPECT_EQ(reply.status, 400) << body;
    EXPECT_NE(reply.json("errors"), "") << body;
  }
  EXPECT_THAT(engine.calls, IsEmpty());
}

TEST(CreateTask, WithWaitGivesTheResultOrThePresentState) {
  FakeEngine engine = engine_with_task("in_progress");
  engine.on_start = [](const StartRequest&) -> Result<StartAnswer> {
    return StartAnswer{WorkflowId("task_1"), kRun, kBorn};
  };
  const std::string body = R"({"title":"x"})";
  const ApiReply running = ask(engine, "POST /api/v1/tasks?wait=1s", body);
  EXPECT_EQ(running.status, 202);
  EXPECT_EQ(running.json("progress"), "65");
  EXPECT_EQ(running.headers.at("Location"), "/api/v1/tasks/task_1");
  end_with(engine, {.run = kRun, .result = {R"({"final_answer":"42"})"}, .closed_at = kBorn});
  const ApiReply ended = ask(engine, "POST /api/v1/tasks?wait=1s", body);
  EXPECT_EQ(ended.status, 201);
  EXPECT_EQ(ended.json("result.final_answer"), "\"42\"");
}

TEST(ShowTask, MergesTheViewsMembersAndTheResult) {
  FakeEngine engine = engine_with_task("in_progress");
  EXPECT_EQ(
      ask(engine, "GET /api/v1/tasks/task_1").body,
      R"({"task_id":"task_1","status":"in_progress","title":"Garden","progress":65,"run_id":")" +
          to_string(kRun) + R"(","estimated_completion":null,"result":null})");
  end_with(engine, {.run = kRun, .result = {R"({"final_answer":"42"})"}});
  EXPECT_EQ(ask(engine, "GET /api/v1/tasks/task_1").json("result"), R"({"final_answer":"42"})");
}

TEST(ShowTask, AWorkflowOfAnotherTypeIsNoTask) {
  FakeEngine engine;
  engine.on_view = [](const DescribeRequest&) -> Result<RunView> {
    return RunView{.workflow = WorkflowId("w"), .run = kRun, .type = "bench"};
  };
  for (const char* line : {"GET /api/v1/tasks/w", "GET /api/v1/tasks/w/result",
                           "DELETE /api/v1/tasks/w", "GET /api/v1/tasks/%ff"}) {
    const ApiReply reply = ask(engine, line);
    EXPECT_EQ(reply.status, 404) << line;
    EXPECT_THAT(reply.json("errors"), HasSubstr("\"id\":\"there is no task ")) << line;
  }
}

TEST(ShowTask, ThatIsNotThereIsATaskThatIsNotThere) {
  FakeEngine engine;  // it knows nothing, and calls it a workflow
  EXPECT_EQ(ask(engine, "GET /api/v1/tasks/nope").json("errors"),
            R"({"id":"there is no task nope"})");
}

TEST(TaskResult, Is409WhileItRunsAnd202WhenTheWaitIsOver) {
  FakeEngine engine = engine_with_task("in_progress");
  EXPECT_EQ(ask(engine, "GET /api/v1/tasks/task_1/result").status, 409);
  const ApiReply waited = ask(engine, "GET /api/v1/tasks/task_1/result?wait=5ms");
  EXPECT_EQ(waited.status, 202);
  EXPECT_EQ(waited.json("status"), "\"in_progress\"");
}

TEST(TaskResult, OfAFailedTaskSaysWhy) {
  FakeEngine engine;
  end_with(engine, {.run = kRun,
                    .status = RunStatus::failed,
                    .error_type = "not_accepted",
                    .message = "two subtasks",
                    .closed_at = kBorn});
  EXPECT_EQ(ask(engine, "GET /api/v1/tasks/task_1/result").body,
            R"({"task_id":"task_1","status":"failed","result":null,)"
            R"("error":{"type":"not_accepted","message":"two subtasks"},)"
            R"("completed_at":"2023-11-14T22:13:20.000Z"})");
}

TEST(CancelTask, SaysWhatBecameOfIt) {
  FakeEngine engine = engine_with_task("in_progress");
  std::string reason;
  engine.on_cancel = [&reason](const CancelRequest& request) -> Result<CancelAnswer> {
    reason = request.reason;
    return CancelAnswer{kRun};
  };
  const ApiReply pending = ask(engine, "DELETE /api/v1/tasks/task_1", R"({"reason":"enough"})");
  EXPECT_EQ(pending.status, 202);
  EXPECT_EQ(pending.json("status"), "\"cancelling\"");
  EXPECT_EQ(reason, "enough");
  engine.on_result = [](const DescribeRequest&, Duration) -> Result<std::optional<RunOutcome>> {
    return RunOutcome{.run = kRun, .status = RunStatus::cancelled};
  };
  EXPECT_EQ(ask(engine, "DELETE /api/v1/tasks/task_1").body,
            R"({"task_id":"task_1","status":"cancelled","message":"Task cancelled successfully"})");
  engine.on_result = [](const DescribeRequest&, Duration) -> Result<std::optional<RunOutcome>> {
    return RunOutcome{.run = kRun, .status = RunStatus::completed};
  };
  EXPECT_EQ(ask(engine, "DELETE /api/v1/tasks/task_1").status, 409);
}

TEST(ApproveTask, SendsTheDecisionAsItWasSaid) {
  FakeEngine engine = engine_with_task("waiting_for_human");
  SignalRequest asked;
  engine.on_signal = [&asked](const SignalRequest& request) -> Result<SignalAnswer> {
    asked = request;
    return SignalAnswer{kRun, Sequence(5)};
  };
  const ApiReply reply =
      ask(engine, "POST /api/v1/tasks/task_1/approve", R"({"decision":"accept","comment":"ok"})");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.json("decision"), "\"accept\"");
  EXPECT_EQ(asked.name, "approve");
  EXPECT_EQ(asked.payload.bytes, R"({"comment":"ok","decision":"accept"})");
}

TEST(ApproveTask, NeedsATaskThatWaitsAndADecision) {
  FakeEngine engine = engine_with_task("in_progress");
  EXPECT_EQ(ask(engine, "POST /api/v1/tasks/task_1/approve", R"({"decision":"accept"})").status,
            409);
  EXPECT_EQ(ask(engine, "POST /api/v1/tasks/task_1/approve", R"({"decision":"accept"})",
                {"Idempotency-Key: new"})
                .status,
            409);
  engine.calls.clear();
  for (const char* body : {"{}", R"({"decision":"maybe"})", R"({"decision":"accept","x":1})"})
    EXPECT_EQ(ask(engine, "POST /api/v1/tasks/task_1/approve", body).status, 400) << body;
  EXPECT_THAT(engine.calls, IsEmpty());
}

TEST(ApproveTask, RepeatedWithItsKeyGetsTheFirstAnswerThoughTheTaskWentOn) {
  FakeEngine engine = engine_with_task("in_progress");
  engine.on_history = [](const DescribeRequest&, Sequence after) -> Result<HistoryPage> {
    HistoryPage page{.run = kRun, .next = Sequence(1)};
    if (after == Sequence(0))
      page.events.push_back(
          {.sequence = Sequence(1),
           .body = SignalReceived{.name = "approve",
                                  .key = SignalKey{.key = digest_of(idempotency_key("", "k"))}}});
    return page;
  };
  engine.on_signal = [](const SignalRequest&) -> Result<SignalAnswer> {
    return SignalAnswer{kRun, Sequence(1), true};
  };
  const ApiReply reply = ask(engine, "POST /api/v1/tasks/task_1/approve",
                             R"({"decision":"accept"})", {"Idempotency-Key: k"});
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.headers.at("Idempotency-Replayed"), "true");
}

// 450 tasks, newest first: user u<i%3>, every tenth has failed, every seventh is of high priority.
FakeEngine engine_with_many_tasks() {
  FakeEngine engine;
  const auto view_of = [](int i) {
    RunView view{
        .workflow = WorkflowId("task_" + std::to_string(1000 + i)), .run = kRun, .type = "task"};
    view.started_at = kBorn + std::chrono::seconds(i);
    view.updated_at = kBorn + std::chrono::seconds(1000 - i);
    view.custom = R"({"user_id":"u)" + std::to_string(i % 3) + R"(","status":")" +
                  (i % 10 == 0 ? "failed" : "completed") + R"(","priority":")" +
                  (i % 7 == 0 ? "high" : "normal") + R"("})";
    return view;
  };
  engine.on_views = [view_of](const ViewScan& scan) -> Result<std::vector<RunView>> {
    EXPECT_EQ(scan.type, "task");
    std::vector<RunView> views;
    const int newest = scan.after ? std::stoi(scan.after->text().substr(5)) - 1001 : 449;
    for (int i = newest; i >= 0 && views.size() < scan.limit; --i) views.push_back(view_of(i));
    return views;
  };
  engine.on_view = [view_of](const DescribeRequest& request) -> Result<RunView> {
    return view_of(std::stoi(request.workflow.text().substr(5)) - 1000);
  };
  return engine;
}

std::string ids_of(const ApiReply& reply) {
  std::string ids;
  for (std::size_t at = 0; (at = reply.body.find("\"task_id\":\"task_", at)) != std::string::npos;
       ++at)
    ids += (ids.empty() ? "" : " ") + reply.body.substr(at + 16, 4);
  return ids;
}

TEST(ListTasks, PagesThroughAllWithTheirTotal) {
  FakeEngine engine = engine_with_many_tasks();
  const ApiReply first = ask(engine, "GET /api/v1/tasks");
  EXPECT_TRUE(ids_of(first).starts_with("1449 1448 ")) << first.body;
  EXPECT_EQ(first.json("pagination"), R"({"limit":20,"page":1,"pages":23,"total":450})");
  EXPECT_EQ(ids_of(ask(engine, "GET /api/v1/tasks?page=225&limit=2")), "1001 1000");
  EXPECT_EQ(ids_of(ask(engine, "GET /api/v1/tasks?page=24")), "");
}

TEST(ListTasks, FiltersAndSorts) {
  FakeEngine engine = engine_with_many_tasks();
  const ApiReply failed = ask(engine, "GET /api/v1/tasks?status=failed&user_id=u0&limit=2");
  EXPECT_EQ(ids_of(failed), "1420 1390");
  EXPECT_EQ(failed.json("pagination.total"), "15");
  EXPECT_EQ(ids_of(ask(engine, "GET /api/v1/tasks?order=asc&limit=2")), "1000 1001");
  EXPECT_EQ(ids_of(ask(engine, "GET /api/v1/tasks?sort=updated_at&limit=2")), "1000 1001");
  EXPECT_EQ(ids_of(ask(engine, "GET /api/v1/tasks?sort=priority&limit=2")), "1448 1441");
}

TEST(ListTasks, RefusesBadParametersByName) {
  FakeEngine engine;
  const ApiReply reply =
      ask(engine, "GET /api/v1/tasks?page=0&limit=101&sort=name&order=up&status=open&user=u");
  EXPECT_EQ(reply.status, 400);
  for (const char* name : {"page", "limit", "sort", "order", "status", "user"})
    EXPECT_THAT(reply.json("errors"), HasSubstr(std::string("\"query.") + name + "\""));
  EXPECT_THAT(reply.json("errors"),
              HasSubstr(R"(is \"open\": use one of pending, in_progress, paused,)"));
  EXPECT_THAT(engine.calls, IsEmpty());
}

}  // namespace
}  // namespace reprise::api
