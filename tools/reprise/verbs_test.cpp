#include "tools/reprise/verbs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <sstream>

#include "activities/net/testing/scripted_server.hpp"

namespace reprise::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::ScriptedReply;
using testing::ScriptedRequest;
using testing::ScriptedServer;

struct Ended {
  ExitCode code;
  std::string out;
  std::string err;
};

Ended run_line(std::vector<std::string> arguments, const std::string& url) {
  arguments.insert(arguments.end(), {"--url", url});
  const auto line = read_command_line(std::move(arguments));
  EXPECT_TRUE(line.has_value());
  std::ostringstream out;
  std::ostringstream err;
  const Screen screen{.out = out, .err = err, .style = {}, .json = line->json};
  const ExitCode code = run_verb(*line, screen);
  return {code, out.str(), err.str()};
}

ScriptedReply json_reply(int status, std::string body) {
  return {
      .status = status, .headers = {{"content-type", "application/json"}}, .body = std::move(body)};
}

constexpr const char* kFinished =
    R"({"task_id":"task_1","status":"completed","result":{"final_answer":"Forty-two."}})";
constexpr const char* kHistoryEnd = R"({"events":[],"next":0})";

// Answers each target with what stands there; anything else with 404.
ScriptedServer::Script answers(std::map<std::string, std::pair<int, std::string>> known) {
  return [known = std::move(known)](const ScriptedRequest& request) {
    const auto found = known.find(request.target.substr(0, request.target.find('?')));
    if (found == known.end()) return json_reply(404, R"({"title":"not_found"})");
    return json_reply(found->second.first, found->second.second);
  };
}

TEST(ExitCode, IsZeroWhenTheServerDidWhatWasAsked) {
  ScriptedServer server(
      answers({{"/api/v1/tasks", {201, R"({"task_id":"task_1","status":"pending"})"}}}));
  const Ended ended = run_line({"add", "do it", "--id-key", "k"}, server.url());
  EXPECT_EQ(ended.code, ExitCode::ok);
  EXPECT_THAT(ended.out, HasSubstr("task_1\n"));
  ASSERT_EQ(server.requests().size(), 1U);
  EXPECT_EQ(server.requests()[0].method, "POST");
  EXPECT_EQ(server.requests()[0].header("idempotency-key"), "k");
  EXPECT_EQ(server.requests()[0].header("content-type"), "application/json");
}

TEST(ExitCode, IsOneWhenTheServerRefusesAndTheFieldsAreNamed) {
  ScriptedServer server(answers(
      {{"/api/v1/tasks",
        {400,
         R"({"title":"invalid_argument","status":400,"detail":"wrong","errors":{"title":"too long"}})"}}}));
  const Ended ended = run_line({"add", "x"}, server.url());
  EXPECT_EQ(ended.code, ExitCode::refused);
  EXPECT_EQ(ended.out, "");
  EXPECT_THAT(ended.err, HasSubstr("title  too long"));
}

TEST(ExitCode, IsTwoWhenTheInputIsNoJsonAndNothingIsSent) {
  ScriptedServer server(answers({}));
  EXPECT_EQ(run_line({"workflow", "signal", "w", "go", "--input", "{"}, server.url()).code,
            ExitCode::usage);
  EXPECT_EQ(run_line({"add", "x", "--file", "/nowhere/at/all"}, server.url()).code,
            ExitCode::usage);
  EXPECT_EQ(run_line({"tasks"}, "not a url").code, ExitCode::usage);
  EXPECT_TRUE(server.requests().empty());
}

TEST(ExitCode, IsThreeWhenNobodyListensAndTheFixIsNamed) {
  std::string url;
  {
    const ScriptedServer gone(answers({}));
    url = gone.url();
  }
  const Ended ended = run_line({"tasks"}, url);
  EXPECT_EQ(ended.code, ExitCode::unreachable);
  EXPECT_THAT(ended.err, HasSubstr("reprise serve"));
  EXPECT_THAT(ended.err, HasSubstr(url));
  EXPECT_EQ(run_line({"watch", "task_1"}, url).code, ExitCode::unreachable);
  EXPECT_EQ(run_line({"result", "task_1", "--wait", "30s"}, url).code, ExitCode::unreachable);
}

