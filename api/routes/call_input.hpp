// What the routes read from a call beside its body: which run is meant, and the caller's key.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/json_input.hpp"
#include "api/router.hpp"
#include "engine/core/requests.hpp"

namespace reprise::api {

// The workflow of the call's first value, and the run of the second, if any. An id that cannot be
// one is not_found, like any other that does not exist.
Result<DescribeRequest> run_meant(std::string_view workflow, std::string_view run = {});

// The Idempotency-Key header, of 1 to 255 printable characters. Two requests are the same when
// method, path and `canonical_body` are.
Boxed<IdempotencyKey> idempotency_key_of(const HttpRequest& request,
                                         std::string_view canonical_body, InputErrors& errors);

// Refuses a provider that the server does not have; an empty name means the default one.
void check_provider(const ApiContext& api, std::string_view provider, std::string_view field,
                    InputErrors& errors);

// Refuses a URL that the server would not call; an empty one means none.
void check_callback(const ApiContext& api, std::string_view url, InputErrors& errors);

struct WorkflowInput {
  const std::string& type;
  const Payload& input;
};
// The type is known, and the input suits its code, so that nothing starts that cannot run. `path`
// stands before "type" and "input" in what is said of them: "action.", or nothing.
void check_start(const ApiContext& api, WorkflowInput start, std::string_view path,
                 InputErrors& errors);

// Says that an answer is the first one again.
void mark_replayed(HttpResponse& response, bool repeated);

}  // namespace reprise::api
