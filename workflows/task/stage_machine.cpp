#include "workflows/task/stage_machine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>

namespace reprise {
namespace {

struct Edge {
  Stage from;
  Stage to;
};

constexpr std::array kEdges = {
    Edge{Stage::pending, Stage::task_analysis},
    Edge{Stage::task_analysis, Stage::specialist_selection},
    Edge{Stage::specialist_selection, Stage::task_decomposition},
    Edge{Stage::task_decomposition, Stage::specialist_execution},
    Edge{Stage::specialist_execution, Stage::manager_review},
    Edge{Stage::manager_review, Stage::revision_required},  // some solutions were not accepted
    Edge{Stage::revision_required, Stage::specialist_execution},
    Edge{Stage::manager_review, Stage::coordination},  // all were, or the policy lets it go on
    Edge{Stage::coordination, Stage::synthesis},
    Edge{Stage::synthesis, Stage::manager_final_review},
    Edge{Stage::manager_final_review, Stage::synthesis},  // the answer needs revision
    Edge{Stage::manager_final_review, Stage::completed},
};

struct StageFacts {
  Stage stage;
  std::string_view name;
  std::uint32_t progress;
};

constexpr std::array<StageFacts, 11> kStages = {{
    {Stage::pending, "pending", 0},
    {Stage::task_analysis, "task_analysis", 5},
    {Stage::specialist_selection, "specialist_selection", 10},
    {Stage::task_decomposition, "task_decomposition", 15},
    {Stage::specialist_execution, "specialist_execution", 20},
    {Stage::manager_review, "manager_review", 75},
    {Stage::revision_required, "revision_required", 75},
    {Stage::coordination, "coordination", 80},
    {Stage::synthesis, "synthesis", 85},
    {Stage::manager_final_review, "manager_final_review", 95},
    {Stage::completed, "completed", 100},
}};

const StageFacts& facts_of(Stage stage) { return kStages.at(static_cast<std::size_t>(stage)); }

}  // namespace

std::string_view to_string(Stage stage) { return facts_of(stage).name; }

std::optional<Stage> parse_stage(std::string_view name) {
  const auto found = std::ranges::find(kStages, name, &StageFacts::name);
  return found == kStages.end() ? std::nullopt : std::optional(found->stage);
}

bool is_legal(Stage from, Stage to) {
  return std::ranges::any_of(kEdges, [&](Edge edge) { return edge.from == from && edge.to == to; });
}

std::uint32_t progress_at(Stage stage) { return facts_of(stage).progress; }

void StageMachine::enter(Context ctx, Stage next) {
  if (!is_legal(now_, next))
    throw std::logic_error(fmt::format("a task goes from {} to {}: there is no such transition",
                                       to_string(now_), to_string(next)));
  now_ = next;
  ctx.stage(std::string(to_string(next)));
}

}  // namespace reprise
