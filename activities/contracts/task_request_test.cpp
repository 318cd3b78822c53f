#include "activities/contracts/task_request.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "activities/contracts/utf8.hpp"

namespace reprise {
namespace {

Error refused(const std::string& json) {
  TaskRequest request;
  const Result<> result = decode(Payload{json}, request);
  EXPECT_FALSE(result) << json;
  return result ? Error{} : result.error();
}

TaskRequest accepted(const std::string& json) {
  TaskRequest request;
  const Result<> result = decode(Payload{json}, request);
  EXPECT_TRUE(result) << to_string(result.error());
  return request;
}

std::string repeated(std::string_view text, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += text;
  return out;
}

TEST(TaskRequest, ATitleIsEnough) {
  const TaskRequest request = accepted(R"({"title":"Plan a garden"})");
  EXPECT_EQ(request.brief.title, "Plan a garden");
  EXPECT_EQ(request.priority, Priority::normal);
  EXPECT_EQ(request.options.review_policy, ReviewPolicy::partial);
  EXPECT_EQ(request.options.parallel_max, 4U);
  EXPECT_EQ(encode(request).bytes, R"({"title":"Plan a garden"})");
}

TEST(TaskRequest, EveryFieldComesBackInCanonicalOrder) {
  const std::string json =
      R"({"context":{"audience":{"age":[7,9.5]},"constraints":["cheap"],"deadline":"2026-05-01",)"
      R"("domain":"gardening"},"description":"Beds","options":{"parallel_max":2,)"
      R"("provider":"offline","review_policy":"escalate"},"priority":"high",)"
      R"("subtasks":["Soil","Plants"],"title":"Garden","user_id":"user_1"})";
  EXPECT_EQ(encode(accepted(json)).bytes, json);
}

TEST(TaskRequest, MediumPriorityIsNormal) {
  EXPECT_EQ(encode(accepted(R"({"title":"x","priority":"medium"})")).bytes, R"({"title":"x"})");
}

TEST(TaskRequest, UnknownFieldsAreNamed) {
  EXPECT_EQ(refused(R"({"title":"x","titel":"y"})").field, "titel");
  EXPECT_EQ(refused(R"({"title":"x","options":{"polcy":1}})").field, "options.polcy");
}

TEST(TaskRequest, WrongTypesAreNamed) {
  EXPECT_EQ(refused(R"({"title":7})").field, "title");
  EXPECT_EQ(refused(R"({"title":null})").field, "title");
  EXPECT_EQ(refused(R"({"title":"x","context":[]})").field, "context");
  EXPECT_EQ(refused(R"({"title":"x","context":{"constraints":["a",2]}})").field,
            "context.constraints[1]");
  EXPECT_EQ(refused(R"({"title":"x","options":{"parallel_max":0}})").field, "options.parallel_max");
  EXPECT_EQ(refused("[]").code, Errc::invalid_argument);
}

TEST(TaskRequest, ABadEnumListsTheGoodOnes) {
  const Error error = refused(R"({"title":"x","options":{"review_policy":"maybe"}})");
  EXPECT_EQ(error.field, "options.review_policy");
  EXPECT_EQ(error.detail, "is \"maybe\": use one of partial, fail, escalate");
}

TEST(TaskRequest, LengthsCountCharactersNotBytes) {
  accepted(R"({"title":")" + repeated("ß", 500) + R"("})");
  EXPECT_EQ(refused(R"({"title":")" + repeated("a", 501) + R"("})").field, "title");
  accepted(R"({"title":"x","description":")" + repeated("😀", 10'000) + R"("})");
  EXPECT_EQ(refused(R"({"title":"x","description":")" + repeated("a", 10'001) + R"("})").field,
            "description");
}

TEST(TaskRequest, AMissingOrBlankTitleIsRefused) {
  EXPECT_EQ(refused("{}").field, "title");
  EXPECT_EQ(refused(R"({"title":""})").field, "title");
  EXPECT_EQ(refused(R"({"title":" \n\t"})").field, "title");
}

TEST(TaskRequest, BadUtf8IsRefused) {
  EXPECT_EQ(refused("{\"title\":\"a\xff\"}").code, Errc::invalid_argument);
  EXPECT_EQ(refused("{\"title\":\"\xed\xa0\x80\"}").code, Errc::invalid_argument);
}

TEST(TaskRequest, AKeyThatStandsTwiceIsRefused) {
  EXPECT_NE(refused(R"({"title":"x","title":"y"})").detail.find("stands twice"), std::string::npos);
}

TEST(TaskRequest, DeepOrLargeContextIsRefused) {
  EXPECT_EQ(refused(R"({"title":"x","context":{"a":)" + repeated("[", 100'000) + "}}").code,
            Errc::too_large);
  EXPECT_EQ(refused(R"({"title":"x","context":{"a":")" + repeated("b", 40'000) + R"("}})").field,
            "context.a");
}

RC_GTEST_PROP(TaskRequest, AnyTextSurvivesTheRoundTrip, (const std::string& raw)) {
  std::string quoted;
  append_json_text(quoted, raw);
  const Result<JsonValue> read = parse_json(quoted);
  RC_ASSERT(read.has_value());
  RC_ASSERT(is_utf8(read->text));
  if (is_utf8(raw)) RC_ASSERT(read->text == raw);
}

RC_GTEST_PROP(TaskRequest, NoBytesMakeTheReaderThrow, (const std::string& raw)) {
  TaskRequest request;
  RC_ASSERT(!decode(Payload{raw}, request) || !request.brief.title.empty());
}

RC_GTEST_PROP(TaskRequest, ACutTextIsUtf8AndShortEnough, (const std::string& raw)) {
  const auto limit = *rc::gen::inRange<std::size_t>(0, 20);
  const std::string text = is_utf8(raw) ? raw : "añ😀" + std::to_string(raw.size());
  const std::string cut = utf8_cut(text, limit);
  RC_ASSERT(cut.size() <= limit);
  RC_ASSERT(is_utf8(cut));
}

}  // namespace
}  // namespace reprise
