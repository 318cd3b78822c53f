// Working on subtasks, and reviewing what came out.
//
// Guarantees: a subtask starts as soon as its dependencies have ended, at most parallel_max at once,
//             by priority; reviews run side by side under the same limit. Three failed attempts of a
//             subtask are its end, and no failure of the task: the review policy decides.
// Errors:     WorkflowFailure when a review gave no usable answer in three attempts.
#pragma once

#include <memory>
#include <vector>

#include "activities/contracts/stages.hpp"
#include "workflows/task/model_calls.hpp"
#include "workflows/task/workplan.hpp"

namespace reprise {

// A small value that each branch takes a copy of; the plan is shared between them.
struct SubtaskWork {
  ModelCalls calls;
  TaskBrief task;
  std::vector<Specialist> team;
  std::uint32_t parallel_max = TaskOptions::kParallelDefault;
  std::shared_ptr<Workplan> plan;
};

// Works on everything that waits.
Workflow<> execute_subtasks(SubtaskWork work);

// Reviews everything that was solved and not reviewed.
Workflow<> review_solutions(SubtaskWork work);

}  // namespace reprise
