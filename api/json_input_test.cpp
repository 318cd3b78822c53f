#include "api/json_input.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <map>

#include "activities/contracts/task_request.hpp"

namespace reprise::api {
namespace {

constexpr std::array<std::string_view, 2> kNotYet = {"callback_url", "options.max_cost_usd"};

std::map<std::string, std::string> errors_of_task(const std::string& body) {
  InputErrors errors;
  if (const auto object = read_object(body, errors)) {
    TaskRequest task;
    ObjectReader read(*object, errors, kNotYet);
    TaskRequest::fields(read, task);
    read.finish();
  }
  std::map<std::string, std::string> found;
  for (const FieldProblem& field : errors.fields()) found.emplace(field.field, field.reason);
  return found;
}

std::string only_error_of_task(const std::string& body) {
  const auto errors = errors_of_task(body);
  EXPECT_EQ(errors.size(), 1U) << body;
  return errors.empty() ? "" : errors.begin()->first;
}

TEST(JsonInput, EveryErrorOfABodyIsToldAtOnceByItsPath) {
  const auto errors = errors_of_task(
      R"({"titel":"x","description":7,"priority":"urgent","context":{"constraints":["a",2]},)"
      R"("options":{"parallel_max":0,"review_policy":"maybe","max_cost_usd":1},"callback_url":""})");
  EXPECT_EQ(errors.at("title"), "is missing: give a text of 1 to 500 characters");
  EXPECT_EQ(errors.at("description"), "must be a text");
  EXPECT_EQ(errors.at("priority"), "is \"urgent\": use one of normal, high, low, medium");
  EXPECT_EQ(errors.at("context.constraints[1]"), "must be a text");
  EXPECT_EQ(errors.at("options.parallel_max"), "is 0: give 1 to 20");
  EXPECT_EQ(errors.at("options.review_policy"), "is \"maybe\": use one of partial, fail, escalate");
  EXPECT_EQ(errors.at("options.max_cost_usd"), "is not supported yet: leave it out");
  EXPECT_EQ(errors.at("callback_url"), "is not supported yet: leave it out");
  EXPECT_TRUE(errors.at("titel").starts_with("is not known: use "));
  EXPECT_EQ(errors.size(), 9U);
}

TEST(JsonInput, ABodyThatIsNoObjectIsOneErrorOfTheBody) {
  EXPECT_EQ(only_error_of_task(""), "body");
  EXPECT_EQ(only_error_of_task(" \n"), "body");
  EXPECT_EQ(only_error_of_task("[]"), "body");
  EXPECT_EQ(only_error_of_task("{"), "body");
  EXPECT_EQ(only_error_of_task("{} {}"), "body");
  EXPECT_EQ(only_error_of_task(R"({"title":"a","title":"b"})"), "body");
  EXPECT_EQ(only_error_of_task("{\"title\":\"\xff\"}"), "body");
  EXPECT_EQ(only_error_of_task(R"({"title":"a","context":)" + std::string(100'000, '[')), "body");
}

TEST(JsonInput, WhatIsWrongWithABodyReadsOnBehindItsName) {
  const auto reason = [](const std::string& body) { return errors_of_task(body).at("body"); };
  EXPECT_EQ(reason("title=x"), "is not JSON: at byte 2");
  EXPECT_EQ(reason(R"({"title":"x")"), "is not JSON: at byte 13");
  EXPECT_EQ(reason(R"({"title":1e999})"), "is not JSON: at byte 14: the number is out of range");
  EXPECT_EQ(reason("{\"title\":\"\xff\"}"), "is not UTF-8");
  EXPECT_EQ(reason(R"({"a":)" + std::string(65, '[')), "is nested deeper than 64");
  EXPECT_EQ(reason(R"({"title":"a","title":"b"})"),
            "is ambiguous: the key \"title\" stands twice in one object");
  EXPECT_EQ(reason("\xEF\xBB\xBF{}"), "begins with a byte order mark: send UTF-8 without one");
}

TEST(JsonInput, LengthsCountCharacters) {
  std::string umlauts;
  for (int i = 0; i < 500; ++i) umlauts += "ä";
  EXPECT_TRUE(errors_of_task(R"({"title":")" + umlauts + R"("})").empty());
  EXPECT_EQ(only_error_of_task(R"({"title":")" + umlauts + R"(x"})"), "title");
  EXPECT_EQ(only_error_of_task(R"({"title":"  "})"), "title");
}

TEST(JsonInput, ErrorsOfOneRequestAreBounded) {
  std::string body = R"({"title":"x")";
  for (int i = 0; i < 1000; ++i) body += R"(,"u)" + std::to_string(i) + R"(":1)";
  EXPECT_EQ(errors_of_task(body + "}").size(), InputErrors::kCountMax);
}

TEST(JsonInput, WhatPassesHereIsWhatTheWorkflowReads) {
  const std::string body =
      R"({"title":"x","priority":"high","context":{"audience":[1,{"a":null}]},)"
      R"("subtasks":["one"],"options":{"parallel_max":2}})";
  InputErrors errors;
  const auto object = read_object(body, errors);
  TaskRequest here;
  ObjectReader read(*object, errors);
  TaskRequest::fields(read, here);
  read.finish();
  TaskRequest there;
  ASSERT_TRUE(errors.empty());
  ASSERT_TRUE(decode(Payload{body}, there));
  EXPECT_EQ(encode(here), encode(there));
}

TEST(RawMember, IsTheMembersBytesAsTheyStand) {
  const std::string body =
      R"( { "a" : "},\"" , "in\"put":0, "input" : {"x" : [1.0, "]}"] } , "z":1})";
  EXPECT_EQ(raw_member(body, "input"), R"({"x" : [1.0, "]}"] })");
  EXPECT_EQ(raw_member(body, "a"), R"("},\"")");
  EXPECT_EQ(raw_member(body, "z"), "1");
  EXPECT_EQ(raw_member(body, "y"), std::nullopt);
  EXPECT_EQ(raw_member("{}", "y"), std::nullopt);
}

RC_GTEST_PROP(RawMember, MeansTheSameAsTheParsedMember, (const std::string& text)) {
  std::string quoted;
  append_json_text(quoted, text);
  const std::string body =
      "{" + quoted + ": [" + quoted + "],\n\"input\" : {\"k\":" + quoted + "} }";
  InputErrors errors;
  const auto object = read_object(body, errors);
  if (!object) return;  // the random key was "input"
  const auto raw = raw_member(body, "input");
  RC_ASSERT(raw.has_value());
  RC_ASSERT(to_json(*parse_json(*raw)) == to_json(*object->find("input")));
}

RC_GTEST_PROP(JsonInput, NoBytesMakeTheReaderThrow, (const std::string& raw)) {
  errors_of_task(raw);
  errors_of_task(R"({"title":)" + raw + "}");
}

}  // namespace
}  // namespace reprise::api
