#include "activities/providers/openai_chat.hpp"

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
  options.name = "openai";
  options.base_url = parse_url(url).value();
  options.api_key = Secret("key-1");
  options.connect_timeout = 2min;
  options.model = "gpt-6.1-terra";
  return options;
}

ModelRequest request_with_all() {
  return {.stage = "review",
          .system = "You review.",
          .messages = {{.role = ModelMessage::Role::user, .text = "Look."},
                       {.role = ModelMessage::Role::assistant, .text = "{"},
                       {.role = ModelMessage::Role::user, .text = "Mend it."}},
          .schema_name = "review",
          .schema = kSchema,
          .output_tokens_max = 1500,
          .temperature = 0.25,
          .deadline = system_clock().steady() + 2min};
}

Json body_of(const ProviderOptions& options, const ModelRequest& request) {
  return Json::parse(openai_chat().post_of(options, request).value().body);
}

ModelOutcome reply_with(const Json& choice) {
  return openai_chat().reply_of(options_at("http://host"),
                                Json{{"choices", Json::array({choice})}}.dump());
}

TEST(OpenAiChat, ARequestArrivesFieldForField) {
  const ScriptedServer server([](const ScriptedRequest&) {
    return ScriptedReply{.body = R"({"id":"c","object":"chat.completion","model":"gpt-x",
        "choices":[{"index":0,"message":{"role":"assistant","content":"{\"z\":1}","refusal":null},
                    "finish_reason":"stop"}],
        "usage":{"prompt_tokens":12,"completion_tokens":34,"total_tokens":46}})"};
  });
  HttpProvider provider(openai_chat(), options_at(server.url() + "/v1"));
  const ModelOutcome outcome = run_coroutine(provider.complete(request_with_all()));
  ASSERT_TRUE(outcome.has_value()) << outcome.error().message;
  EXPECT_EQ(outcome->text, R"({"z":1})");
  EXPECT_EQ(outcome->provider, "openai");
  EXPECT_EQ(outcome->model, "gpt-x");
  EXPECT_EQ(outcome->input_tokens, 12U);
  EXPECT_EQ(outcome->output_tokens, 34U);

  const ScriptedRequest sent = server.requests().at(0);
  EXPECT_EQ(sent.method, "POST");
  EXPECT_EQ(sent.target, "/v1/chat/completions");
  EXPECT_EQ(sent.header("authorization"), "Bearer key-1");
  EXPECT_EQ(sent.header("content-type"), "application/json");
  EXPECT_EQ(Json::parse(sent.body), Json::parse(R"({
      "model": "gpt-6.1-terra",
      "messages": [{"role": "system", "content": "You review."},
                   {"role": "user", "content": "Look."}, {"role": "assistant", "content": "{"},
                   {"role": "user", "content": "Mend it."}],
      "max_completion_tokens": 1500,
      "response_format": {"type": "json_schema", "json_schema": {"name": "review",
          "schema": {"type":"object","properties":{"z":{},"a":{}}}, "strict": true}}})"));
}

TEST(OpenAiChat, AServerThatTakesNoSchemaGetsItInTheInstructions) {
  ProviderOptions options = options_at("http://host");
  options.structured_output = StructuredOutput::json_object;
  Json body = body_of(options, request_with_all());
  EXPECT_EQ(body["response_format"], Json::parse(R"({"type":"json_object"})"));
  EXPECT_THAT(text_at(body["messages"][0], "content"), HasSubstr(kSchema));

  options.structured_output = StructuredOutput::none;
  body = body_of(options, request_with_all());
  EXPECT_FALSE(body.contains("response_format"));
  EXPECT_EQ(body["messages"][0]["role"], "system");
  EXPECT_THAT(text_at(body["messages"][0], "content"), HasSubstr(kSchema));
}

TEST(OpenAiChat, WhatIsNotGivenIsNotSent) {
  ProviderOptions options = options_at("http://host");
  options.api_key = Secret();
  options.output_limit_field = "max_tokens";
  const auto post = openai_chat().post_of(options, {.messages = {{.text = "Hello"}}}).value();
  EXPECT_EQ(Json::parse(post.body), Json::parse(R"({"model": "gpt-6.1-terra",
      "messages": [{"role": "user", "content": "Hello"}], "max_tokens": 2000})"));
  EXPECT_TRUE(post.headers.empty());
}

TEST(OpenAiChat, ATemperatureIsSentOnlyWhereTheModelTakesOne) {
  ProviderOptions options = options_at("http://host");
  EXPECT_FALSE(body_of(options, request_with_all()).contains("temperature"));
  options.send_temperature = true;
  EXPECT_EQ(body_of(options, request_with_all())["temperature"], 0.25);
}

TEST(OpenAiChat, AnAnswerAtTheOutputLimitIsCutOff) {
  const auto outcome =
      reply_with({{"message", {{"content", "{\"z\":"}}}, {"finish_reason", "length"}});
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().type, "cut_off");
}

TEST(OpenAiChat, ARefusalOfTheModelOrOfAFilterIsFinal) {
  for (const auto& outcome :
       {reply_with({{"message", {{"content", nullptr}, {"refusal", "I cannot"}}},
                    {"finish_reason", "stop"}}),
        reply_with({{"message", {{"content", "I"}}}, {"finish_reason", "content_filter"}})}) {
    ASSERT_FALSE(outcome.has_value());
    EXPECT_EQ(outcome.error().type, "refused");
    EXPECT_FALSE(outcome.error().retryable);
  }
}

TEST(OpenAiChat, ToolCallsThatNobodyAskedForAreABadReply) {
  const auto outcome =
      reply_with({{"message", {{"content", nullptr}}}, {"finish_reason", "tool_calls"}});
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().type, "bad_reply");
  EXPECT_THAT(outcome.error().message, HasSubstr("tool_calls"));
}

TEST(OpenAiChat, AServerMayLeaveOutWhatIsNoPartOfTheAnswer) {
  const auto outcome = reply_with({{"message", {{"content", "x"}}}, {"finish_reason", nullptr}});
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(outcome->text, "x");
  EXPECT_EQ(outcome->model, "gpt-6.1-terra");
  EXPECT_EQ(outcome->input_tokens, 0U);
}

}  // namespace
}  // namespace reprise
