// What schedules look like to a person.
#pragma once

#include <string>
#include <string_view>

#include "tools/reprise/text.hpp"

namespace reprise::cli {

// Of `GET /api/v1/schedules`.
std::string schedule_list_text(std::string_view json, const TextStyle& style);
// Of `GET /api/v1/schedules/{id}`: what it does, when it fires next, and how its last starts ended.
std::string schedule_text(std::string_view json, const TextStyle& style);

}  // namespace reprise::cli
