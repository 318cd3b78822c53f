// What the server says of backups, as people read it. Pure.
#pragma once

#include <string>
#include <string_view>

#include "tools/reprise/text.hpp"

namespace reprise::cli {

// One backup: its name, state and size.
std::string backup_text(std::string_view json, const TextStyle& style);
std::string backup_list_text(std::string_view json, const TextStyle& style);

}  // namespace reprise::cli
