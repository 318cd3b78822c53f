// Remote workers in Python and Node against the real server: killed, stopped, cancelled, cut off from
// a server that is killed itself. By the history, each activity has one result, and none is lost.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <map>
#include <memory>
#include <set>

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
  const char* odd_script;
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
    return run(fmt::format("{}/{}", REPRISE_WORKERS, GetParam().script), fmt::format("{}", slots));
  }
  // One whose activity does what no library can send.
  std::unique_ptr<WorkerProcess> odd_worker() {
    return run(fmt::format("{}/{}", REPRISE_ODD_WORKERS, GetParam().odd_script), REPRISE_WORKERS);
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
  [[nodiscard]] std::size_t count(const std::string& workflow, std::string_view kind) const {
    const std::vector<Json> events = api_->history(workflow);
    return static_cast<std::size_t>(
        std::ranges::count_if(events, [&](const Json& event) { return event["kind"] == kind; }));
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

  std::unique_ptr<WorkerProcess> run(const std::string& script, const std::string& last) {
    return std::make_unique<WorkerProcess>(
        std::vector<std::string>{GetParam().program, script, server_->url(), "far", last});
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
  EXPECT_EQ(count(workflow, "activity_attempt_failed"), 0U);
  for (const auto* each : {one.get(), two.get()}) each->signal(SIGTERM);
  EXPECT_EQ(one->wait_until_gone(), 0) << one->log();
  EXPECT_EQ(two->wait_until_gone(), 0) << two->log();
  expect_content();
}

TEST_P(RemoteWorker, FinishesWhatItHasWhenItIsAskedToEndAndTakesNothingNew) {
  const auto one = worker(1);
  const std::string workflow = start(2, 2000);
  const std::string token = one->wait_for("began ");
  one->signal(SIGTERM);
  one->wait_for("stopping");
  EXPECT_EQ(one->wait_for("recorded "), token);
  EXPECT_EQ(one->wait_until_gone(), 0) << one->log();
  const Json queue = api_->read("/api/v1/queues/far");
  EXPECT_EQ(queue["waiting"], 1);
  EXPECT_EQ(queue["leased"], 0);
  const auto heir = worker(1);
  expect_done_once(workflow, 2);
  EXPECT_EQ(count(workflow, "activity_attempt_failed"), 0U);
}

TEST_P(RemoteWorker, WhatAKilledOneHadIsReassignedWithinTheLease) {
  const auto victim = worker(2);
  const std::string workflow = start(2, 8000);
  const std::string token = victim->wait_for("began ");
  victim->wait_for("half ");
  const auto heir = worker(2);
  victim->signal(SIGKILL);
  const auto killed = std::chrono::steady_clock::now();
  EXPECT_EQ(victim->wait_until_gone(), 128 + SIGKILL);
  heir->wait_for("began ");
  heir->wait_for("began ");
  report("killed, its work was begun by another", since(killed));
  EXPECT_LE(since(killed), kLease + kRetry + kSlack);
  const Json timed_out = failure_of(token);
  EXPECT_EQ(timed_out["data"]["failure"]["type"], "timeout");
  EXPECT_THAT(timed_out["data"]["failure"]["message"].get<std::string>(),
              ::testing::HasSubstr("heartbeat"));
  expect_refused(token);
  expect_done_once(workflow, 2);
  EXPECT_EQ(count(workflow, "activity_attempt_failed"), 2U);
  expect_refused(token);
  expect_content();
}

// Half of this work takes longer than the lease: that the attempt has lived so long means that a
// heartbeat of it was heard, and its details with it.
TEST_P(RemoteWorker, WhatAKilledOneToldIsHandedToTheNextAttempt) {
  const auto victim = worker(1);
  const std::string workflow = start(1, 2 * (kLease + milliseconds(500)).count());
  const std::string token = victim->wait_for("half ");
  victim->signal(SIGKILL);
  const auto details = failure_of(token)["data"]["details"].get<std::uint64_t>();
  EXPECT_GE(details, 10U);
  const Json next = json_of(api_->post("/api/v1/queues/far/poll?wait=30s", "{}"));
  EXPECT_EQ(next["attempt"], 2);
  EXPECT_EQ(next["last_details"], details);
  const std::string done = "/api/v1/activities/" + next["token"].get<std::string>() + "/complete";
  EXPECT_EQ(api_->post(done, R"({"result":{"i":1}})").status, 200);
  EXPECT_EQ(api_->post(done, R"({"result":{"i":2}})").status, 200) << "the first one counts";
  expect_done_once(workflow, 1);
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
  const std::string before = start(1, 10);
  one->wait_for("recorded ");
  const std::string workflow = start(3, 3000);
  std::set<std::string> tokens;
  while (tokens.size() < 3) tokens.insert(one->wait_for("began "));
  server_->kill();
  const auto killed = std::chrono::steady_clock::now();
  server_->start();
  const Json lost = first_event(workflow, "activity_attempt_lost");
  report("the server killed and started, its attempts were lost and queued again", since(killed));
  for (std::size_t i = 0; i < tokens.size(); ++i)
    EXPECT_TRUE(tokens.contains(one->wait_for("stale_attempt ")));
  for (const std::string& token : tokens) expect_refused(token);
  expect_done_once(workflow, 3);
  EXPECT_EQ(count(workflow, "activity_attempt_lost"), 3U);
  EXPECT_EQ(count(workflow, "activity_attempt_failed"), 0U);
  EXPECT_EQ(count(before, "activity_completed"), 1U);
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

// What its worker does is chosen by the time that the work should take.
TEST_P(RemoteWorker, WhatCannotBeSentFailsTheAttemptAndSaysWhy) {
  const auto odd = odd_worker();
  const Json refused = first_event(start(1, 1), "activity_failed");
  EXPECT_EQ(refused["data"]["failure"]["type"], "result_refused") << refused;
  for (const auto& [work, why] : {std::pair(2U, "JSON"), {3U, "4096"}, {4U, "no error object"}}) {
    const std::string workflow = start(1, work);
    const Json failed = first_event(workflow, "activity_attempt_failed");
    EXPECT_EQ(failed["data"]["failure"]["type"], "exception") << failed;
    EXPECT_THAT(failed["data"]["failure"]["message"].get<std::string>(), ::testing::HasSubstr(why));
    expect_done_once(workflow, 1);
  }
  const Json cut = first_event(start(1, 5), "activity_failed");
  EXPECT_THAT(
      cut["data"]["failure"]["message"].get<std::string>(),
      ::testing::AllOf(::testing::StartsWith("a€€"), ::testing::SizeIs(::testing::Le(3072))));
}

TEST_P(RemoteWorker, APollOfAnEmptyQueueWaitsAndThenSaysThatThereIsNothing) {
  const auto began = std::chrono::steady_clock::now();
  const HttpResponse nothing = api_->post("/api/v1/queues/empty/poll?wait=300ms", "{}");
  EXPECT_EQ(nothing.status, 204);
  EXPECT_EQ(nothing.body, "");
  EXPECT_GE(since(began), milliseconds(300));
  EXPECT_EQ(api_->post("/api/v1/queues/empty/poll", "{}").status, 204)
      << "and without a wait at once";
  EXPECT_EQ(api_->read("/api/v1/queues/empty")["pollers"], 0);
}

INSTANTIATE_TEST_SUITE_P(Languages, RemoteWorker,
                         ::testing::Values(Language{"Python", "python3", "python/example.py",
                                                    "odd.py"},
                                           Language{"Node", "node", "node/example.mjs", "odd.mjs"}),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace reprise::testing
