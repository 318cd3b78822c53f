#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/testing/api_call.hpp"

namespace reprise::api {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ApiReply;
using testing::ask;
using ::testing::ElementsAre;
using testing::FakeEngine;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kRun;

const AttemptToken kToken{7, WorkflowId("w-1"), {kRun, CommandId(3), Attempt(2)}};
const std::string kActivity = "POST /api/v1/activities/" + to_string(kToken);

FakeEngine engine_that_answers(AttemptAnswer answer) {
  FakeEngine engine;
  engine.on_heartbeat = [answer](const auto&, const auto&) { return answer; };
  engine.on_end_attempt = [answer](const auto&, const auto&) { return answer; };
  return engine;
}

TEST(PollQueue, GivesTheAttemptWithWhatItsWorkerNeeds) {
  FakeEngine engine;
  PollRequest asked;
  Duration waited{0};
  engine.on_poll = [&](const PollRequest& poll,
                       const Duration& wait) -> Result<std::optional<RemoteAttempt>> {
    asked = poll;
    waited = wait;
    return RemoteAttempt{kToken,
                         {.name = "ocr.page",
                          .version = 2,
                          .provider = {},
                          .input = {R"({"page":7})"},
                          .last_details = {R"({"row":1})"},
                          .time_left = seconds(60),
                          .heartbeat_timeout = milliseconds(1500)}};
  };
  const ApiReply reply = ask(engine, "POST /api/v1/queues/o%20cr/poll?wait=30s",
                             R"({"worker":"me","activities":["ocr.page"]})");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(asked.queue, "o cr");
  EXPECT_EQ(asked.worker, "me");
  EXPECT_THAT(asked.activities, ElementsAre("ocr.page"));
  EXPECT_EQ(waited, seconds(30));
  EXPECT_EQ(reply.json("token"), "\"" + to_string(kToken) + "\"");
  EXPECT_EQ(reply.json("workflow_id"), "\"w-1\"");
  EXPECT_EQ(reply.json("activity"), "\"ocr.page\"");
  EXPECT_EQ(reply.json("version"), "2");
  EXPECT_EQ(reply.json("attempt"), "2");
  EXPECT_EQ(reply.json("idempotency_key"), "\"" + to_string(kRun) + "/3\"");
  EXPECT_EQ(reply.json("input.page"), "7");
  EXPECT_EQ(reply.json("last_details.row"), "1");
  EXPECT_EQ(reply.json("time_left_ms"), "60000");
  EXPECT_EQ(reply.json("heartbeat_timeout_ms"), "1500");
}

TEST(PollQueue, SaysThatNothingCameAndThatTheQueueIsFull) {
  FakeEngine engine;
  engine.on_poll = [](const auto&, const auto&) { return std::nullopt; };
  const ApiReply nothing = ask(engine, "POST /api/v1/queues/ocr/poll");
  EXPECT_EQ(nothing.status, 204);
  EXPECT_EQ(nothing.body, "");
  engine.on_poll = [](const auto&, const auto&) { return fail(Errc::overloaded, "1000 polls"); };
  const ApiReply full = ask(engine, "POST /api/v1/queues/ocr/poll", "{}");
  EXPECT_EQ(full.status, 503);
  EXPECT_TRUE(full.headers.contains("Retry-After"));
}

TEST(PollQueue, RefusesWhatItDoesNotUnderstandWithoutAskingTheEngine) {
  for (const auto& [line, body, field] : std::vector<std::array<std::string, 3>>{
           {"ocr/poll?wait=2h", "", "query.wait"},
           {"ocr/poll?wiat=1s", "", "query.wiat"},
           {"ocr/poll", "[]", "body"},
           {"ocr/poll", R"({"worker":7})", "worker"},
           {"ocr/poll", R"({"activities":[""]})", "activities[0]"},
           {"ocr/poll", R"({"queue":"x"})", "queue"},
           {"%ff/poll", "", "queue"},
           {std::string(201, 'q') + "/poll", "", "queue"}}) {
    FakeEngine engine;
    const ApiReply reply = ask(engine, "POST /api/v1/queues/" + line, body);
    EXPECT_EQ(reply.status, 400) << line << body;
    EXPECT_THAT(reply.body, HasSubstr("\"" + field + "\":")) << line << body;
    EXPECT_THAT(engine.calls, IsEmpty());
  }
}

TEST(HeartbeatAttempt, HandsTheDetailsOnAsTheyStand) {
  FakeEngine engine;
  std::optional<Payload> told;
  engine.on_heartbeat = [&](const AttemptToken& token, const std::optional<Payload>& details) {
    EXPECT_EQ(token, kToken);
    told = details;
    return AttemptAnswer::current;
  };
  const ApiReply reply = ask(engine, kActivity + "/heartbeat", R"({"details": {"row" : 7}})");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, R"({"status":"current"})");
  EXPECT_EQ(told->bytes, R"({"row" : 7})");
  EXPECT_EQ(ask(engine, kActivity + "/heartbeat").status, 200);
  EXPECT_FALSE(told.has_value());
}

