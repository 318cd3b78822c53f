// What clients may rely on, over real HTTP: keys, ids, waits, histories, feeds, cancels, approvals.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <utility>

#include "activities/contracts/review.hpp"
#include "storage/testing/temporary_directory.hpp"
#include "tests/e2e/event_feed.hpp"
#include "tests/e2e/model_script.hpp"
#include "tests/support/api_client.hpp"
#include "tests/support/server_process.hpp"

namespace reprise::testing {
namespace {

using ::testing::HasSubstr;

const std::string kTasks = "/api/v1/tasks";
const std::string kWorkflows = "/api/v1/workflows";

HttpHeaders key(std::string value) {
  return {{.name = "Idempotency-Key", .value = std::move(value)}};
}

bool is_replayed(const HttpResponse& response) {
  const std::string* header = response.header("Idempotency-Replayed");
  return header != nullptr && *header == "true";
}

bool has_failed_as(const HttpResponse& response, int status, std::string_view field) {
  if (response.status != status) return false;
  const Json problem = json_of(response);
  return field.empty() || (problem.contains("errors") && problem["errors"].contains(field));
}

class Api : public ::testing::Test {
 protected:
  // With `latency`, each answer of a model takes so long.
  ApiClient serve(const std::string& latency = "0ms", std::vector<std::string> environment = {}) {
    const bool is_offline = environment.empty();
    std::vector<std::string> arguments = {"--bench", "--offline-latency", latency};
    if (is_offline) arguments.insert(arguments.end(), {"--provider", "offline"});
    server_ = std::make_unique<ServerProcess>(ServerOptions{.data = data_.path(),
                                                            .arguments = std::move(arguments),
                                                            .environment = std::move(environment)});
    server_->start();
    return ApiClient(server_->url());
  }

  static std::string start_task(const ApiClient& api, const std::string& body) {
    const HttpResponse made = api.post(kTasks, body);
    EXPECT_EQ(made.status, 201) << made.body;
    return json_of(made)["task_id"].get<std::string>();
  }

  TemporaryDirectory data_;
  std::unique_ptr<ServerProcess> server_;
};

TEST_F(Api, AKeyedTaskIsStartedOnceAndAnsweredTheSameEachTime) {
  const ApiClient api = serve();
  const HttpResponse first = api.post(kTasks, R"({"title":"One"})", key("k1"));
  ASSERT_EQ(first.status, 201) << first.body;
  EXPECT_FALSE(is_replayed(first));
  const HttpResponse again = api.post(kTasks, R"({ "title" : "One" })", key("k1"));
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.body, first.body);
  EXPECT_TRUE(is_replayed(again));

  const HttpResponse other = api.post(kTasks, R"({"title":"Two"})", key("k1"));
  EXPECT_TRUE(has_failed_as(other, 422, "Idempotency-Key")) << other.body;
  EXPECT_EQ(api.read(kTasks)["pagination"]["total"], 1);
}

TEST_F(Api, AKeyOutlivesTheServer) {
  const std::string body = R"({"type":"bench.chain","input":{"n":3}})";
  const ApiClient before = serve();
  const HttpResponse first = before.post(kWorkflows, body, key("k1"));
  server_->kill();
  server_->start();
  const ApiClient after(server_->url());
  const HttpResponse again = after.post(kWorkflows, body, key("k1"));
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.body, first.body);
  EXPECT_TRUE(is_replayed(again));
  EXPECT_TRUE(
      has_failed_as(after.post(kWorkflows, R"({"type":"bench.chain","input":{"n":4}})", key("k1")),
                    422, "Idempotency-Key"));
}

TEST_F(Api, AKeyedSignalIsTakenOnce) {
  const ApiClient api = serve();
  api.post(kWorkflows, R"({"type":"bench.signals","id":"s"})");
  const std::string path = kWorkflows + "/s/signal/signal";
  const HttpResponse first = api.post(path, R"({"n":1})", key("n1"));
  const HttpResponse again = api.post(path, R"({"n":1})", key("n1"));
  EXPECT_EQ(first.status, 200) << first.body;
  EXPECT_EQ(again.body, first.body);
  EXPECT_TRUE(is_replayed(again));
  EXPECT_TRUE(has_failed_as(api.post(path, R"({"n":2})", key("n1")), 422, "Idempotency-Key"));
  EXPECT_EQ(api.read(kWorkflows + "/s")["view"]["count"], 1);

  // A repetition is answered after the end of the run as well; anything new is refused.
  EXPECT_EQ(api.post(kWorkflows + "/s/signal/end", "1").status, 200);
  EXPECT_EQ(api.workflow_result("s")["result"]["i"], 1);
  EXPECT_EQ(api.post(path, R"({"n":1})", key("n1")).body, first.body);
  EXPECT_EQ(api.post(path, R"({"n":3})", key("n3")).status, 409);
}

