// Limits of queues on the real server, as its workers see them: over HTTP, and through a SIGKILL.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "storage/testing/temporary_directory.hpp"
#include "tests/support/api_client.hpp"
#include "tests/support/server_process.hpp"

namespace reprise::testing {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

// Workers that ask the queue "far" for work, do it, and tell; what the server does not answer is asked
// again. `at_work_max`: how many of them were at work at once.
class Crew {
 public:
  Crew(std::string url, unsigned count) : url_(std::move(url)) {
    for (unsigned i = 0; i < count; ++i) threads_.emplace_back([this] { work(); });
  }
  ~Crew() {
    {
      const std::lock_guard lock(mutex_);
      ends_ = true;
      busy_ = false;
    }
    changed_.notify_all();
  }
  // Work that has begun does not end before it may.
  void hold() { set_busy(true); }
  void let_go() { set_busy(false); }
  void wait_until_at_work(unsigned count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return at_work_ >= count; });
  }
  [[nodiscard]] unsigned at_work_max() const {
    const std::lock_guard lock(mutex_);
    return at_work_max_;
  }
  [[nodiscard]] std::vector<Clock::time_point> began() const {
    const std::lock_guard lock(mutex_);
    return began_;
  }
  // In the order in which their work began.
  [[nodiscard]] std::vector<std::string> workflows() const {
    const std::lock_guard lock(mutex_);
    return workflows_;
  }

 private:
  void set_busy(bool busy) {
    const std::lock_guard lock(mutex_);
    busy_ = busy;
    changed_.notify_all();
  }
  void work() {
    const ApiClient api(url_);
    while (!ends()) {
      try {
        const HttpResponse got = api.post("/api/v1/queues/far/poll?wait=1s", "{}");
        if (got.status == 200) do_one(json_of(got));
      } catch (const std::runtime_error&) {
        pause();  // the server is away
      }
    }
  }
  void do_one(const Json& attempt) {
    {
      std::unique_lock lock(mutex_);
      began_.push_back(Clock::now());
      workflows_.push_back(attempt["workflow_id"].get<std::string>());
      at_work_max_ = std::max(at_work_max_, ++at_work_);
      changed_.notify_all();
      changed_.wait(lock, [this] { return !busy_; });
      --at_work_;
    }
    tell(attempt["token"].get<std::string>());
  }
  void tell(const std::string& token) {
    while (!ends()) {
      try {
        const ApiClient api(url_);
        const int status =
            api.post("/api/v1/activities/" + token + "/complete", R"({"result":{"i":1}})").status;
        if (status == 200 || status == 409) return;
      } catch (const std::runtime_error&) {
      }
      pause();
    }
  }
  void pause() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, milliseconds(20), [this] { return ends_; });
  }
  [[nodiscard]] bool ends() const {
    const std::lock_guard lock(mutex_);
    return ends_;
  }

  const std::string url_;
  mutable std::mutex mutex_;  // guards all below
  std::condition_variable changed_;
  bool ends_ = false;
  bool busy_ = false;
  unsigned at_work_ = 0;
  unsigned at_work_max_ = 0;
  std::vector<Clock::time_point> began_;
  std::vector<std::string> workflows_;
  std::vector<std::jthread> threads_;
};

class QueueLimits : public ::testing::Test {
 protected:
  QueueLimits()
      : server_({.data = data_.path(),
                 .arguments = {"--bench", "--provider", "offline"},
                 .environment = {},
                 .keeps_port = true}) {
    server_.start();
    api_ = std::make_unique<ApiClient>(server_.url());
  }
  void limit(const std::string& plan) {
    const HttpResponse set = api_->put("/api/v1/queues/far", plan);
    ASSERT_EQ(set.status, 200) << set.body;
  }
  std::string start(unsigned n, const std::string& more = "") {
    const HttpResponse made = api_->post(
        "/api/v1/workflows",
        fmt::format(R"({{"type":"bench.remote","input":{{"queue":"far","n":{}{}}}}})", n, more));
    EXPECT_EQ(made.status, 201) << made.body;
    return json_of(made)["workflow_id"].get<std::string>();
  }
  [[nodiscard]] Json queue() const { return api_->read("/api/v1/queues/far"); }
  void expect_done_once(const std::string& workflow, unsigned n) const {
    EXPECT_EQ(api_->workflow_result(workflow)["status"], "completed");
    std::map<unsigned, unsigned> results;
    for (const Json& event : api_->history(workflow))
      if (event["kind"] == "activity_completed") ++results[event["command_id"].get<unsigned>()];
    EXPECT_EQ(results.size(), n);
    for (const auto& [command, count] : results) EXPECT_EQ(count, 1U) << "command " << command;
  }

