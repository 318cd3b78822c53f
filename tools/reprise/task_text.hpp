// What tasks look like to a person: the list, one task, its answer.
#pragma once

#include <string>
#include <string_view>

#include "tools/reprise/task_picture.hpp"
#include "tools/reprise/text.hpp"
#include "tools/reprise/timeline.hpp"

namespace reprise::cli {

// Of `POST /api/v1/tasks`: the id, and what to type next.
std::string created_task_text(std::string_view json, const TextStyle& style);

// Of `GET /api/v1/tasks`.
std::string task_list_text(std::string_view json, const TextStyle& style);

// One line of state and the progress; what `status ID` prints.
std::string task_status_text(const TaskPicture& task, const TextStyle& style);

// The task, its subtasks, and the timeline when there is one.
std::string task_text(const TaskPicture& task, const Timeline& timeline, const TextStyle& style);

// Of `GET /api/v1/tasks/{id}/result`: the answer, what is missing, the sources, who wrote it; or why
// there is none.
std::string task_result_text(std::string_view json, const TextStyle& style);

}  // namespace reprise::cli
