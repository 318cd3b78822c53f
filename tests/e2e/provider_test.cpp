// The same task on a Messages server and on a Chat Completions server, over real sockets, with trouble
// on the way: a limit and its delay, a server error, an answer that is cut, one that breaks the schema.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>

#include "storage/testing/temporary_directory.hpp"
#include "tests/e2e/model_script.hpp"
#include "tests/support/api_client.hpp"
#include "tests/support/server_process.hpp"

namespace reprise::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// Longer than the engine itself would wait behind a first failure.
constexpr Duration kDelayAskedFor = std::chrono::milliseconds(1700);
constexpr Duration kMillisecond = std::chrono::milliseconds(1);  // times in JSON are cut to it
constexpr std::string_view kTitle = "Compare message brokers for our devices";

// When the n-th request of a stage came in.
class Arrivals {
 public:
  void note(const std::string& stage) {
    const std::lock_guard lock(mutex_);
    times_[stage].push_back(system_clock().steady());
  }
  std::vector<SteadyTime> of(const std::string& stage) {
    const std::lock_guard lock(mutex_);
    return times_[stage];
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::vector<SteadyTime>> times_;
};

ScriptedReply half_of(const std::string& body) {
  return {.body = body, .cut_after = body.size() / 2};
}

Twist trouble(const Protocol& protocol, Arrivals& arrivals) {
  return [&](const std::string& stage, std::size_t n) -> std::optional<ScriptedReply> {
    arrivals.note(stage);
    if (n > 1) return std::nullopt;
    if (stage == "analysis")
      return ScriptedReply{.status = 429,
                           .headers = {{"retry-after-ms", "1700"}},
                           .body = protocol.error("rate_limit_error", "slow down")};
    if (stage == "selection")
      return ScriptedReply{.status = 500, .body = protocol.error("api_error", "a bad day")};
    if (stage == "decomposition") return half_of(protocol.answer(good_answer(stage)));
    if (stage == "synthesis")
      return ScriptedReply{.body = protocol.answer(R"({"executive_summary":["Take A."]})")};
    return std::nullopt;
  };
}

UtcTime time_of(const Json& text) { return parse_rfc3339(text.get<std::string>()).value(); }

struct FailedAttempt {
  std::string activity;
  std::string type;
  int attempt = 0;
  Duration until_next{0};
};

std::vector<FailedAttempt> failed_attempts(const std::vector<Json>& history) {
  std::map<int, std::string> names;
  std::vector<FailedAttempt> failed;
  for (const Json& event : history) {
    if (event["kind"] == "activity_scheduled")
      names[event["command_id"].get<int>()] = event["data"]["name"].get<std::string>();
    if (event["kind"] == "activity_attempt_failed")
      failed.push_back({names.at(event["command_id"].get<int>()),
                        event["data"]["failure"]["type"].get<std::string>(),
                        event["attempt"].get<int>(),
                        time_of(event["data"]["next_attempt_at"]) - time_of(event["time"])});
  }
  return failed;
}

std::vector<Json> scheduled(const std::vector<Json>& history, std::string_view activity) {
  std::vector<Json> found;
  for (const Json& event : history)
    if (event["kind"] == "activity_scheduled" && event["data"]["name"] == activity)
      found.push_back(event);
  return found;
}

std::string bytes_below(const std::filesystem::path& folder) {
  std::string bytes;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    bytes.append(std::istreambuf_iterator<char>(file), {});
  }
  return bytes;
}

class Provider : public ::testing::TestWithParam<const Protocol*> {
 protected:
  const Protocol& protocol() const { return *GetParam(); }

  std::string hand_in() const {
    const HttpResponse made =
        ApiClient(server_.url()).post("/api/v1/tasks", fmt::format(R"({{"title":"{}"}})", kTitle));
    EXPECT_EQ(made.status, 201) << made.body;
    return json_of(made)["task_id"].get<std::string>();
  }

  TemporaryDirectory data_;
  Arrivals arrivals_;
  ScriptedServer models_{scripted_model(protocol(), trouble(protocol(), arrivals_))};
  ServerProcess server_{{.data = data_.path(),
                         .arguments = {"--log-level", "debug"},
                         .environment = environment_of(protocol(), models_)}};
};