TEST(HeartbeatAttempt, SaysWhenToStop) {
  FakeEngine engine = engine_that_answers(AttemptAnswer::cancelled);
  EXPECT_EQ(ask(engine, kActivity + "/heartbeat").body, R"({"status":"cancelled"})");
  engine = engine_that_answers(AttemptAnswer::stale);
  const ApiReply stale = ask(engine, kActivity + "/heartbeat");
  EXPECT_EQ(stale.status, 409);
  EXPECT_EQ(stale.json("code"), "\"stale_attempt\"");
}

TEST(CompleteAttempt, HandsTheResultOnAsItStands) {
  FakeEngine engine;
  ActivityOutcome told;
  engine.on_end_attempt = [&](const AttemptToken&, const ActivityOutcome& outcome) {
    told = outcome;
    return AttemptAnswer::recorded;
  };
  const ApiReply reply = ask(engine, kActivity + "/complete", R"({"result": [1.0, "a"]})");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, R"({"status":"recorded"})");
  EXPECT_EQ(told->bytes, R"([1.0, "a"])");
  EXPECT_EQ(ask(engine, kActivity + "/complete", "{}").status, 200);
  EXPECT_EQ(told->bytes, "");
}

TEST(FailAttempt, HandsTheFailureOn) {
  FakeEngine engine;
  ActivityOutcome told;
  engine.on_end_attempt = [&](const AttemptToken&, const ActivityOutcome& outcome) {
    told = outcome;
    return AttemptAnswer::recorded;
  };
  EXPECT_EQ(
      ask(engine, kActivity + "/fail",
          R"({"type":"rate_limited","message":"later","retryable":true,"retry_after_ms":1500})")
          .status,
      200);
  EXPECT_EQ(told.error(), (ActivityFailure{"rate_limited", "later", true, milliseconds(1500)}));
  EXPECT_EQ(ask(engine, kActivity + "/fail", R"({"type":"bad_input","retryable":false})").status,
            200);
  EXPECT_EQ(told.error(), (ActivityFailure{"bad_input", "", false, {}}));
}

TEST(EndAttempt, AStaleOneIsRefusedByName) {
  FakeEngine engine = engine_that_answers(AttemptAnswer::stale);
  const ApiReply reply = ask(engine, kActivity + "/complete", "{}");
  EXPECT_EQ(reply.status, 409);
  EXPECT_EQ(reply.json("code"), "\"stale_attempt\"");
  EXPECT_EQ(reply.json("type"), "\"/api/v1/problems/stale_attempt\"");
  EXPECT_EQ(ask(engine, "GET /api/v1/problems/stale_attempt").status, 200);
}

TEST(EndAttempt, RefusesWhatItDoesNotUnderstandWithoutAskingTheEngine) {
  const std::string details(4096, 'x');
  for (const auto& [verb, body, field] : std::vector<std::array<std::string, 3>>{
           {"/complete", "", "body"},
           {"/complete", "7", "body"},
           {"/complete", R"({"reslut":1})", "reslut"},
           {"/complete?now=1", "{}", "query.now"},
           {"/fail", "{}", "type"},
           {"/fail", R"({"type":""})", "type"},
           {"/fail", R"({"type":"x","retryable":"no"})", "retryable"},
           {"/fail", R"({"type":"x","retry_after_ms":-1})", "retry_after_ms"},
           {"/fail", R"({"type":"x","retry_after_ms":86400001})", "retry_after_ms"},
           {"/heartbeat", R"({"detail":1})", "detail"},
           {"/heartbeat", "{\"details\":\"" + details + "\"}", "details"}}) {
    FakeEngine engine;
    const ApiReply reply = ask(engine, kActivity + verb, body);
    EXPECT_EQ(reply.status, 400) << verb << body;
    EXPECT_THAT(reply.body, HasSubstr("\"" + field + "\":")) << verb << body;
    EXPECT_THAT(engine.calls, IsEmpty());
  }
  FakeEngine engine;
  EXPECT_EQ(ask(engine, "POST /api/v1/activities/abc/complete", "{}").status, 404);
  EXPECT_THAT(engine.calls, IsEmpty());
}

}  // namespace
}  // namespace reprise::api
