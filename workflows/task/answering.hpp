// Answering: from accepted solutions to the final answer.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "activities/contracts/stages.hpp"
#include "workflows/task/model_calls.hpp"
#include "workflows/task/workplan.hpp"

namespace reprise {

// What the answer is made of.
struct AnswerMaterial {
  TaskBrief task;
  std::vector<SubtaskSolution> solutions;
  std::vector<std::string> missing;
};

Workflow<Findings> coordinate(ModelCalls calls, AnswerMaterial material);

Workflow<FinalAnswer> synthesize(ModelCalls calls, AnswerMaterial material, Findings findings,
                                 std::optional<AnswerRevision> revision);

Workflow<FinalVerdict> review_answer(ModelCalls calls, AnswerMaterial material, FinalAnswer answer);

}  // namespace reprise