TEST_P(Provider, ATaskCompletesThroughTroubleAndItsHistoryShowsEachAttempt) {
  server_.start();
  const ApiClient api(server_.url());
  const std::string task = hand_in();

  const Json end = api.task_result(task);
  ASSERT_EQ(end["status"], "completed") << end;
  EXPECT_EQ(end["result"]["executive_summary"], "Take A.");
  EXPECT_EQ(end["result"]["completion"], "full");
  EXPECT_EQ(end["result"]["usage"]["simulated"], false);

  const std::vector<Json> history = api.history(task);
  const std::vector<FailedAttempt> failed = failed_attempts(history);
  const auto are = [](std::string activity, std::string type) {
    return ::testing::AllOf(::testing::Field(&FailedAttempt::activity, activity),
                            ::testing::Field(&FailedAttempt::type, type),
                            ::testing::Field(&FailedAttempt::attempt, 1));
  };
  ASSERT_THAT(failed,
              ElementsAre(are("task.analyze", "rate_limited"), are("task.select", "server_error"),
                          are("task.decompose", "network")));
  for (const FailedAttempt& attempt : failed)
    EXPECT_GE(attempt.until_next, std::chrono::seconds(1)) << attempt.activity;

  // What broke the schema is no failed attempt: it is recorded, and the repair is a command of its own.
  const std::vector<Json> synthesis = scheduled(history, "task.synthesize");
  ASSERT_EQ(synthesis.size(), 2U);
  EXPECT_FALSE(synthesis[0]["data"]["input"].contains("repair"));
  const Json& repair = synthesis[1]["data"]["input"]["repair"];
  EXPECT_THAT(repair["error"].get<std::string>(), HasSubstr("executive_summary"));
  EXPECT_THAT(repair["answer"].get<std::string>(), HasSubstr("Take A."));

  // Nothing was asked that the history does not show.
  std::size_t commands = 0;
  for (const Json& event : history) commands += event["kind"] == "activity_scheduled" ? 1 : 0;
  EXPECT_EQ(models_.requests().size(), commands + failed.size());
}

TEST_P(Provider, TheDelayThatTheServerAsksForIsKept) {
  server_.start();
  const ApiClient api(server_.url());
  const std::string task = hand_in();
  const Json failed = api.wait_for_event(
      task, [](const Json& event) { return event["kind"] == "activity_attempt_failed"; });
  EXPECT_EQ(failed["data"]["failure"]["retry_after_ms"], 1700);
  EXPECT_GE(time_of(failed["data"]["next_attempt_at"]) - time_of(failed["time"]) + kMillisecond,
            kDelayAskedFor);

  api.wait_for_event(task, [](const Json& event) { return event["kind"] == "activity_completed"; });
  const std::vector<SteadyTime> arrived = arrivals_.of("analysis");
  ASSERT_EQ(arrived.size(), 2U);
  EXPECT_GE(arrived[1] - arrived[0], kDelayAskedFor);
}

TEST_P(Provider, TheKeyIsSentToTheProviderAndStandsNowhereElse) {
  server_.start();
  const ApiClient api(server_.url());
  const std::string task = hand_in();
  EXPECT_EQ(api.task_result(task)["status"], "completed");
  const std::string seen = api.get("/api/v1/workflows/" + task + "/history?limit=1000").body +
                           api.get("/api/v1/workflows/" + task).body +
                           api.get("/api/v1/tasks/" + task).body;
  EXPECT_EQ(server_.terminate(), 0);

  ASSERT_FALSE(models_.requests().empty());
  for (const ScriptedRequest& request : models_.requests()) {
    EXPECT_EQ(request.target, protocol().path);
    EXPECT_THAT(request.header(protocol().key_header), HasSubstr(std::string(kModelKey)));
    EXPECT_THAT(request.body, Not(HasSubstr(std::string(kModelKey))));
  }
  // The search finds what is there: the task's title.
  const std::string key(kModelKey);
  EXPECT_NE(seen.find(kTitle), std::string::npos);
  EXPECT_EQ(seen.find(key), std::string::npos);
  const std::string stored = bytes_below(data_.path());
  EXPECT_NE(stored.find(kTitle), std::string::npos);
  EXPECT_EQ(stored.find(key), std::string::npos);
  const std::string log = server_.log();
  EXPECT_NE(log.find("server_ready"), std::string::npos);
  EXPECT_EQ(log.find(key), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Protocols, Provider,
                         ::testing::Values(&messages_protocol(), &chat_completions_protocol()),
                         [](const auto& protocol) {
                           return std::string(protocol.param->provider);
                         });

}  // namespace
}  // namespace reprise::testing
