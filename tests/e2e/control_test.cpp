// Updates, children, and what ends or holds a run from outside, over real HTTP and a real SIGKILL.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "storage/testing/temporary_directory.hpp"
#include "tests/support/api_client.hpp"
#include "tests/support/server_process.hpp"

namespace reprise::testing {
namespace {

const std::string kWorkflows = "/api/v1/workflows";

class Control : public ::testing::Test {
 protected:
  Control() : server_({.data = data_.path(), .arguments = {"--bench"}}) { start(); }
  void start() {
    server_.start();
    api_ = std::make_unique<ApiClient>(server_.url());
  }
  void kill_and_start() {
    server_.kill();
    start();
  }
  HttpResponse post(const std::string& path, const std::string& body = "",
                    const std::string& key = "") const {
    HttpHeaders headers;
    if (!key.empty()) headers.push_back({.name = "Idempotency-Key", .value = key});
    return api_->post(kWorkflows + path, body, std::move(headers));
  }
  [[nodiscard]] Json describe(const std::string& id) const {
    return api_->read(kWorkflows + "/" + id);
  }

  TemporaryDirectory data_;
  ServerProcess server_;
  std::unique_ptr<ApiClient> api_;
};

TEST_F(Control, AnUpdateIsAnsweredAndItsKeyFindsTheAnswerAgainAfterAKill) {
  ASSERT_EQ(post("", R"({"type":"bench.account","id":"a","input":{"cents":5}})").status, 201);
  const HttpResponse first = post("/a/update/deposit?wait=30s", R"({"cents":7})", "d1");
  ASSERT_EQ(first.status, 200) << first.body;
  EXPECT_EQ(json_of(first)["result"]["cents"], 12);
  kill_and_start();
  const HttpResponse again = post("/a/update/deposit?wait=30s", R"({"cents":7})", "d1");
  EXPECT_EQ(json_of(again)["result"]["cents"], 12) << again.body;
  EXPECT_EQ(api_->read(kWorkflows + "/a/updates/d1")["status"], "completed");
  EXPECT_EQ(post("/a/update/deposit", R"({"cents":8})", "d1").status, 422);
  EXPECT_EQ(json_of(post("/a/query/balance"))["cents"], 12);
}

TEST_F(Control, AnUpdateThatItsValidatorRefusesChangesNothing) {
  ASSERT_EQ(post("", R"({"type":"bench.account","id":"a","input":{"cents":5}})").status, 201);
  const HttpResponse refused = post("/a/update/deposit", R"({"cents":0})");
  EXPECT_EQ(refused.status, 400);
  EXPECT_TRUE(json_of(refused)["errors"].contains("cents")) << refused.body;
  EXPECT_EQ(post("/a/update/withdraw", R"({"cents":1})").status, 404);
  EXPECT_EQ(api_->get(kWorkflows + "/a/updates/none").status, 404);
  EXPECT_EQ(api_->history("a").size(), 1U);
}

TEST_F(Control, ChildrenOnAllShardsEndThoughTheServerIsKilledAmongThem) {
  ASSERT_EQ(post("", R"({"type":"bench.family","id":"f","input":{"children":40}})").status, 201);
  kill_and_start();
  EXPECT_EQ(api_->workflow_result("f")["result"]["i"], 40);
  std::size_t ended = 0;
  for (const Json& event : api_->history("f")) ended += event["kind"] == "child_closed" ? 1 : 0;
  EXPECT_EQ(ended, 40U);
}

TEST_F(Control, ATerminatedRunEndsAtOnceAndOnce) {
  ASSERT_EQ(post("", R"({"type":"bench.sleeper","id":"s","input":{"ms":3600000}})").status, 201);
  const HttpResponse ended = post("/s/terminate", R"({"reason":"no longer needed"})");
  EXPECT_EQ(ended.status, 200) << ended.body;
  EXPECT_EQ(post("/s/terminate").status, 200);
  const Json result = api_->workflow_result("s");
  EXPECT_EQ(result["status"], "terminated");
  EXPECT_EQ(result["error"]["message"], "no longer needed");
  EXPECT_EQ(post("/s/pause").status, 409);
}

TEST_F(Control, APausedRunTakesSignalsAndGoesOnWhenItIsUnpaused) {
  ASSERT_EQ(post("", R"({"type":"bench.signals","id":"p","input":{"count":1}})").status, 201);
  EXPECT_EQ(post("/p/pause", R"({"reason":"looking"})").status, 200);
  EXPECT_EQ(post("/p/signal/signal", "1").status, 200);
  kill_and_start();
  EXPECT_EQ(describe("p")["paused"]["reason"], "looking");
  EXPECT_EQ(describe("p")["pending_inputs"], 1);
  EXPECT_EQ(post("/p/unpause").status, 200);
  EXPECT_EQ(api_->workflow_result("p")["status"], "completed");
}

TEST_F(Control, AStartDelayAndATimeoutAreKeptOverAKill) {
  ASSERT_EQ(
      post("", R"({"type":"bench.chain","id":"d","input":{"n":1},"start_delay":"1h"})").status,
      201);
  ASSERT_EQ(post("", R"({"type":"bench.sleeper","id":"t","input":{"ms":3600000},
                        "run_timeout":"300ms"})")
                .status,
            201);
  kill_and_start();
  EXPECT_EQ(api_->workflow_result("t")["status"], "timed_out");
  EXPECT_TRUE(describe("d")["starts_at"].is_string());
  EXPECT_EQ(api_->history("d").size(), 1U);
}

TEST_F(Control, ATakenIdIsUsedOrReplacedAsTheCallerSays) {
  const std::string start = R"({"type":"bench.signals","id":"x","input":{},"id_conflict":")";
  const std::string run = json_of(post("", start + "fail\"}"))["run_id"];
  EXPECT_EQ(post("", start + "fail\"}").status, 409);
  EXPECT_EQ(json_of(post("", start + "use_existing\"}"))["run_id"], run);
  const std::string other = json_of(post("", start + "terminate_existing\"}"))["run_id"];
  EXPECT_NE(other, run);
  EXPECT_EQ(api_->read(kWorkflows + "/x/runs/" + run)["status"], "terminated");
  EXPECT_EQ(post("", start + "maybe\"}").status, 400);
  EXPECT_EQ(post("", R"({"type":"bench.signals","start_delay":"soon"})").status, 400);
}