TEST_F(Api, AnIdHasOneOpenRunAtATime) {
  const ApiClient api = serve();
  const std::string body = R"({"type":"bench.signals","id":"s"})";
  EXPECT_EQ(api.post(kWorkflows, body).status, 201);
  EXPECT_TRUE(has_failed_as(api.post(kWorkflows, body), 409, "id"));
  api.post(kWorkflows + "/s/signal/end", "1");
  EXPECT_EQ(api.workflow_result("s")["status"], "completed");
  EXPECT_TRUE(has_failed_as(
      api.post(kWorkflows, R"({"type":"bench.signals","id":"s","id_reuse":"reject"})"), 409, "id"));
  EXPECT_EQ(api.post(kWorkflows, body).status, 201);
}

TEST_F(Api, AStartCanWaitForItsEnd) {
  const ApiClient api = serve();
  const HttpResponse done =
      api.post(kWorkflows + "?wait=30s", R"({"type":"bench.chain","input":{"n":5}})");
  EXPECT_EQ(done.status, 201);
  EXPECT_EQ(json_of(done)["status"], "completed");
  EXPECT_EQ(json_of(done)["result"]["i"], 5);

  const HttpResponse task = api.post(kTasks + "?wait=30s", R"({"title":"Name a broker"})");
  EXPECT_EQ(task.status, 201);
  EXPECT_EQ(json_of(task)["status"], "completed");
  EXPECT_EQ(json_of(task)["result"]["usage"]["simulated"], true);
}

TEST_F(Api, AWaitThatIsOverIsAnsweredWithThePresentState) {
  const ApiClient api = serve("20s");
  const HttpResponse started = api.post(kTasks + "?wait=100ms", R"({"title":"Name a broker"})");
  ASSERT_EQ(started.status, 202) << started.body;
  const std::string task = json_of(started)["task_id"].get<std::string>();
  const HttpResponse waited = api.get(kTasks + "/" + task + "/result?wait=100ms");
  EXPECT_EQ(waited.status, 202);
  EXPECT_EQ(json_of(waited)["status"], "in_progress");
  EXPECT_EQ(api.get(kTasks + "/" + task + "/result").status, 409);
  EXPECT_EQ(api.get(kWorkflows + "/" + task + "/result").status, 409);
}

TEST_F(Api, ALongPollGetsTheEventThatItWaitsFor) {
  const ApiClient api = serve();
  api.post(kWorkflows, R"({"type":"bench.signals","id":"s"})");
  const Json page = api.read(kWorkflows + "/s/history");
  const auto next = page["next"].get<std::uint64_t>();
  EXPECT_EQ(page["closed"], false);
  auto poll = std::async(std::launch::async, [&] {
    return api.read(fmt::format("{}/s/history?after={}&wait=60s", kWorkflows, next));
  });
  EXPECT_EQ(api.post(kWorkflows + "/s/signal/signal", R"({"n":7})").status, 200);
  const Json event = poll.get()["events"].at(0);
  EXPECT_EQ(event["kind"], "signal_received");
  EXPECT_EQ(event["seq"], next + 1);
  EXPECT_EQ(event["data"]["payload"]["n"], 7);

  const Json nothing = api.read(kWorkflows + "/s/history?after=100&wait=50ms");
  EXPECT_TRUE(nothing["events"].empty());
}

TEST_F(Api, AFeedGoesOnBehindTheLastEventThatItsReaderHas) {
  const ApiClient api = serve("1ms");
  const std::string task = start_task(api, R"({"title":"Compare three brokers"})");
  const std::vector<FeedMessage> head =
      read_feed({.url = server_->url(), .workflow = task, .last_event_id = "", .messages_max = 5});
  ASSERT_EQ(head.size(), 5U);
  const std::vector<FeedMessage> rest =
      read_feed({.url = server_->url(), .workflow = task, .last_event_id = head.back().id});
  ASSERT_EQ(rest.back().event, "end");

  const std::vector<Json> history = api.history(task);
  ASSERT_EQ(head.size() + rest.size() - 1, history.size());
  for (std::size_t i = 0; i < history.size(); ++i) {
    const FeedMessage& message = i < head.size() ? head[i] : rest[i - head.size()];
    EXPECT_EQ(message.id, fmt::format("{}", i + 1));
    EXPECT_EQ(message.event, history[i]["kind"].get<std::string>());
    EXPECT_EQ(Json::parse(message.data), history[i]);
  }
}

