#include "api/list_query.hpp"

#include <gtest/gtest.h>

#include "api/testing/fake_engine.hpp"

namespace reprise::api {
namespace {

RunView view() {
  return {.workflow = WorkflowId("order_7"),
          .run = testing::kRun,
          .type = "order",
          .status = RunStatus::running,
          .started_at = testing::kBorn,
          .attributes = {{"customer", "acme & sons"},
                         {"items", std::int64_t{3}},
                         {"price", 9.5},
                         {"urgent", true}}};
}

bool matches(std::string_view query) {
  const Result<ListQuery> parsed = ListQuery::parse(query);
  EXPECT_TRUE(parsed.has_value()) << query << ": " << to_string(parsed.error());
  return parsed && parsed->matches(view());
}

std::string refusal(std::string_view query) {
  const Result<ListQuery> parsed = ListQuery::parse(query);
  return parsed ? "accepted" : parsed.error().detail;
}

TEST(ListQuery, ComparesAttributesByTheirType) {
  EXPECT_TRUE(matches(R"(customer = "acme & sons")"));
  EXPECT_TRUE(matches("items = 3"));
  EXPECT_TRUE(matches("items >= 2.5"));
  EXPECT_TRUE(matches("price < 10"));
  EXPECT_TRUE(matches("urgent = true"));
  EXPECT_FALSE(matches("items > 3"));
  EXPECT_FALSE(matches(R"(items = "3")"));
  EXPECT_FALSE(matches("urgent = 1"));
}

TEST(ListQuery, JoinsTermsWithAnd) {
  EXPECT_TRUE(matches("items=3 and urgent=true AND price!=1"));
  EXPECT_FALSE(matches("items=3 and urgent=false"));
}

TEST(ListQuery, KnowsTheFieldsOfEveryRun) {
  EXPECT_TRUE(matches("type = order and status = running and workflow_id = order_7"));
  EXPECT_TRUE(matches("started_at >= 2023-11-14T22:13:20Z"));
  EXPECT_TRUE(matches("started_at < 2024-01-01T00:00:00Z"));
  EXPECT_FALSE(matches("closed_at > 2000-01-01T00:00:00Z"));
}

TEST(ListQuery, AnAttributeThatIsNotThereSatisfiesNothing) {
  EXPECT_FALSE(matches("colour = red"));
  EXPECT_FALSE(matches("colour != red"));
}

TEST(ListQuery, QuotesKeepBlanksOperatorsAndQuotes) {
  RunView other = view();
  other.attributes["customer"] = R"(a "b" = c)";
  EXPECT_TRUE(ListQuery::parse(R"(customer="a \"b\" = c")")->matches(other));
}

TEST(ListQuery, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(refusal(""), "at byte 1: a term begins with a name");
  EXPECT_EQ(refusal("items"), "at byte 6: one of = != < <= > >= stands behind the name");
  EXPECT_EQ(refusal("items >"), "at byte 8: a value stands behind the operator");
  EXPECT_EQ(refusal("a = 1 or b = 2"), "at byte 9: \"and\" stands between two terms");
  EXPECT_EQ(refusal("a = 1 and"), "at byte 10: a term begins with a name");
  EXPECT_EQ(refusal("a = \"x"), "at byte 7: the text's closing \" is missing");
  EXPECT_EQ(refusal("started_at > yesterday"),
            "at byte 23: started_at is compared with a time like 2026-05-04T10:00:00Z");
  std::string many = "a=1";
  for (int i = 0; i < 20; ++i) many += " and a=1";
  EXPECT_NE(refusal(many).find("at most 20 terms"), std::string::npos);
}

}  // namespace
}  // namespace reprise::api
