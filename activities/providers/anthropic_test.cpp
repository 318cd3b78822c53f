#include "activities/providers/anthropic.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "activities/net/testing/run_coroutine.hpp"
#include "activities/net/testing/scripted_server.hpp"
#include "activities/providers/json_fields.hpp"

namespace reprise {
namespace {

using ::testing::HasSubstr;
using testing::run_coroutine;
using testing::ScriptedReply;
using testing::ScriptedRequest;
using testing::ScriptedServer;
using namespace std::chrono_literals;

constexpr auto kSchema = R"({"type":"object","properties":{"z":{},"a":{}}})";

ProviderOptions options_at(const std::string& url) {
  ProviderOptions options;
  options.name = "anthropic";
  options.base_url = parse_url(url).value();
  options.api_key = Secret("key-1");
  options.connect_timeout = 2min;
  options.model = "claude-sonnet-5-5";
  return options;
}

ModelRequest request_with_all() {
  return {.stage = "analysis",
          .system = "You analyse.",
          .messages = {{.role = ModelMessage::Role::user, .text = "Look: é"},
                       {.role = ModelMessage::Role::assistant, .text = "{"},
                       {.role = ModelMessage::Role::user, .text = "Mend it."}},
          .schema_name = "analysis",
          .schema = kSchema,
          .output_tokens_max = 1500,
          .temperature = 0.5,
          .deadline = system_clock().steady() + 2min};
}

Json body_of(const ProviderOptions& options, const ModelRequest& request) {
  return Json::parse(anthropic_messages().post_of(options, request).value().body);
}

ModelOutcome reply_to(const std::string& body) {
  return anthropic_messages().reply_of(options_at("http://host"), body);
}

TEST(Anthropic, ARequestArrivesFieldForField) {
  const ScriptedServer server([](const ScriptedRequest&) {
    return ScriptedReply{.body = R"({"type":"message","role":"assistant","model":"claude-x",
        "content":[{"type":"thinking","thinking":"hm"},{"type":"text","text":"{\"z\":"},
                   {"type":"text","text":"1}"}],
        "stop_reason":"end_turn","usage":{"input_tokens":10,"cache_creation_input_tokens":200,
        "cache_read_input_tokens":3000,"output_tokens":7}})"};
  });
  HttpProvider provider(anthropic_messages(), options_at(server.url() + "/gateway"));
  const ModelOutcome outcome = run_coroutine(provider.complete(request_with_all()));
  ASSERT_TRUE(outcome.has_value()) << outcome.error().message;
  EXPECT_EQ(outcome->text, R"({"z":1})");
  EXPECT_EQ(outcome->provider, "anthropic");
  EXPECT_EQ(outcome->model, "claude-x");
  EXPECT_FALSE(outcome->simulated);
  EXPECT_EQ(outcome->input_tokens, 3210U);
  EXPECT_EQ(outcome->output_tokens, 7U);

  const ScriptedRequest sent = server.requests().at(0);
  EXPECT_EQ(sent.method, "POST");
  EXPECT_EQ(sent.target, "/gateway/v1/messages");
  EXPECT_EQ(sent.header("x-api-key"), "key-1");
  EXPECT_EQ(sent.header("anthropic-version"), "2023-06-01");
  EXPECT_EQ(sent.header("content-type"), "application/json");
  EXPECT_EQ(sent.header("authorization"), "");
  EXPECT_EQ(Json::parse(sent.body), Json::parse(R"({
      "model": "claude-sonnet-5-5", "max_tokens": 1500,
      "messages": [{"role": "user", "content": "Look: é"}, {"role": "assistant", "content": "{"},
                   {"role": "user", "content": "Mend it."}],
      "system": "You analyse.",
      "output_config": {"format": {"type": "json_schema",
                                   "schema": {"type":"object","properties":{"z":{},"a":{}}}}}})"));
}

TEST(Anthropic, TheSchemaKeepsItsOrder) {
  EXPECT_THAT(anthropic_messages().post_of(options_at("http://host"), request_with_all())->body,
              HasSubstr(R"("properties":{"z":{},"a":{}})"));
}

TEST(Anthropic, WithoutAServerThatEnforcesItTheSchemaStandsInTheInstructions) {
  ProviderOptions options = options_at("http://host");
  for (const auto mode : {StructuredOutput::json_object, StructuredOutput::none}) {
    options.structured_output = mode;
    const Json body = body_of(options, request_with_all());
    EXPECT_FALSE(body.contains("output_config"));
    EXPECT_THAT(text_at(body, "system"), HasSubstr("You analyse."));
    EXPECT_THAT(text_at(body, "system"), HasSubstr(kSchema));
  }
}

TEST(Anthropic, SamplingParametersAreSentOnlyWhereTheModelTakesThem) {
  ProviderOptions options = options_at("http://host");
  EXPECT_FALSE(body_of(options, request_with_all()).contains("temperature"));
  options.send_temperature = true;
  EXPECT_EQ(body_of(options, request_with_all())["temperature"], 0.5);
  ModelRequest request = request_with_all();
  request.temperature.reset();
  EXPECT_FALSE(body_of(options, request).contains("temperature"));
}

TEST(Anthropic, WhatIsNotGivenIsNotSent) {
  ProviderOptions options = options_at("http://host");
  options.api_key = Secret();
  options.output_tokens_max = 100;
  const auto post =
      anthropic_messages().post_of(options, {.messages = {{.text = "Hello"}}}).value();
  EXPECT_EQ(Json::parse(post.body), Json::parse(R"({"model": "claude-sonnet-5-5",
      "max_tokens": 100, "messages": [{"role": "user", "content": "Hello"}]})"));
  EXPECT_EQ(find_header(post.headers, "x-api-key"), nullptr);
}

TEST(Anthropic, BytesThatAreNoUtf8StillMakeARequest) {
  const Json body = body_of(options_at("http://host"), {.messages = {{.text = "a\xff"}}});
  EXPECT_EQ(body["messages"][0]["content"], "a\xef\xbf\xbd");
}

struct StopCase {
  const char* reason;
  const char* type;  // of the failure; "": none
  bool retryable;
};

class StopTest : public ::testing::TestWithParam<StopCase> {};

TEST_P(StopTest, DecidesWhetherThereIsAnAnswer) {
  const Json answer{{"content", {{{"type", "text"}, {"text", "half an"}}}},
                    {"stop_reason", GetParam().reason}};
  const ModelOutcome outcome = reply_to(answer.dump());
  ASSERT_EQ(outcome.has_value(), std::string(GetParam().type).empty());
  if (outcome) return;
  EXPECT_EQ(outcome.error().type, GetParam().type);
  EXPECT_EQ(outcome.error().retryable, GetParam().retryable);
}

INSTANTIATE_TEST_SUITE_P(
    Anthropic, StopTest,
    ::testing::Values(StopCase{"end_turn", "", true}, StopCase{"stop_sequence", "", true},
                      StopCase{"max_tokens", "cut_off", true},
                      StopCase{"refusal", "refused", false},
                      StopCase{"model_context_window_exceeded", "too_large", false},
                      StopCase{"tool_use", "bad_reply", true},
                      StopCase{"pause_turn", "bad_reply", true}, StopCase{"", "bad_reply", true}));

TEST(Anthropic, AnAnswerWithoutFiguresHasZeroes) {
  const ModelOutcome outcome =
      reply_to(R"({"content":[{"type":"text","text":"x"}],"stop_reason":"end_turn","usage":null})");
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(outcome->input_tokens, 0U);
  EXPECT_EQ(outcome->model, "claude-sonnet-5-5");
}

}  // namespace
}  // namespace reprise
