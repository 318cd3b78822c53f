// What workflows and the server look like to a person.
#pragma once

#include <string>
#include <string_view>

#include "tools/reprise/text.hpp"

namespace reprise::cli {

// Of `POST /api/v1/workflows`.
std::string started_workflow_text(std::string_view json, const TextStyle& style);
// Of `GET /api/v1/workflows`.
std::string parked_list_text(std::string_view json, const TextStyle& style);
std::string workflow_list_text(std::string_view json, const TextStyle& style);
// Of `GET /api/v1/workflows/{id}`: state, open activities with attempts and last errors, timers.
std::string workflow_text(std::string_view json, const TextStyle& style);
// Of `GET …/result`: the workflow's own result, indented; or how it failed.
std::string workflow_result_text(std::string_view json, const TextStyle& style);
// Any other document: its fields, one a line.
std::string fields_text(std::string_view json, const TextStyle& style);
// Of `GET /api/v1/health`.
std::string server_text(std::string_view json, std::string_view url, const TextStyle& style);

}  // namespace reprise::cli
