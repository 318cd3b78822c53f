// Model script: what a model server says to each stage of a task, in either of two protocols.
//
//     ScriptedServer models(scripted_model(messages_protocol(), twist));
//     ServerProcess server({.data = …, .environment = environment_of(messages_protocol(), models)});
//
// Guarantees: the answer to each stage fits its schema; the stage is read from the schema that the
//             request carries, as a model would. A twist may answer instead.
// Errors:     std::runtime_error when a request names no stage: it serves tests only.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "activities/net/testing/scripted_server.hpp"

namespace reprise::testing {

// No provider has given it to anybody.
inline constexpr std::string_view kModelKey = "sk-canary-7f3b9d1e5a";

struct Protocol {
  std::string_view provider;      // as ActivityOptions::provider and replies call it
  std::string_view key_variable;  // of the environment
  std::string_view url_variable;
  std::string_view base_path;  // of the base URL
  std::string_view path;       // of a call
  std::string_view key_header;
  std::string_view schema_at;  // JSON pointer into a request
  std::string (*answer)(const std::string& text);
  std::string (*error)(const std::string& type, const std::string& message);
};

const Protocol& messages_protocol();          // Anthropic's
const Protocol& chat_completions_protocol();  // OpenAI's, and all that are compatible

// What makes a server use the scripted models.
std::vector<std::string> environment_of(const Protocol& protocol, const ScriptedServer& models);

// "analysis", "selection", …
std::string stage_of(const Protocol& protocol, const ScriptedRequest& request);

// A JSON object that fits the stage's schema: a moderate task of two parts, all of it good.
std::string good_answer(std::string_view stage);

// Another answer to the n-th request (from 1) of a stage; nothing: the good one.
using Twist = std::function<std::optional<ScriptedReply>(const std::string& stage, std::size_t n)>;

ScriptedServer::Script scripted_model(const Protocol& protocol, Twist twist = {});

}  // namespace reprise::testing
