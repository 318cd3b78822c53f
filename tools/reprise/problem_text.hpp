// What the server's refusal looks like: its problem document (RFC 9457) for people.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "tools/reprise/text.hpp"

namespace reprise::cli {

// Title, detail, and a line for each field at fault. A body that is no problem document is shown
// shortened, behind the status.
std::string problem_text(int status, std::string_view body, const TextStyle& style);

// An error of this side: what failed, where, and what to do.
std::string error_text(const Error& error, const TextStyle& style);

}  // namespace reprise::cli
