#include "workflows/task/stage_machine.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace reprise {
namespace {

std::vector<Stage> all_stages() {
  std::vector<Stage> stages;
  for (auto i = static_cast<int>(Stage::pending); i <= static_cast<int>(Stage::completed); ++i)
    stages.push_back(static_cast<Stage>(i));
  return stages;
}

TEST(StageMachine, ExactlyTheListedTransitionsAreLegal) {
  std::string legal;
  for (const Stage from : all_stages())
    for (const Stage to : all_stages())
      if (is_legal(from, to))
        legal += std::string(to_string(from)) + ">" + std::string(to_string(to)) + "\n";
  EXPECT_EQ(legal,
            "pending>task_analysis\n"
            "task_analysis>specialist_selection\n"
            "specialist_selection>task_decomposition\n"
            "task_decomposition>specialist_execution\n"
            "specialist_execution>manager_review\n"
            "manager_review>revision_required\n"
            "manager_review>coordination\n"
            "revision_required>specialist_execution\n"
            "coordination>synthesis\n"
            "synthesis>manager_final_review\n"
            "manager_final_review>synthesis\n"
            "manager_final_review>completed\n");
}

TEST(StageMachine, NamesAreReadBack) {
  for (const Stage stage : all_stages()) EXPECT_EQ(parse_stage(to_string(stage)), stage);
  EXPECT_FALSE(parse_stage("Completed"));
}

TEST(StageMachine, ProgressDoesNotFallAlongTheStraightWay) {
  std::uint32_t last = 0;
  for (const Stage stage : all_stages()) {
    EXPECT_GE(progress_at(stage), last);
    last = progress_at(stage);
  }
  EXPECT_EQ(last, 100U);
}

}  // namespace
}  // namespace reprise
