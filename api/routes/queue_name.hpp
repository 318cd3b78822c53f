// The name of a queue in a route's path.
#pragma once

#include <string>

#include "api/routes/call_input.hpp"

namespace reprise::api {

inline constexpr std::size_t kQueueNameCharactersMax = 200;

std::string read_queue(const RouteCall& call, InputErrors& errors);

}  // namespace reprise::api