  TemporaryDirectory data_;
  ServerProcess server_;
  std::unique_ptr<ApiClient> api_;
};

TEST_F(QueueLimits, HoldAtEveryMomentThoughTheServerIsKilled) {
  limit(R"({"concurrency_max":2})");
  Crew crew(server_.url(), 6);
  crew.hold();
  const std::string workflow = start(30);
  crew.wait_until_at_work(2);
  server_.kill();
  server_.start();
  // Two workers are still at work, for a process that is gone.
  Json seen = queue();
  while (seen["held"] != 2 || seen["waiting"] != 30) seen = queue();
  EXPECT_EQ(seen["concurrency_max"], 2) << "it is kept";
  EXPECT_EQ(seen["leased"], 0);
  crew.let_go();
  expect_done_once(workflow, 30);
  EXPECT_EQ(crew.at_work_max(), 2U);
  limit("{}");
  EXPECT_TRUE(queue()["concurrency_max"].is_null());
  crew.hold();
  const std::string unlimited = start(6);
  crew.wait_until_at_work(6);
  crew.let_go();
  expect_done_once(unlimited, 6);
}

TEST_F(QueueLimits, AfterAKillARateBeginsSpent) {
  using std::chrono::seconds;
  limit(R"({"rate":{"count":4,"per":"2s"}})");
  Crew crew(server_.url(), 4);
  const auto asked = Clock::now();
  expect_done_once(start(9), 9);
  std::vector<Clock::time_point> began = crew.began();
  EXPECT_GE(began.at(8) - asked, seconds(4)) << "two spans were full before the ninth";
  server_.kill();
  const auto killed = Clock::now();
  server_.start();
  expect_done_once(start(1), 1);
  EXPECT_GE(crew.began().at(9) - killed, seconds(2));
}

TEST_F(QueueLimits, HoldForWhatThisProcessDoes) {
  limit(R"({"concurrency_max":2})");
  const auto asked = Clock::now();
  const std::string workflow = start(10, R"(,"here":true,"work_ms":100)");
  std::uint64_t leased_max = 0;
  for (Json seen = queue(); seen["waiting"] != 0 || seen["leased"] != 0; seen = queue())
    leased_max = std::max(leased_max, seen["leased"].get<std::uint64_t>());
  expect_done_once(workflow, 10);
  EXPECT_LE(leased_max, 2U);
  EXPECT_GE(Clock::now() - asked, milliseconds(500));
  for (const Json& event : api_->history(workflow))
    EXPECT_TRUE(event["kind"] != "activity_attempt_failed" &&
                event["kind"] != "activity_attempt_lost")
        << "a wait uses up no attempt";
}

TEST_F(QueueLimits, HighGoesFirst) {
  limit(R"({"concurrency_max":1})");
  Crew crew(server_.url(), 1);
  crew.hold();
  const std::string first = start(1);
  crew.wait_until_at_work(1);
  const auto start_with = [this](const std::string& priority) {
    const HttpResponse made = api_->post(
        "/api/v1/workflows",
        fmt::format(R"({{"type":"bench.remote","priority":"{}","input":{{"queue":"far","n":1}}}})",
                    priority));
    EXPECT_EQ(made.status, 201) << made.body;
    return json_of(made)["workflow_id"].get<std::string>();
  };
  const std::string low = start_with("low");
  const std::string high = start_with("high");
  while (queue()["waiting"] != 2) {
  }
  crew.let_go();
  for (const std::string& workflow : {first, low, high}) expect_done_once(workflow, 1);
  EXPECT_EQ(crew.workflows(), (std::vector<std::string>{first, high, low}));
}

}  // namespace
}  // namespace reprise::testing
