// ProviderOptions: one model behind one server: where it is, who pays, and what it takes.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "activities/net/tls_trust.hpp"
#include "activities/net/url.hpp"
#include "activities/providers/secret.hpp"
#include "base/time.hpp"

namespace reprise {

// How a model is held to the schema of its answer.
enum class StructuredOutput : std::uint8_t {
  json_schema,  // by the server while the model writes: the schema is a field of the request
  json_object,  // the server sees to it that it is JSON; the schema is in the instructions
  none,         // by the instructions alone
};

// Its name in settings; and back.
std::string_view to_string(StructuredOutput mode) noexcept;
std::optional<StructuredOutput> parse_structured_output(std::string_view name);

struct ProviderOptions {
  std::string name;  // "anthropic": what ActivityOptions::provider and replies call it
  Url base_url;      // "https://api.openai.com/v1"; the paths of calls are below it
  Secret api_key;    // empty: none is sent
  std::string model;

  // A schema that the server enforces saves rounds of repair, and the default models take one. A
  // server that answers 400 to it needs json_object or none.
  StructuredOutput structured_output = StructuredOutput::json_schema;

  // The newest models refuse sampling parameters with 400; without one they choose their own.
  bool send_temperature = false;

  // A request that asks for more gets this much.
  std::uint32_t output_tokens_max = 32'000;

  // Chat Completions: OpenAI's own models take max_completion_tokens only, most other servers know
  // only the older max_tokens.
  std::string output_limit_field = "max_completion_tokens";

  Duration request_timeout = std::chrono::minutes(10);  // the request's own deadline may be earlier
  Duration connect_timeout = std::chrono::seconds(10);
  TlsTrustPtr trust;  // null: the system's certificates
};

}  // namespace reprise
