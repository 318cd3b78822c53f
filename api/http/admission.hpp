// Admission: which requests a browser may not send here, whatever it shows.
//
// Guarantees: on loopback only a loopback Host is served, so that a name which an attacker points at
//             127.0.0.1 reaches nothing (DNS rebinding); a request that names an Origin is served
//             only when that is the very host it talks to.
#pragma once

#include <optional>

#include "api/http/message.hpp"
#include "api/http/request_parser.hpp"

namespace reprise::api {

// Nothing: it may pass.
std::optional<HttpRefusal> refusal_of(const HttpRequest& request, bool is_loopback);

}  // namespace reprise::api