TEST_F(Control, ADeletedWorkflowIsGoneForGoodAndAnOpenOneIsRefused) {
  const auto remove = [this](const std::string& path) { return api_->remove(kWorkflows + path); };
  ASSERT_EQ(post("", R"({"type":"bench.account","id":"a","input":{"cents":5}})").status, 201);
  const HttpResponse refused = remove("/a");
  EXPECT_EQ(refused.status, 409);
  EXPECT_NE(refused.body.find("terminate it first"), std::string::npos) << refused.body;
  ASSERT_EQ(post("/a/terminate").status, 200);
  const HttpResponse gone = remove("/a");
  EXPECT_EQ(gone.status, 200) << gone.body;
  EXPECT_EQ(json_of(gone)["runs_deleted"], 1);
  kill_and_start();
  for (const char* path : {"/a", "/a/history", "/a/result"})
    EXPECT_EQ(api_->get(kWorkflows + path).status, 404) << path;
  EXPECT_EQ(remove("/a").status, 404);
  EXPECT_TRUE(api_->read(kWorkflows)["workflows"].empty());
  EXPECT_EQ(post("", R"({"type":"bench.account","id":"a","id_reuse":"reject","input":{"cents":5}})")
                .status,
            201);
}

TEST_F(Control, AResetRunGoesOnFromAnEarlierPointAndSurvivesAKill) {
  ASSERT_EQ(post("?wait=30s", R"({"type":"bench.chain","id":"c","input":{"n":3}})").status, 201);
  const std::string first = describe("c")["run_id"].get<std::string>();
  const HttpResponse wrong = post("/c/reset", R"({"event":4711})");
  EXPECT_EQ(wrong.status, 404);
  EXPECT_NE(wrong.body.find("there is no event 4711"), std::string::npos) << wrong.body;
  EXPECT_EQ(post("/c/reset", "{}").status, 400);
  const HttpResponse reset = post("/c/reset", R"({"event":4,"reason":"again"})");
  ASSERT_EQ(reset.status, 201) << reset.body;
  kill_and_start();
  EXPECT_EQ(api_->workflow_result("c")["result"]["i"], 3);
  EXPECT_EQ(describe("c")["run_id"], json_of(reset)["run_id"]);
  EXPECT_EQ(api_->read(kWorkflows + "/c/runs/" + first)["status"], "completed");
  std::size_t forks = 0;
  for (const Json& event : api_->history("c")) forks += event["kind"] == "run_forked" ? 1 : 0;
  EXPECT_EQ(forks, 1U);
}

TEST(Retention, DeletesWhatHasEndedAndKeepsWhatGoesOn) {
  const TemporaryDirectory data;
  ServerProcess server({.data = data.path(), .arguments = {"--bench", "--retention", "1s"}});
  server.start();
  const ApiClient api(server.url());
  ASSERT_EQ(
      api.post(kWorkflows, R"({"type":"bench.account","id":"open","input":{"cents":5}})").status,
      201);
  ASSERT_EQ(api.post(kWorkflows + "?wait=30s", R"({"type":"bench.chain","id":"c","input":{"n":3}})")
                .status,
            201);
  // Each question is a round trip; the sweep comes about a second behind the end.
  for (int asked = 0; asked < 100'000 && api.get(kWorkflows + "/c").status != 404; ++asked) {
  }
  EXPECT_EQ(api.get(kWorkflows + "/c").status, 404);
  EXPECT_EQ(api.read(kWorkflows + "/open")["status"], "running");
}

}  // namespace
}  // namespace reprise::testing