TEST_F(Api, ADeleteCancelsARunningTask) {
  const ApiClient api = serve("30s");
  const std::string task = start_task(api, R"({"title":"Name a broker"})");
  api.wait_for_event(task, [](const Json& e) { return e["kind"] == "activity_scheduled"; });
  const HttpResponse cancelled = api.remove(kTasks + "/" + task);
  EXPECT_EQ(cancelled.status, 200) << cancelled.body;
  EXPECT_EQ(json_of(cancelled)["status"], "cancelled");

  EXPECT_EQ(api.read(kTasks + "/" + task)["status"], "cancelled");
  const Json end = api.task_result(task);
  EXPECT_EQ(end["status"], "cancelled");
  EXPECT_EQ(end["error"]["type"], "cancelled");
  EXPECT_EQ(api.history(task).back()["kind"], "run_cancelled");
  EXPECT_EQ(api.remove(kTasks + "/" + task).status, 409);
}

TEST_F(Api, AnApprovalThatNobodyWaitsForIsRefused) {
  const ApiClient api = serve("30s");
  const std::string task = start_task(api, R"({"title":"Name a broker"})");
  const std::vector<Json> before = api.history(task);
  EXPECT_EQ(api.post(kTasks + "/" + task + "/approve", R"({"decision":"accept"})").status, 409);
  EXPECT_EQ(api.history(task), before);
}

// Whatever it is shown, the reviewer gives three points of ten.
std::optional<ScriptedReply> reviews_low(const std::string& stage) {
  if (stage != "review") return std::nullopt;
  const Hundredths low{300};
  const Review review{.scores = {low, low, low, low},
                      .feedback = "not good enough",
                      .revision_requests = {"more of it"}};
  return ScriptedReply{.body = chat_completions_protocol().answer(
                           JsonWriter::object(review, JsonWriter::Defaults::write))};
}

bool is_escalated(const Json& event) {
  return event["kind"] == "fact_recorded" && event["data"]["name"] == "escalated";
}

TEST_F(Api, AnEscalatedTaskWaitsForAHumanAndCompletesWhenItIsAccepted) {
  const Protocol& protocol = chat_completions_protocol();
  const ScriptedServer models(scripted_model(
      protocol, [](const std::string& stage, std::size_t) { return reviews_low(stage); }));
  const ApiClient before = serve("0ms", environment_of(protocol, models));
  const std::string task =
      start_task(before, R"({"title":"Name a broker","options":{"review_policy":"escalate"}})");
  before.wait_for_event(task, is_escalated);
  EXPECT_EQ(before.read(kTasks + "/" + task)["status"], "waiting_for_human");

  // It waits as long as it takes, across a crash too.
  server_->kill();
  server_->start();
  const ApiClient api(server_->url());
  EXPECT_EQ(api.read(kTasks + "/" + task)["status"], "waiting_for_human");
  const std::string approve = kTasks + "/" + task + "/approve";
  EXPECT_EQ(api.post(approve, R"({"decision":"perhaps"})").status, 400);
  const HttpResponse accepted =
      api.post(approve, R"({"decision":"accept","comment":"good enough for us"})", key("a1"));
  EXPECT_EQ(accepted.status, 200) << accepted.body;

  const Json end = api.task_result(task);
  EXPECT_EQ(end["status"], "completed") << end;
  EXPECT_EQ(end["result"]["completion"], "full");
  EXPECT_EQ(api.post(approve, R"({"decision":"accept"})").status, 409);
  // Said again under its key, it is the first answer.
  EXPECT_EQ(
      api.post(approve, R"({"decision":"accept","comment":"good enough for us"})", key("a1")).body,
      accepted.body);
}

TEST_F(Api, ATaskNobodyAcceptsIsPartialOrFailedAsItsPolicySays) {
  const Protocol& protocol = chat_completions_protocol();
  const ScriptedServer models(scripted_model(
      protocol, [](const std::string& stage, std::size_t) { return reviews_low(stage); }));
  const ApiClient api = serve("0ms", environment_of(protocol, models));
  const std::string task =
      start_task(api, R"({"title":"Name a broker","options":{"review_policy":"fail"}})");
  const Json end = api.task_result(task);
  EXPECT_EQ(end["status"], "failed");
  EXPECT_EQ(end["error"]["type"], "not_accepted");
  EXPECT_THAT(api.read(kTasks + "/" + task)["ended_in"].get<std::string>(),
              HasSubstr("manager_review"));
}

}  // namespace
}  // namespace reprise::testing
