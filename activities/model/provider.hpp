// ModelProvider: a language model behind one call: a request in, an answer or a failure out.
//
// Guarantees: complete() makes at most one billable call and never retries: retries, their delays
//             and their limits belong to the engine. It ends by the request's deadline.
// Thread:     called on an engine thread; complete() runs on the executor that awaits it.
// Errors:     ActivityFailure.type is one of: rate_limited, overloaded, server_error, network,
//             timeout, cut_off (the answer ended early), bad_request, auth, quota, not_found,
//             too_large, refused, bad_reply (not what the protocol says). `retryable` and
//             `retry_after` follow the error classes of the provider's protocol. Never a key.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "engine/author/contract.hpp"

namespace reprise {

struct ModelMessage {
  enum class Role : std::uint8_t { user, assistant };
  Role role = Role::user;
  std::string text;
};

struct ModelRequest {
  std::string stage;   // "analysis", "review", …: which question this is
  std::string input;   // the stage's own input as JSON, for providers that read it themselves
  std::string system;  // instructions: ours, trusted
  std::vector<ModelMessage> messages;  // the user's text, marked as such; earlier answers, repairs
  std::string schema_name;             // of the JSON object that the answer must be
  std::string schema;                  // JSON Schema of it
  std::uint32_t output_tokens_max = 2000;
  std::optional<double> temperature;  // sent only where the model takes one
  std::string idempotency_key;
  std::uint32_t attempt = 1;
  SteadyTime deadline;
};

struct ModelReply {
  std::string text;  // what the model said, fences and chatter included
  std::string provider;
  std::string model;
  bool simulated = false;  // from the embedded stand-in, not from a model
  std::uint64_t input_tokens = 0;
  std::uint64_t output_tokens = 0;
};

using ModelOutcome = std::expected<ModelReply, ActivityFailure>;

class ModelProvider {
 public:
  virtual ~ModelProvider() = default;
  [[nodiscard]] virtual const std::string& name() const = 0;
  virtual boost::asio::awaitable<ModelOutcome> complete(ModelRequest request) = 0;
};

}  // namespace reprise
