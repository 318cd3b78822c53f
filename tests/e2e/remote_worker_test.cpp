// Remote workers in Python and Node against the real server: killed, stopped, cancelled, cut off from
// a server that is killed itself. By the history, each activity has one result, and none is lost.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <cstdlib>
#include <map>
#include <memory>

#include "storage/testing/temporary_directory.hpp"
#include "tests/support/api_client.hpp"
#include "tests/support/server_process.hpp"
#include "tests/support/worker_process.hpp"

namespace reprise::testing {
namespace {

using std::chrono::milliseconds;

// A worker may be silent for so long, then its work is another's. Its beats come three times in it.
constexpr auto kLease = milliseconds(1500);
constexpr auto kRetry = milliseconds(60);  // the first retry of bench.remote, with its jitter
// What a busy machine may add: the process's start, a beat that was on its way.
constexpr auto kSlack = milliseconds(2000);

struct Language {
  const char* name;
  const char* program;
  const char* script;
};

class RemoteWorker : public ::testing::TestWithParam<Language> {
 protected:
  void SetUp() override {
    if (!has_program(GetParam().program))
      GTEST_SKIP() << GetParam().program << " is not installed: tools/dev/setup installs it";
    server_ = std::make_unique<ServerProcess>(
        ServerOptions{.data = data_.path(),
                      .arguments = {"--bench", "--provider", "offline"},
                      .environment = {},
                      .keeps_port = true});
    server_->start();
    api_ = std::make_unique<ApiClient>(server_->url());
  }

  std::unique_ptr<WorkerProcess> worker(unsigned slots = 2) {
    const std::string script = fmt::format("{}/{}", REPRISE_WORKERS, GetParam().script);
    return std::make_unique<WorkerProcess>(std::vector<std::string>{
        GetParam().program, script, server_->url(), "far", fmt::format("{}", slots)});
  }
  // n steps of so much work each; its id.
  std::string start(unsigned n, unsigned work_ms) {
    const HttpResponse made = api_->post(
        "/api/v1/workflows",
        fmt::format(
            R"({{"type":"bench.remote","input":{{"queue":"far","n":{},"work_ms":{},"heartbeat_ms":{}}}}})",
            n, work_ms, kLease.count()));
    EXPECT_EQ(made.status, 201) << made.body;
    return json_of(made)["workflow_id"].get<std::string>();
  }
  Json first_event(const std::string& workflow, std::string_view kind) const {
    return api_->wait_for_event(workflow, [&](const Json& event) { return event["kind"] == kind; });
  }
  // The end of this attempt.
  Json failure_of(const std::string& token) const {
    return api_->wait_for_event(part_of(token, 4), [&](const Json& event) {
      return event["kind"] == "activity_attempt_failed" &&
             fmt::format("{}", event["command_id"].get<unsigned>()) == part_of(token, 2);
    });
  }
  // It completed, and each of its n activities has one result.
  void expect_done_once(const std::string& workflow, unsigned n) const {
    EXPECT_EQ(api_->workflow_result(workflow)["status"], "completed");
    std::map<unsigned, unsigned> results;
    for (const Json& event : api_->history(workflow))
      if (event["kind"] == "activity_completed") ++results[event["command_id"].get<unsigned>()];
    EXPECT_EQ(results.size(), n);
    for (const auto& [command, count] : results) EXPECT_EQ(count, 1U) << "command " << command;
    const Json queue = api_->read("/api/v1/queues/far");
    EXPECT_EQ(queue["waiting"], 0);
    EXPECT_EQ(queue["leased"], 0);
  }
  void expect_refused(const std::string& token) const {
    const HttpResponse refused =
        api_->post("/api/v1/activities/" + token + "/complete", R"({"result":{"i":99}})");
    EXPECT_EQ(refused.status, 409) << refused.body;
    EXPECT_EQ(json_of(refused)["code"], "stale_attempt");
    for (const Json& event : api_->history(part_of(token, 4)))
      EXPECT_FALSE(event["kind"] == "activity_completed" && event["data"]["result"]["i"] == 99)
          << "nothing is recorded";
  }
  // Of epoch, run, command, attempt, workflow.
  static std::string part_of(std::string token, int part) {
    for (; part > 0; --part) token.erase(0, token.find('.') + 1);
    return token.substr(0, token.find('.'));
  }
  // The log is whole, and this build's code runs as it says.
  void expect_content() {
    server_->terminate();
    const std::string verify =
        fmt::format("{} --data {} verify --all > /dev/null", REPRISE_REPLAY, data_.path().string());
    EXPECT_EQ(std::system(verify.c_str()), 0) << verify;
  }
  static Duration since(std::chrono::steady_clock::time_point begin) {
    return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - begin);
  }
  static void report(std::string_view what, Duration took) {
    fmt::print("{}: {} after {} ms, with a lease of {} ms\n", GetParam().name, what,
               took.count() / 1000, kLease.count());
  }

