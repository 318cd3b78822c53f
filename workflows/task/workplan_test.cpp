#include "workflows/task/workplan.hpp"

#include <gtest/gtest.h>

namespace reprise {
namespace {

using State = WorkItem::State;

Workplan plan_of(std::vector<Subtask> subtasks) {
  auto graph = SubtaskGraph::build(subtasks).value();
  return Workplan(std::move(subtasks), std::move(graph));
}

Subtask subtask(std::string id, Priority priority, std::vector<std::string> dependencies = {}) {
  return {.id = id,
          .title = "T" + id,
          .specialist = "developer",
          .dependencies = std::move(dependencies),
          .priority = priority};
}

TEST(Workplan, WhatMayStartComesByPriorityThenByOrder) {
  Workplan plan = plan_of({subtask("a", Priority::low), subtask("b", Priority::normal),
                           subtask("c", Priority::high), subtask("d", Priority::normal)});
  EXPECT_EQ(plan.start_next(), 2U);
  EXPECT_EQ(plan.start_next(), 1U);
  EXPECT_EQ(plan.start_next(), 3U);
  EXPECT_EQ(plan.start_next(), 0U);
  EXPECT_EQ(plan.start_next(), std::nullopt);
}

TEST(Workplan, ADependencyThatRunsHoldsBackWhatNeedsIt) {
  Workplan plan = plan_of({subtask("a", Priority::low), subtask("b", Priority::high, {"a"})});
  EXPECT_EQ(plan.start_next(), 0U);
  EXPECT_EQ(plan.start_next(), std::nullopt);
  plan.item(0).solution = {.summary = "s", .content = "c"};
  plan.item(0).state = State::solved;
  EXPECT_EQ(plan.start_next(), 1U);
  EXPECT_EQ(plan.results_for(1).at(0).solution.content, "c");
}

TEST(Workplan, WhatNeedsAFailedOneFailsAlongTheChain) {
  Workplan plan = plan_of({subtask("a", Priority::low), subtask("b", Priority::low, {"a"}),
                           subtask("c", Priority::low, {"b"})});
  plan.start_next();
  plan.give_up(0, "no luck");
  EXPECT_EQ(plan.fail_next_blocked(), 1U);
  EXPECT_EQ(plan.fail_next_blocked(), 2U);
  EXPECT_EQ(plan.fail_next_blocked(), std::nullopt);
  EXPECT_EQ(plan.item(2).problem, "needs b, which gave nothing");
}

TEST(Workplan, AnEarlierSolutionOutlivesAFailedRevision) {
  Workplan plan = plan_of({subtask("a", Priority::low)});
  plan.item(0).solution = {.summary = "s", .content = "c"};
  plan.give_up(0, "timeout");
  EXPECT_EQ(plan.item(0).state, State::refused);
}

TEST(Workplan, WhatIsHandedOnIsBoundedWhateverTheSolutionsHold) {
  std::vector<Subtask> many;
  for (int i = 0; i < 20; ++i) many.push_back(subtask("t" + std::to_string(i), Priority::low));
  Workplan plan = plan_of(std::move(many));
  for (std::size_t i = 0; i < plan.size(); ++i) {
    plan.item(i).solution.content = std::string(40'000, 'x');
    plan.item(i).state = State::accepted;
  }
  std::size_t bytes = 0;
  for (const SubtaskSolution& solution : plan.accepted()) bytes += solution.solution.content.size();
  EXPECT_LE(bytes, kSolutionsBytesMax);
}

TEST(Workplan, ARejectedOneGoesThroughTheTeamThenStays) {
  const std::vector<Specialist> team = {{.type = "developer"}, {.type = "generalist"}};
  Workplan plan = plan_of({subtask("a", Priority::low)});
  WorkItem& item = plan.item(0);
  item.verdict = Verdict::rejected;
  plan.start_next();
  order_revision(item, team);
  EXPECT_EQ(item.subtask.specialist, "generalist");
  plan.start_next();
  order_revision(item, team);
  EXPECT_EQ(item.subtask.specialist, "generalist");
}

}  // namespace
}  // namespace reprise
