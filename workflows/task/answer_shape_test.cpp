#include "workflows/task/answer_shape.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "activities/contracts/analysis.hpp"
#include "activities/contracts/final_answer.hpp"
#include "activities/contracts/subtask.hpp"

namespace reprise {
namespace {

constexpr std::string_view kVerdict =
    R"({"feedback":"a } and a \" in text","revision_requests":[],"approved":true})";

FinalVerdict read(const std::string& text) {
  const auto verdict = read_answer<FinalVerdict>(text);
  EXPECT_TRUE(verdict) << (verdict ? "" : problem_of(verdict.error()));
  return verdict.value_or(FinalVerdict{});
}

template <Shape T>
std::string problem(const std::string& text) {
  const auto answer = read_answer<T>(text);
  return answer ? "none" : problem_of(answer.error());
}

TEST(AnswerShape, FencesAndChatterDoNotMatter) {
  const std::string json(kVerdict);
  EXPECT_TRUE(read(json).approved);
  EXPECT_TRUE(read("```json\n" + json + "\n```").approved);
  EXPECT_TRUE(read("Sure! {as you wish}. Here it is:\n" + json + "\nAnything else? {}").approved);
  EXPECT_EQ(read(json).feedback, "a } and a \" in text");
}

TEST(AnswerShape, WhatIsMissingOrWrongIsNamedByItsPath) {
  EXPECT_EQ(problem<FinalVerdict>(R"({"feedback":"x","revision_requests":[]})"),
            "approved: is missing: give true or false");
  EXPECT_EQ(problem<Decomposition>(R"({"subtasks":[{"id":"t1"}]})"),
            "subtasks[0].title: is missing: give a text");
  EXPECT_EQ(problem<Decomposition>(R"({"subtasks":[]})"), "subtasks: needs at least 1 items");
  EXPECT_EQ(problem<Analysis>(R"({"domain":"d","keywords":["a",3],"required_capabilities":[],)"
                              R"("complexity":"simple","constraints":[]})"),
            "keywords[1]: must be a text");
  EXPECT_EQ(problem<Analysis>(R"({"domain":"d","keywords":[],"required_capabilities":[],)"
                              R"("complexity":"huge","constraints":[]})"),
            "complexity: is \"huge\": use one of moderate, simple, complex");
}

TEST(AnswerShape, UnknownMembersArePassedOver) {
  EXPECT_TRUE(
      read(R"({"thinking":"hm","feedback":"","revision_requests":[],"approved":true})").approved);
}

TEST(AnswerShape, AnAnswerThatEndsEarlyIsSaidToEndEarly) {
  EXPECT_EQ(problem<FinalVerdict>(R"(Here: {"feedback":"x","revision_req)"),
            "the JSON object that starts at byte 6 does not end");
  EXPECT_EQ(problem<FinalVerdict>(""), "there is no JSON object in the answer");
}

TEST(AnswerShape, DepthIsLimited) {
  std::string deep = R"({"feedback":)";
  for (int i = 0; i < 50; ++i) deep += "[";
  for (int i = 0; i < 50; ++i) deep += "]";
  EXPECT_EQ(problem<FinalVerdict>(deep + "}"), "the JSON is nested deeper than 32");
}

RC_GTEST_PROP(AnswerShape, NoTextMakesItThrow, (const std::string& text)) {
  static_cast<void>(read_answer<FinalVerdict>(text));
  static_cast<void>(read_answer<FinalVerdict>("{" + text + "}"));
}

RC_GTEST_PROP(AnswerShape, TheObjectIsFoundBehindAnyChatterWithoutBraces, (std::string chatter)) {
  std::erase(chatter, '{');
  RC_ASSERT(read_answer<FinalVerdict>(chatter + std::string(kVerdict) + chatter).has_value());
}

}  // namespace
}  // namespace reprise
