// StageMachine: where a task stands, and where it may go from there.
//
// Guarantees: only the edges of the table in stage_machine.cpp are taken; any other is a defect of
//             ours and parks the run. Failing and being cancelled are ends of the run, possible at
//             every stage, and no stages of their own.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/author/workflow.hpp"

namespace reprise {

enum class Stage : std::uint8_t {
  pending,
  task_analysis,
  specialist_selection,
  task_decomposition,
  specialist_execution,
  manager_review,
  revision_required,
  coordination,
  synthesis,
  manager_final_review,
  completed,
};

// The name in histories and in current_stage: "task_analysis".
std::string_view to_string(Stage stage);
std::optional<Stage> parse_stage(std::string_view name);

bool is_legal(Stage from, Stage to);

// Percent when a task reaches the stage. Execution is counted from 20 to 70 by finished subtasks.
std::uint32_t progress_at(Stage stage);

class StageMachine {
 public:
  // Enters the stage in the history. Root branch only.
  void enter(Context ctx, Stage next);
  [[nodiscard]] Stage now() const { return now_; }

 private:
  Stage now_ = Stage::pending;
};

}  // namespace reprise
