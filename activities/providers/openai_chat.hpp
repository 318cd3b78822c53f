// openai_chat: Chat Completions: OpenAI's, or any compatible server's.
//
// Errors:     cut_off at the output limit, refused when the model or a content filter declines,
//             bad_reply for anything else that is no finished text.
// Source:     POST {base_url}/chat/completions.
#pragma once

#include "activities/providers/http_provider.hpp"

namespace reprise {

// Base URL: "https://api.openai.com/v1", "http://127.0.0.1:8080/v1".
ModelProtocol openai_chat();

}  // namespace reprise