TEST(ExitCode, IsFourWhenTheTaskFailedOrWasCancelled) {
  for (const std::string status : {"failed", "cancelled"}) {
    ScriptedServer server(
        answers({{"/api/v1/tasks/task_1/result",
                  {200, R"({"task_id":"task_1","status":")" + status +
                            R"(","error":{"message":"no credit"}})"}},
                 {"/api/v1/workflows/task_1/history", {200, kHistoryEnd}},
                 {"/api/v1/workflows/w/result", {200, R"({"status":")" + status + R"("})"}}}));
    const Ended ended = run_line({"result", "task_1"}, server.url());
    EXPECT_EQ(ended.code, ExitCode::failed);
    EXPECT_THAT(ended.out, HasSubstr("no credit"));
    EXPECT_EQ(run_line({"workflow", "result", "w"}, server.url()).code, ExitCode::failed);
  }
}

TEST(ExitCode, IsFiveWhenTheTimeGivenWithWaitIsOver) {
  ScriptedServer server(
      answers({{"/api/v1/tasks/task_1/result", {202, R"({"status":"in_progress"})"}},
               {"/api/v1/workflows/w/result", {202, R"({"status":"running"})"}}}));
  EXPECT_EQ(run_line({"result", "task_1", "--wait", "20ms"}, server.url()).code,
            ExitCode::still_running);
  EXPECT_EQ(run_line({"workflow", "result", "w", "--wait", "20ms"}, server.url()).code,
            ExitCode::still_running);
}

TEST(Verbs, StatusShowsTheDiskOfAServerThatIsNotWell) {
  ScriptedServer server(answers(
      {{"/api/v1/health",
        {503,
         R"({"status":"unhealthy","services":{"disk":"unhealthy"},"disk_level":"read_only"})"}}}));
  const Ended ended = run_line({"status"}, server.url());
  EXPECT_EQ(ended.code, ExitCode::refused);
  EXPECT_THAT(ended.out, HasSubstr("unhealthy  " + server.url()));
  EXPECT_THAT(ended.out, HasSubstr("disk_level     read_only"));
  EXPECT_EQ(ended.err, "");
}

TEST(Verbs, StatusOfSomethingElseThanAServerOfOursIsRefused) {
  ScriptedServer server(answers({}));
  EXPECT_EQ(run_line({"status"}, server.url()).code, ExitCode::refused);
}

TEST(Verbs, APageBehindTheLastSaysSo) {
  ScriptedServer server(answers(
      {{"/api/v1/tasks", {200, R"({"tasks":[],"pagination":{"page":99,"pages":1,"total":3}})"}}}));
  const Ended ended = run_line({"tasks", "--page", "99"}, server.url());
  EXPECT_EQ(ended.code, ExitCode::ok);
  EXPECT_EQ(ended.out, "no tasks on this page; 3 in all: --page 1\n");
}

TEST(Verbs, JsonOutputIsTheServersOwnBytes) {
  const std::string bytes = "{\"b\": 1,\n  \"a\" : [ ] }";
  ScriptedServer server(answers({{"/api/v1/tasks", {200, bytes}}}));
  EXPECT_EQ(run_line({"tasks", "--output", "json"}, server.url()).out, bytes + "\n");
  EXPECT_EQ(run_line({"show", "task_9", "--output", "json"}, server.url()).out,
            "{\"title\":\"not_found\"}\n");
}

TEST(Verbs, AResultIsWaitedForAcrossARestartOfTheServer) {
  int calls = 0;
  ScriptedServer server([&calls](const ScriptedRequest& request) {
    if (request.method == "POST") return json_reply(201, R"({"task_id":"task_1"})");
    if (request.target.starts_with("/api/v1/workflows")) return json_reply(200, kHistoryEnd);
    ++calls;
    if (calls == 1) return ScriptedReply{.close_first = true};
    if (calls == 2) return json_reply(503, R"({"title":"unavailable"})");
    return json_reply(200, kFinished);
  });
  const Ended ended = run_line({"add", "x", "--wait"}, server.url());
  EXPECT_EQ(ended.code, ExitCode::ok);
  EXPECT_THAT(ended.out, HasSubstr("Forty-two."));
}

