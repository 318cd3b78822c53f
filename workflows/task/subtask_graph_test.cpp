#include "workflows/task/subtask_graph.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace reprise {
namespace {

Subtask subtask(std::string id, std::vector<std::string> dependencies = {}) {
  return {.id = std::move(id), .dependencies = std::move(dependencies)};
}

Error refused(const std::vector<Subtask>& subtasks) {
  const auto graph = SubtaskGraph::build(subtasks);
  EXPECT_FALSE(graph);
  return graph ? Error{} : graph.error();
}

TEST(SubtaskGraph, PhasesFollowTheDependencies) {
  const auto graph = SubtaskGraph::build({subtask("plan", {"market", "people"}), subtask("market"),
                                          subtask("people"), subtask("budget", {"plan"})});
  ASSERT_TRUE(graph);
  EXPECT_EQ(graph->phase(0), 2U);
  EXPECT_EQ(graph->phase(1), 1U);
  EXPECT_EQ(graph->phase(2), 1U);
  EXPECT_EQ(graph->phase(3), 3U);
  EXPECT_EQ(graph->dependencies(0), (std::vector<std::size_t>{1, 2}));
}

TEST(SubtaskGraph, UnknownIdsAreNamedWithTheirPath) {
  const Error error = refused({subtask("t1"), subtask("t2"), subtask("t3", {"t9"})});
  EXPECT_EQ(error.field, "subtasks[2].dependencies[0]");
  EXPECT_EQ(error.detail, "unknown id t9");
}

TEST(SubtaskGraph, SelfLoopsDuplicatesAndRepeatedEdgesAreRefused) {
  EXPECT_EQ(refused({subtask("t1", {"t1"})}).field, "subtasks[0].dependencies[0]");
  EXPECT_EQ(refused({subtask("t1"), subtask("t1")}).field, "subtasks[1].id");
  EXPECT_EQ(refused({subtask("t1"), subtask("t2", {"t1", "t1"})}).field,
            "subtasks[1].dependencies[1]");
  EXPECT_EQ(refused({subtask("t 1")}).field, "subtasks[0].id");
}

TEST(SubtaskGraph, ACycleIsSpeltOut) {
  const Error error = refused({subtask("t0"), subtask("t1", {"t3"}), subtask("t2", {"t1"}),
                               subtask("t3", {"t2", "t0"}), subtask("t4", {"t3"})});
  EXPECT_EQ(error.detail, "the dependencies form a cycle: t1 → t3 → t2 → t1");
}

TEST(SubtaskGraph, OneToTwentySubtasks) {
  EXPECT_EQ(refused({}).field, "subtasks");
  std::vector<Subtask> many;
  for (int i = 0; i < 20; ++i) many.push_back(subtask("t" + std::to_string(i)));
  EXPECT_TRUE(SubtaskGraph::build(many));
  many.push_back(subtask("one_more"));
  EXPECT_EQ(refused(many).field, "subtasks");
}

// Any edges among n subtasks: forward edges alone are accepted, and each phase is above those it
// needs; an edge back closes a cycle and is refused.
RC_GTEST_PROP(SubtaskGraph, ExactlyTheGraphsWithoutCyclesAreAccepted, ()) {
  const auto n = *rc::gen::inRange<std::size_t>(1, 21);
  std::vector<Subtask> subtasks;
  for (std::size_t i = 0; i < n; ++i) {
    Subtask next = subtask("t" + std::to_string(i));
    for (std::size_t d = 0; d < i; ++d)
      if (*rc::gen::inRange(0, 4) == 0) next.dependencies.push_back("t" + std::to_string(d));
    subtasks.push_back(std::move(next));
  }
  const auto graph = SubtaskGraph::build(subtasks);
  RC_ASSERT(graph.has_value());
  for (std::size_t i = 0; i < n; ++i)
    for (const std::size_t d : graph->dependencies(i)) RC_ASSERT(graph->phase(d) < graph->phase(i));

  const auto from = *rc::gen::inRange<std::size_t>(0, n);
  if (subtasks[from].dependencies.empty()) return;
  const std::size_t to = graph->dependencies(from).front();
  subtasks[to].dependencies.push_back(subtasks[from].id);
  RC_ASSERT(!SubtaskGraph::build(subtasks).has_value());
}

}  // namespace
}  // namespace reprise
