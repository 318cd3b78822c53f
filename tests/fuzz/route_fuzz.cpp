// A request from anybody, through the router to its route: what the engine gets, and what is answered.
#include "activities/contracts/json_value.hpp"
#include "api/http/request_parser.hpp"
#include "api/testing/api_call.hpp"
#include "base/check.hpp"
#include "tests/fuzz/fuzz_target.hpp"

namespace reprise {
namespace {

using testing::FakeEngine;
using testing::kBorn;
using testing::kRun;

api::HttpRequestPtr read(std::string_view input) {
  auto request = std::make_shared<api::HttpRequest>();
  api::RequestParser parser({.body_bytes_max = 10'000});
  parser.start(*request);
  while (!input.empty() && parser.state() < api::RequestParser::State::done) {
    const std::size_t taken = parser.feed(input);
    if (taken == 0) return nullptr;  // wants more
    input.remove_prefix(taken);
  }
  return parser.state() == api::RequestParser::State::done ? request : nullptr;
}

// Takes whatever it is asked, and checks that it may be.
FakeEngine willing_engine() {
  FakeEngine engine;
  engine.on_start = [](const StartRequest& asked) -> Result<StartAnswer> {
    CHECK(asked.input.bytes.empty() || parse_json(asked.input.bytes), "{}", asked.input.bytes);
    return StartAnswer{asked.workflow.value_or(WorkflowId("w")), kRun, kBorn, false};
  };
  engine.on_signal = [](const SignalRequest& asked) -> Result<SignalAnswer> {
    CHECK(asked.payload.bytes.empty() || parse_json(asked.payload.bytes), "{}",
          asked.payload.bytes);
    return SignalAnswer{.run = kRun, .sequence = Sequence(3)};
  };
  engine.on_update = [](const UpdateRequest& asked, const Duration&) -> Result<UpdateOutcome> {
    CHECK(asked.input.bytes.empty() || parse_json(asked.input.bytes), "{}", asked.input.bytes);
    return UpdateOutcome{.run = kRun, .id = asked.id, .accepted = Sequence(3)};
  };
  engine.on_control = [](const ControlRequest&) -> Result<ControlAnswer> {
    return ControlAnswer{.run = kRun};
  };
  engine.on_cancel = [](const CancelRequest&) -> Result<CancelAnswer> {
    return CancelAnswer{.run = kRun};
  };
  engine.on_query = [](const QueryRequest& asked) -> Result<Payload> { return asked.arguments; };
  return engine;
}

}  // namespace

void fuzz(std::string_view input) {
  const api::HttpRequestPtr request = read(input);
  if (!request) return;
  FakeEngine engine = willing_engine();
  const testing::ApiReply reply = ask(engine, request);
  CHECK(reply.status >= 200 && reply.status < 500, "{}: {}", reply.status, reply.body);
  if (reply.content_type.ends_with("json") && !reply.body.empty())
    CHECK(parse_json(reply.body).has_value(), "{}", reply.body);
}

}  // namespace reprise