std::string sse(int id, const std::string& kind, const std::string& name) {
  return "id: " + std::to_string(id) + "\ndata: {\"seq\":" + std::to_string(id) + ",\"kind\":\"" +
         kind + "\",\"time\":\"2026-01-01T00:00:0" + std::to_string(id) +
         ".000Z\",\"data\":{\"name\":\"" + name + "\"}}\n\n";
}

TEST(Verbs, WatchGoesOnBehindTheLastEventWhenTheServerWentAway) {
  int connections = 0;
  ScriptedServer server([&connections](const ScriptedRequest& request) {
    if (request.target.ends_with("/events")) {
      ++connections;
      if (connections == 1)  // two events, then a cut in the middle of the third
        return ScriptedReply{.raw =
                                 "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
                                 "transfer-encoding: chunked\r\n\r\n800\r\n" +
                                 sse(1, "run_started", "task") +
                                 sse(2, "stage_entered", "task_analysis") + "id: 3\ndata: {\"se"};
      EXPECT_EQ(request.header("last-event-id"), "2");
      return ScriptedReply{
          .headers = {{"content-type", "text/event-stream"}},
          .chunks = {sse(3, "stage_entered", "synthesis"), sse(4, "run_completed", "")}};
    }
    if (request.target.find("/history") != std::string::npos) return json_reply(200, kHistoryEnd);
    if (request.target.find("/result") != std::string::npos) return json_reply(200, kFinished);
    return json_reply(200, R"({"task_id":"task_1","status":"in_progress","progress":5})");
  });
  const Ended ended = run_line({"watch", "task_1"}, server.url());
  EXPECT_EQ(ended.code, ExitCode::ok);
  EXPECT_EQ(connections, 2);
  EXPECT_THAT(ended.out, HasSubstr("task_analysis"));
  EXPECT_THAT(ended.out, HasSubstr("the server is back"));
  EXPECT_THAT(ended.out, HasSubstr("synthesis"));
  EXPECT_THAT(ended.out, HasSubstr("Forty-two."));
}

TEST(Verbs, WatchOfATaskThatDoesNotExistIsRefusedAtOnce) {
  ScriptedServer server(answers({}));
  EXPECT_EQ(run_line({"watch", "task_9"}, server.url()).code, ExitCode::refused);
}

TEST(Verbs, FollowedHistoryEndsWithTheRun) {
  ScriptedServer server([](const ScriptedRequest&) {
    return ScriptedReply{
        .headers = {{"content-type", "text/event-stream"}},
        .chunks = {": hello\n\n", sse(5, "timer_fired", ""), sse(6, "run_failed", "x")}};
  });
  const Ended ended =
      run_line({"workflow", "history", "w", "--follow", "--after", "4"}, server.url());
  EXPECT_EQ(ended.code, ExitCode::ok);
  EXPECT_THAT(ended.out, HasSubstr("timer_fired"));
  EXPECT_THAT(ended.out, HasSubstr("run_failed"));
  EXPECT_EQ(server.requests()[0].header("last-event-id"), "4");
}

TEST(Verbs, AFeedIsOverWhenTheServerSaysSo) {
  ScriptedServer server([](const ScriptedRequest&) {
    return ScriptedReply{.headers = {{"content-type", "text/event-stream"}},
                         .chunks = {"event: end\ndata: {}\n\n"}};
  });
  EXPECT_EQ(run_line({"workflow", "history", "w", "--follow", "--after", "9"}, server.url()).code,
            ExitCode::ok);
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST(Verbs, AFeedThatEndsTwiceWithoutAnEventIsOver) {
  ScriptedServer server([](const ScriptedRequest&) {
    return ScriptedReply{.headers = {{"content-type", "text/event-stream"}},
                         .chunks = {": end\n\n"}};
  });
  EXPECT_EQ(run_line({"workflow", "history", "w", "--follow"}, server.url()).code, ExitCode::ok);
}

}  // namespace
}  // namespace reprise::cli
