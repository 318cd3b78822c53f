// The workflow type "task": from what a user hands in to a reviewed answer, in eight stages.
//
// Guarantees: the result says what is missing, and whether a stand-in answered. At most two revision
//             cycles and two returns from the final review, then the request's review policy. A
//             cancel ends it at the next co_await.
// Errors:     the run fails with type and message of the cause: an activity's failure type,
//             bad_answer, not_accepted, rejected_by_human.
#pragma once

#include "activities/contracts/task_request.hpp"
#include "activities/contracts/task_result.hpp"
#include "engine/author/workflow.hpp"
#include "engine/core/catalog.hpp"

namespace reprise {

inline constexpr std::string_view kTaskType = "task";

Workflow<TaskResult> run_task(Context ctx, TaskRequest request);

void register_task_workflow(Catalog& catalog);

}  // namespace reprise
