#include "activities/providers/openai_chat.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "activities/providers/failure_class.hpp"
#include "activities/providers/json_fields.hpp"

namespace reprise {
namespace {

Json messages_of(const ModelRequest& request, StructuredOutput mode) {
  Json messages = Json::array();
  if (std::string system = instructions_of(request, mode); !system.empty())
    messages.push_back({{"role", "system"}, {"content", std::move(system)}});
  for (const ModelMessage& message : request.messages)
    messages.push_back({{"role", message.role == ModelMessage::Role::user ? "user" : "assistant"},
                        {"content", message.text}});
  return messages;
}

// Nothing when the request's schema is no JSON object.
std::optional<Json> response_format_of(const ModelRequest& request, StructuredOutput mode) {
  if (mode == StructuredOutput::json_object) return Json{{"type", "json_object"}};
  Json schema = parse_json_fields(request.schema);
  if (!schema.is_object()) return std::nullopt;
  const std::string name = request.schema_name.empty() ? "answer" : request.schema_name;
  return Json{{"type", "json_schema"},
              {"json_schema", {{"name", name}, {"schema", std::move(schema)}, {"strict", true}}}};
}

std::expected<ProviderPost, ActivityFailure> post_of(const ProviderOptions& options,
                                                     const ModelRequest& request) {
  const StructuredOutput mode = options.structured_output;
  Json body{{"model", options.model}, {"messages", messages_of(request, mode)}};
  body[options.output_limit_field] = std::min(request.output_tokens_max, options.output_tokens_max);
  if (options.send_temperature && request.temperature) body["temperature"] = *request.temperature;
  if (!request.schema.empty() && mode != StructuredOutput::none) {
    auto format = response_format_of(request, mode);
    if (!format) return std::unexpected(bad_schema());
    body["response_format"] = std::move(*format);
  }
  ProviderPost post{.path = "/chat/completions", .body = dump_json(body)};
  if (const std::string& key = options.api_key.reveal(); !key.empty())
    post.headers.push_back({.name = "authorization", .value = "Bearer " + key});
  return post;
}

// The first choice; null JSON when there is none.
Json choice_of(const Json& answer) {
  const Json choices = answer.is_object() ? member_at(answer, "choices") : Json();
  return choices.is_array() && !choices.empty() ? choices.front() : Json();
}

// Why an answer is none; nothing when it is one. Servers differ in what they call a good end.
std::optional<ActivityFailure> failure_of_end(const std::string& reason, const Json& message) {
  if (reason == "length") return cut_off();
  if (reason == "content_filter" || !text_at(message, "refusal").empty()) return refused();
  if (text_at(message, "content").empty())
    return bad_reply("the answer holds no text; it ended with: " + reason);
  return std::nullopt;
}

ModelOutcome reply_of(const ProviderOptions& options, const std::string& body) {
  const Json answer = parse_json_fields(body);
  const Json choice = choice_of(answer);
  const Json message = member_at(choice, "message");
  if (!message.is_object()) return std::unexpected(bad_reply("the answer is no chat completion"));
  if (auto failure = failure_of_end(text_at(choice, "finish_reason"), message))
    return std::unexpected(std::move(*failure));
  ModelReply reply{.text = text_at(message, "content"),
                   .provider = options.name,
                   .model = text_at(answer, "model")};
  if (reply.model.empty()) reply.model = options.model;
  const Json usage = member_at(answer, "usage");
  reply.input_tokens = count_at(usage, "prompt_tokens");
  reply.output_tokens = count_at(usage, "completion_tokens");
  return reply;
}

}  // namespace

ModelProtocol openai_chat() { return {.post_of = &post_of, .reply_of = &reply_of}; }

}  // namespace reprise
