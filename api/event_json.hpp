// Event to JSON, as histories, event streams and exports show it:
//
//     {"seq":4,"kind":"activity_completed","time":"2026-01-31T12:00:00.123Z","command_id":1,
//      "attempt":1,"data":{"result":{"i":1}}}
//
// Guarantees: one line; the members above always stand, null where there is nothing. Payloads are
//             embedded as they are when they are JSON, else {"base64": …}. A kind that this build
//             does not know is "unknown", with its number and bytes.
// Units:      durations are whole milliseconds, in members that end in _ms; the seed of random
//             numbers is a text, because JSON readers cut 64-bit numbers.
#pragma once

#include <string>

#include "engine/core/event.hpp"

namespace reprise::api {

void append_event(std::string& out, const Event& event);

}  // namespace reprise::api
