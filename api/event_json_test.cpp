#include "api/event_json.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "activities/contracts/json_value.hpp"
#include "api/json_output.hpp"

namespace reprise::api {
namespace {

std::string json_of(EventBody body) {
  std::string out;
  append_event(out, {.sequence = Sequence(4),
                     .time = UtcTime::from_micros(1'700'000'000'000'000),
                     .body = std::move(body)});
  return out;
}

std::string payload_json(const std::string& bytes) {
  std::string out;
  append_payload(out, Payload{bytes});
  return out;
}

TEST(EventJson, TellsWhatHappened) {
  EXPECT_EQ(json_of(ActivityCompleted{
                .command = CommandId(1), .attempt = Attempt(2), .result = {R"({"i":1})"}}),
            R"({"seq":4,"kind":"activity_completed","time":"2023-11-14T22:13:20.000Z",)"
            R"("command_id":1,"attempt":2,"data":{"result":{"i":1}}})");
  EXPECT_EQ(json_of(RunFailed{.type = "x", .message = "no \"credit\""}),
            R"({"seq":4,"kind":"run_failed","time":"2023-11-14T22:13:20.000Z",)"
            R"("command_id":null,"attempt":null,"data":{"type":"x","message":"no \"credit\""}})");
}

TEST(EventJson, AnUnknownKindShowsItsNumberAndItsBytes) {
  EXPECT_EQ(json_of(UnknownEvent{.kind = 99, .bytes = "{}"}),
            R"({"seq":4,"kind":"unknown","time":"2023-11-14T22:13:20.000Z",)"
            R"("command_id":null,"attempt":null,"data":{"kind_number":99,"base64":"e30="}})");
}

TEST(EventJson, EveryKindIsOneLineOfJson) {
  const Payload odd{"{\"a\" :\r\n [\"\\n\"]}"};
  const ActivityFailure failure{.type = "t", .message = "line\nbreak", .retry_after = Duration(7)};
  const std::vector<EventBody> bodies = {
      RunStarted{.type = "t", .input = odd, .seed = UINT64_MAX},
      SignalReceived{.name = "s", .payload = odd, .key = SignalKey{}},
      ActivityScheduled{.name = "a",
                        .input = odd,
                        .options = {.retry = {.non_retryable = {"x", "y"}},
                                    .schedule_to_close = std::chrono::seconds(1),
                                    .schedule_to_start = std::chrono::seconds(1),
                                    .heartbeat_timeout = std::chrono::seconds(1)}},
      ActivityCompleted{.result = odd},
      ActivityAttemptFailed{.failure = failure, .details = odd},
      ActivityFailed{.failure = failure},
      ActivityAttemptLost{},
      ActivityCancelled{},
      TimerStarted{},
      TimerFired{},
      TimerCancelled{},
      FactRecorded{.name = "f", .fact = odd},
      StageEntered{.name = "s"},
      CancelRequested{.reason = "r"},
      RunCompleted{.result = odd},
      RunFailed{},
      RunCancelled{.reason = "r"},
      RunContinued{.input = odd},
      PatchApplied{.id = "p"},
      RunTerminated{.reason = "r"},
      RunPaused{.reason = "r"},
      RunUnpaused{},
      RunTimedOut{},
      UpdateAccepted{.id = "u", .name = "n", .input = odd},
      UpdateCompleted{.result = odd},
      ChildScheduled{.workflow = WorkflowId("c"), .type = "t", .input = odd},
      ChildStarted{},
      ChildClosed{.error_type = "t", .message = "line\nbreak"},
      ChildCancelRequested{},
      MessageSent{.to = WorkflowId("w"), .name = "n", .payload = odd},
      MessageAnswered{.error_type = "t", .message = "line\nbreak"},
      AttributesChanged{.changes = {{"a", "line\nbreak"}, {"b", 1.5}, {"c", true}, {"d", {}}}},
      RunForked{.from = {}, .through = Sequence(3), .reason = "r"},
      UnknownEvent{.kind = 500, .bytes = "\x01"}};
  ASSERT_EQ(bodies.size(), std::variant_size_v<EventBody>);
  for (const EventBody& body : bodies) {
    const std::string line = json_of(body);
    EXPECT_TRUE(parse_json(line)) << line;
    EXPECT_EQ(line.find_first_of("\r\n"), std::string::npos) << line;
  }
}

TEST(PayloadJson, IsEmbeddedOnlyWhenItIsJson) {
  EXPECT_EQ(payload_json(""), "null");
  EXPECT_EQ(payload_json(R"({ "a":1.0 })"), R"({ "a":1.0 })");
  EXPECT_EQ(payload_json("7"), "7");
  EXPECT_EQ(payload_json("hello"), R"({"base64":"aGVsbG8="})");
  EXPECT_EQ(payload_json("{} {}"), R"({"base64":"e30ge30="})");
  EXPECT_EQ(payload_json("\"\xff\""), R"({"base64":"Iv8i"})");
}

TEST(PayloadJson, WhatLooksLikeBase64IsNotMistakenForIt) {
  EXPECT_EQ(payload_json(R"({"base64":"e30="})"), R"({"base64":"eyJiYXNlNjQiOiJlMzA9In0="})");
}

RC_GTEST_PROP(PayloadJson, IsAlwaysJson, (const std::string& bytes)) {
  RC_ASSERT(parse_json(payload_json(bytes)).has_value());
}

}  // namespace
}  // namespace reprise::api
