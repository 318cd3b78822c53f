// Tasks as JSON: what the task's own view says, with the members that it does not know.
//
// Guarantees: members of the view (title, status, progress, current_stage …) stand as the view's fold
//             wrote them; nothing is computed a second time here.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/json_output.hpp"
#include "engine/core/describe.hpp"

namespace reprise::api {

// task_id, the view's members, estimated_completion, result; one object.
std::string task_json(const RunView& view, const std::optional<RunOutcome>& outcome);

// task_id, status, result, error, completed_at.
std::string task_result_json(const RunView& view, const RunOutcome& outcome);

// A text member of the view, like "status"; empty when there is none.
std::string task_member(const RunView& view, std::string_view key);

}  // namespace reprise::api
