#include "workflows/task/team.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace reprise {
namespace {

using ::testing::ElementsAre;

SpecialistSelection scored(const std::vector<std::pair<std::string, int>>& types) {
  SpecialistSelection selection;
  for (const auto& [type, score] : types)
    selection.specialists.push_back({.type = type, .score = Hundredths{score}});
  return selection;
}

std::vector<std::string> names(const std::vector<Specialist>& team) {
  std::vector<std::string> names;
  for (const Specialist& member : team) names.push_back(member.type);
  return names;
}

const SpecialistSelection kFive = scored({{"developer", 40},
                                          {"data_analyst", 90},
                                          {"financial_analyst", 80},
                                          {"business_analyst", 70},
                                          {"market_researcher", 60},
                                          {"data_scientist", 50}});

TEST(Team, ComplexityDecidesItsSizeAndRelevanceItsMembers) {
  EXPECT_THAT(names(pick_team(kFive, {.complexity = Complexity::simple})),
              ElementsAre("data_analyst", "financial_analyst"));
  EXPECT_EQ(pick_team(kFive, {.complexity = Complexity::moderate}).size(), 3U);
  EXPECT_EQ(pick_team(kFive, {.complexity = Complexity::complex}).size(), 5U);
}

TEST(Team, AGapIsFilledByAGeneralist) {
  const auto team = pick_team(kFive, {.required_capabilities = {"Data Analysis", "poetry"},
                                      .complexity = Complexity::simple});
  EXPECT_THAT(names(team), ElementsAre("data_analyst", "financial_analyst", "generalist"));
  EXPECT_THAT(team.back().focus_areas, ElementsAre("poetry"));
}

TEST(Team, NobodyWorksAlone) {
  EXPECT_THAT(names(pick_team(scored({{"developer", 90}}), {})),
              ElementsAre("developer", "generalist"));
}

TEST(Team, TypesThatTakeNoSubtasksAreRefusedByName) {
  const Result<> manager = check_selection(scored({{"developer", 1}, {"manager", 2}}));
  ASSERT_FALSE(manager);
  EXPECT_EQ(manager.error().field, "specialists[1].type");
  EXPECT_FALSE(check_selection(scored({{"wizard", 1}})));
  EXPECT_FALSE(check_selection(scored({{"developer", 1}, {"developer", 2}})));
  EXPECT_TRUE(check_selection(kFive));
}

RC_GTEST_PROP(Team, EveryRequiredCapabilityIsCovered, ()) {
  SpecialistSelection selection;
  for (const SpecialistType& type : specialist_types())
    if (type.takes_subtasks && *rc::gen::arbitrary<bool>())
      selection.specialists.push_back(
          {.type = std::string(type.name), .score = Hundredths{*rc::gen::inRange(0, 101)}});
  const Analysis analysis{.required_capabilities = {"forecasting", "testing", "juggling"},
                          .complexity = *rc::gen::element(Complexity::simple, Complexity::moderate,
                                                          Complexity::complex)};
  const auto team = pick_team(selection, analysis);
  const auto all = names(team);
  RC_ASSERT(!team.empty() && team.size() <= 6);
  const bool has_generalist = std::ranges::find(all, kGeneralist) != all.end();
  RC_ASSERT(has_generalist || capability_gaps(team, analysis.required_capabilities).empty());
}

}  // namespace
}  // namespace reprise
