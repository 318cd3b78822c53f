#include "activities/providers/anthropic.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "activities/providers/failure_class.hpp"
#include "activities/providers/json_fields.hpp"

namespace reprise {
namespace {

Json messages_of(const ModelRequest& request) {
  Json messages = Json::array();
  for (const ModelMessage& message : request.messages)
    messages.push_back({{"role", message.role == ModelMessage::Role::user ? "user" : "assistant"},
                        {"content", message.text}});
  return messages;
}

std::expected<ProviderPost, ActivityFailure> post_of(const ProviderOptions& options,
                                                     const ModelRequest& request) {
  Json body{{"model", options.model},
            {"max_tokens", std::min(request.output_tokens_max, options.output_tokens_max)},
            {"messages", messages_of(request)}};
  if (std::string system = instructions_of(request, options.structured_output); !system.empty())
    body["system"] = std::move(system);
  if (options.send_temperature && request.temperature) body["temperature"] = *request.temperature;
  if (!request.schema.empty() && options.structured_output == StructuredOutput::json_schema) {
    Json schema = parse_json_fields(request.schema);
    if (!schema.is_object()) return std::unexpected(bad_schema());
    body["output_config"] = {{"format", {{"type", "json_schema"}, {"schema", std::move(schema)}}}};
  }
  ProviderPost post{.path = "/v1/messages",
                    .headers = {{.name = "anthropic-version", .value = "2023-06-01"}},
                    .body = dump_json(body)};
  if (const std::string& key = options.api_key.reveal(); !key.empty())
    post.headers.push_back({.name = "x-api-key", .value = key});
  return post;
}

// Why an answer that stopped for this reason is none; nothing when it is one.
std::optional<ActivityFailure> failure_of_stop(const std::string& reason) {
  if (reason == "end_turn" || reason == "stop_sequence") return std::nullopt;
  if (reason == "max_tokens") return cut_off();
  if (reason == "refusal") return refused();
  if (reason == "model_context_window_exceeded")
    return ActivityFailure{
        .type = "too_large", .message = "the context window is full", .retryable = false};
  return bad_reply("the answer stopped for another reason than its end: " + reason);
}

ModelOutcome reply_of(const ProviderOptions& options, const std::string& body) {
  const Json answer = parse_json_fields(body);
  const Json content = answer.is_object() ? member_at(answer, "content") : Json();
  if (!content.is_array()) return std::unexpected(bad_reply("the answer is no message"));
  if (auto failure = failure_of_stop(text_at(answer, "stop_reason")))
    return std::unexpected(std::move(*failure));
  ModelReply reply{.provider = options.name, .model = text_at(answer, "model")};
  for (const Json& block : content)
    if (text_at(block, "type") == "text") reply.text += text_at(block, "text");
  if (reply.text.empty()) return std::unexpected(bad_reply("the answer holds no text"));
  if (reply.model.empty()) reply.model = options.model;
  const Json usage = member_at(answer, "usage");
  reply.input_tokens = count_at(usage, "input_tokens") +
                       count_at(usage, "cache_creation_input_tokens") +
                       count_at(usage, "cache_read_input_tokens");
  reply.output_tokens = count_at(usage, "output_tokens");
  return reply;
}

}  // namespace

ModelProtocol anthropic_messages() { return {.post_of = &post_of, .reply_of = &reply_of}; }

}  // namespace reprise
