// Planning: the first three stages. What is asked, who works on it, in which parts.
//
// Errors:     WorkflowFailure when the manager gave no usable answer in three attempts.
#pragma once

#include <memory>
#include <vector>

#include "activities/contracts/stages.hpp"
#include "workflows/task/model_calls.hpp"
#include "workflows/task/workplan.hpp"

namespace reprise {

Workflow<Analysis> analyze(ModelCalls calls, TaskBrief task);

Workflow<std::vector<Specialist>> select_specialists(ModelCalls calls, TaskBrief task,
                                                     Analysis analysis);

// A plan whose graph stays wrong after two repairs becomes one subtask: the task as it is.
Workflow<std::shared_ptr<Workplan>> decompose(ModelCalls calls, TaskRequest request,
                                              Analysis analysis, std::vector<Specialist> team);

}  // namespace reprise
