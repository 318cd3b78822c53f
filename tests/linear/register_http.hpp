// The register's calls over HTTP: the request of an operation, and the answer in a response.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tests/linear/register_calls.hpp"
#include "tests/support/api_client.hpp"

namespace reprise::linear {

HttpCall http_call_of(std::string_view url, const std::string& workflow,
                      const RegisterOperation& operation);

// Nothing when the server does not say whether it was done: every 5xx.
// Errors: std::runtime_error for a 2xx that is none of this API.
std::optional<RegisterAnswer> answer_in(const HttpResponse& response);

}  // namespace reprise::linear
