// anthropic_messages: Anthropic's Messages API; one plain request, one plain answer.
//
// Guarantees: cached input counts as input in a reply's figures. json_object is no mode of this API
//             and counts as none.
// Errors:     cut_off at the output limit, refused when the model declines, too_large when the
//             context window is full, bad_reply for anything else that is no finished text.
// Source:     POST {base_url}/v1/messages, anthropic-version 2023-06-01.
#pragma once

#include "activities/providers/http_provider.hpp"

namespace reprise {

// Base URL: "https://api.anthropic.com".
ModelProtocol anthropic_messages();

}  // namespace reprise
