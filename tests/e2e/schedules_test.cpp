// Schedules on the real server: over HTTP, and through a SIGKILL.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "storage/testing/temporary_directory.hpp"
#include "tests/support/api_client.hpp"
#include "tests/support/server_process.hpp"

namespace reprise::testing {
namespace {

const std::string kSchedules = "/api/v1/schedules";

class Schedules : public ::testing::Test {
 protected:
  Schedules() : server_({.data = data_.path(), .arguments = {"--bench"}}) { start(); }
  void start() {
    server_.start();
    api_ = std::make_unique<ApiClient>(server_.url());
  }
  void create(const std::string& id, const std::string& members) {
    const HttpResponse made =
        api_->post(kSchedules, fmt::format(R"({{"id":"{}",{}}})", id, members));
    ASSERT_EQ(made.status, 201) << made.body;
  }
  // Waits until the schedule has asked for so many starts.
  void wait_for_starts(const std::string& id, std::size_t count) const {
    std::size_t seen = 0;
    static_cast<void>(api_->wait_for_event("schedule_" + id, [&](const Json& event) {
      return event["kind"] == "child_started" && ++seen >= count;
    }));
  }
  // Every workflow that any start of the schedule made, and how many runs it has.
  [[nodiscard]] std::map<std::string, std::size_t> runs_of_starts(const std::string& id) const {
    std::map<std::string, std::size_t> runs;
    for (const Json& event : api_->history("schedule_" + id))
      if (event["kind"] == "child_started") ++runs[event["data"]["run_id"].get<std::string>()];
    return runs;
  }
  [[nodiscard]] std::vector<std::string> asked(const std::string& id) const {
    std::vector<std::string> workflows;
    for (const Json& event : api_->history("schedule_" + id))
      if (event["kind"] == "child_scheduled")
        workflows.push_back(event["data"]["workflow_id"].get<std::string>());
    return workflows;
  }

  TemporaryDirectory data_;
  ServerProcess server_;
  std::unique_ptr<ApiClient> api_;
};

const std::string kEverySecond =
    R"("spec":{"interval":{"every":"1s"}},"action":{"type":"bench.chain","input":{"n":3}})";

TEST_F(Schedules, NoFireTimeIsStartedTwiceThoughTheServerIsKilledAgainAndAgain) {
  create("s", kEverySecond + R"(,"overlap":"allow_all")");
  for (std::size_t starts = 1; starts <= 4; ++starts) {
    wait_for_starts("s", starts);
    server_.kill();
    start();
  }
  wait_for_starts("s", 6);
  const std::vector<std::string> all = asked("s");
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), all.size());
  for (const auto& [run, times] : runs_of_starts("s")) EXPECT_EQ(times, 1U) << run;
  // In the order of their times, none left out: what passed while the server was down was made up.
  EXPECT_TRUE(std::ranges::is_sorted(all));
  EXPECT_EQ(api_->workflow_result(all.front())["result"]["i"], 3);
  const Json shown = api_->read(kSchedules + "/s");
  EXPECT_EQ(shown["missed"], 0) << shown;
  EXPECT_EQ(shown["refused"], 0) << shown;
  EXPECT_EQ(shown["next_fire_times"].size(), 10U) << shown;
}

TEST_F(Schedules, IsPausedTriggeredBackfilledAndDeleted) {
  create("t", R"("spec":{"cron":"0 0 1 1 *"},"action":{"type":"bench.chain","input":{"n":1}})");
  EXPECT_EQ(api_->post(kSchedules, R"({"id":"t","spec":{"cron":"@daily"},"action":)"
                                   R"({"type":"bench.chain","input":{"n":1}}})")
                .status,
            409);
  const Json paused = json_of(api_->post(kSchedules + "/t/pause", R"({"note":"a holiday"})"));
  EXPECT_EQ(paused["paused"], true) << paused;
  const Json triggered = json_of(api_->post(kSchedules + "/t/trigger", "{}"));
  EXPECT_EQ(triggered["offered"], "starts") << triggered;
  wait_for_starts("t", 1);
  EXPECT_EQ(api_->workflow_result(triggered["workflow_id"].get<std::string>())["result"]["i"], 1);
  const Json backfilled =
      json_of(api_->post(kSchedules + "/t/backfill",
                         R"({"from":"2020-01-01T00:00:00Z","to":"2023-12-31T00:00:00Z"})"));
  EXPECT_EQ(backfilled["starts"], 4) << backfilled;
  wait_for_starts("t", 5);
  EXPECT_EQ(api_->workflow_result("t-20230101T000000Z")["result"]["i"], 1);
  EXPECT_EQ(api_->post(kSchedules + "/t/backfill",
                       R"({"from":"2020-01-01T00:00:00Z","to":"2999-12-31T00:00:00Z"})")
                .status,
            400);
  EXPECT_EQ(api_->read(kSchedules)["schedules"][0]["note"], "a holiday");
  EXPECT_EQ(api_->remove(kSchedules + "/t").status, 200);
  EXPECT_EQ(api_->get(kSchedules + "/t").status, 404);
  EXPECT_EQ(api_->remove(kSchedules + "/t").status, 404);
  EXPECT_TRUE(api_->read(kSchedules)["schedules"].empty());
  create("t", kEverySecond);
}

}  // namespace
}  // namespace reprise::testing
