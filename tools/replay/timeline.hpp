// Timeline: a history for people, one line an event.
#pragma once

#include <string>

#include "engine/core/event.hpp"

namespace reprise {

// "   12  +1.204s  activity_completed   5 attempt 1, 812 bytes".
std::string timeline_line(const Event& event, UtcTime started);

}  // namespace reprise