  TemporaryDirectory data_;
  std::unique_ptr<ServerProcess> server_;
  std::unique_ptr<ApiClient> api_;
};

TEST_P(RemoteWorker, TwoOfThemDoAllTheWorkAndEndWhenTheyAreAsked) {
  const auto one = worker(4);
  const auto two = worker(4);
  const std::string workflow = start(40, 20);
  expect_done_once(workflow, 40);
  for (const auto& event : api_->history(workflow))
    EXPECT_NE(event["kind"], "activity_attempt_failed") << event;
  for (const auto* each : {one.get(), two.get()}) each->signal(SIGTERM);
  EXPECT_EQ(one->wait_until_gone(), 0) << one->log();
  EXPECT_EQ(two->wait_until_gone(), 0) << two->log();
  expect_content();
}

TEST_P(RemoteWorker, WhatAKilledOneHadIsReassignedWithinTheLease) {
  const auto victim = worker(2);
  const std::string workflow = start(3, 3000);
  const std::string token = victim->wait_for("began ");
  victim->wait_for("began ");
  const auto heir = worker(1);  // its poll waits behind two slots that are busy
  victim->signal(SIGKILL);
  const auto killed = std::chrono::steady_clock::now();
  EXPECT_EQ(victim->wait_until_gone(), 128 + SIGKILL);
  const Json timed_out = failure_of(token);
  report("killed, its work was another's", since(killed));
  EXPECT_LE(since(killed), kLease + kRetry + kSlack);
  EXPECT_EQ(timed_out["data"]["failure"]["type"], "timeout");
  EXPECT_THAT(timed_out["data"]["failure"]["message"].get<std::string>(),
              ::testing::HasSubstr("heartbeat"));
  EXPECT_TRUE(timed_out["data"].contains("details")) << "what it told goes to the next attempt";
  expect_refused(token);
  const auto another = worker(2);
  expect_done_once(workflow, 3);
  expect_refused(token);
  expect_content();
}

TEST_P(RemoteWorker, AStoppedOneLosesItsWorkAndIsRefusedWhenItGoesOn) {
  const auto stopped = worker(1);
  const std::string workflow = start(1, 1000);
  const std::string token = stopped->wait_for("began ");
  stopped->signal(SIGSTOP);
  const auto at = std::chrono::steady_clock::now();
  const auto heir = worker(1);
  const std::string next = heir->wait_for("began ");
  report("stopped, its work was begun by another", since(at));
  EXPECT_LE(since(at), kLease + kRetry + kSlack);
  EXPECT_NE(next, token);
  stopped->signal(SIGCONT);
  EXPECT_EQ(stopped->wait_for("stale_attempt "), token);
  heir->wait_for("recorded ");
  expect_refused(token);
  expect_done_once(workflow, 1);
  stopped->signal(SIGTERM);
  EXPECT_EQ(stopped->wait_until_gone(), 0);
  expect_content();
}

TEST_P(RemoteWorker, OutlivesAServerThatIsKilled) {
  const auto one = worker(3);
  const std::string workflow = start(6, 600);
  const std::string token = one->wait_for("began ");
  one->wait_for("recorded ");
  server_->kill();
  const auto killed = std::chrono::steady_clock::now();
  server_->start();
  const Json lost = first_event(workflow, "activity_attempt_lost");
  report("the server killed and started, its attempts were lost and queued again", since(killed));
  expect_refused(token);
  expect_done_once(workflow, 6);
  for (const Json& event : api_->history(workflow)) EXPECT_NE(event["kind"], "activity_failed");
  expect_content();
}

TEST_P(RemoteWorker, IsToldThatItsWorkIsCancelled) {
  const auto one = worker(1);
  const std::string workflow = start(1, 60'000);
  const std::string token = one->wait_for("began ");
  EXPECT_EQ(api_->post("/api/v1/workflows/" + workflow + "/cancel", "{}").status, 202);
  EXPECT_EQ(one->wait_for("cancelled "), token);
  EXPECT_EQ(api_->workflow_result(workflow)["status"], "cancelled");
  const std::string after = start(1, 10);
  one->wait_for("began ");
  expect_done_once(after, 1);
}

TEST_P(RemoteWorker, AKilledPollTakesNothingWithIt) {
  {
    const auto victim = worker(4);
    std::uint64_t pollers = 0;
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (pollers < 4 && std::chrono::steady_clock::now() < until)
      pollers = api_->read("/api/v1/queues/far")["pollers"].get<std::uint64_t>();
    ASSERT_EQ(pollers, 4U);
    victim->signal(SIGKILL);
    victim->wait_until_gone();
  }
  const std::string workflow = start(4, 10);
  const auto heir = worker(2);
  expect_done_once(workflow, 4);
  for (const Json& event : api_->history(workflow))
    EXPECT_NE(event["kind"], "activity_attempt_failed") << event;
}

INSTANTIATE_TEST_SUITE_P(Languages, RemoteWorker,
                         ::testing::Values(Language{"Python", "python3", "python/example.py"},
                                           Language{"Node", "node", "node/example.mjs"}),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace reprise::testing
