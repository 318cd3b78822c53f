#include "tests/e2e/model_script.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "activities/contracts/stages.hpp"

namespace reprise::testing {
namespace {

using Json = nlohmann::ordered_json;

// The field of the answer by which a stage is known.
struct StageMark {
  std::string_view stage;
  std::string_view field;
};
constexpr std::array<StageMark, 8> kMarks = {{{"analysis", "required_capabilities"},
                                              {"selection", "specialists"},
                                              {"decomposition", "subtasks"},
                                              {"execution", "content"},
                                              {"review", "scores"},
                                              {"coordination", "cross_references"},
                                              {"synthesis", "executive_summary"},
                                              {"final_review", "approved"}}};

std::string messages_answer(const std::string& text) {
  return Json{{"id", "msg_1"},
              {"type", "message"},
              {"role", "assistant"},
              {"model", "scripted-1"},
              {"content", Json::array({{{"type", "text"}, {"text", text}}})},
              {"stop_reason", "end_turn"},
              {"usage", {{"input_tokens", 100}, {"output_tokens", 50}}}}
      .dump();
}

std::string messages_error(const std::string& type, const std::string& message) {
  return Json{
      {"type", "error"}, {"error", {{"type", type}, {"message", message}}}, {"request_id", "req_1"}}
      .dump();
}

std::string chat_answer(const std::string& text) {
  return Json{{"id", "chatcmpl_1"},
              {"object", "chat.completion"},
              {"model", "scripted-1"},
              {"choices", Json::array({{{"index", 0},
                                        {"message", {{"role", "assistant"}, {"content", text}}},
                                        {"finish_reason", "stop"}}})},
              {"usage", {{"prompt_tokens", 100}, {"completion_tokens", 50}}}}
      .dump();
}

std::string chat_error(const std::string& type, const std::string& message) {
  return Json{{"error", {{"message", message}, {"type", type}, {"param", nullptr}, {"code", type}}}}
      .dump();
}

template <Shape T>
std::string written(const T& answer) {
  return JsonWriter::object(answer, JsonWriter::Defaults::write);
}

Decomposition two_parts() {
  Subtask gather{.id = "t1",
                 .title = "Gather the figures",
                 .description = "Gather what is known of each broker",
                 .specialist = "data_researcher",
                 .deliverable = "A table"};
  Subtask judge{.id = "t2",
                .title = "Judge the brokers",
                .description = "Say which one to take",
                .specialist = "developer",
                .deliverable = "A recommendation",
                .dependencies = {"t1"}};
  return {.subtasks = {std::move(gather), std::move(judge)}};
}

}  // namespace

const Protocol& messages_protocol() {
  static constexpr Protocol kProtocol = {.provider = "anthropic",
                                         .key_variable = "ANTHROPIC_API_KEY",
                                         .url_variable = "ANTHROPIC_BASE_URL",
                                         .base_path = "",
                                         .path = "/v1/messages",
                                         .key_header = "x-api-key",
                                         .schema_at = "/output_config/format/schema",
                                         .answer = &messages_answer,
                                         .error = &messages_error};
  return kProtocol;
}

const Protocol& chat_completions_protocol() {
  static constexpr Protocol kProtocol = {.provider = "openai",
                                         .key_variable = "OPENAI_API_KEY",
                                         .url_variable = "OPENAI_BASE_URL",
                                         .base_path = "/v1",
                                         .path = "/v1/chat/completions",
                                         .key_header = "authorization",
                                         .schema_at = "/response_format/json_schema/schema",
                                         .answer = &chat_answer,
                                         .error = &chat_error};
  return kProtocol;
}

std::vector<std::string> environment_of(const Protocol& protocol, const ScriptedServer& models) {
  return {fmt::format("{}={}", protocol.key_variable, kModelKey),
          fmt::format("{}={}{}", protocol.url_variable, models.url(), protocol.base_path)};
}

std::string stage_of(const Protocol& protocol, const ScriptedRequest& request) {
  const Json body = Json::parse(request.body);
  const Json& fields =
      body.at(Json::json_pointer(std::string(protocol.schema_at))).at("properties");
  const auto* const mark =
      std::ranges::find_if(kMarks, [&](const StageMark& m) { return fields.contains(m.field); });
  if (mark == kMarks.end()) throw std::runtime_error("a schema of no stage: " + fields.dump());
  return std::string(mark->stage);
}

std::string good_answer(std::string_view stage) {
  const Hundredths sure{90};
  const Hundredths points{850};
  if (stage == "analysis")
    return written(Analysis{.domain = "software",
                            .keywords = {"broker"},
                            .required_capabilities = {},
                            .complexity = Complexity::simple});
  if (stage == "selection")
    return written(SpecialistSelection{{{.type = "data_researcher", .score = Hundredths{95}},
                                        {.type = "developer", .score = Hundredths{85}}}});
  if (stage == "decomposition") return written(two_parts());
  if (stage == "execution")
    return written(Solution{.summary = "A is faster",
                            .content = "A moves twice as many messages as B.",
                            .key_findings = {"A is faster"},
                            .sources = {"the manual of A"},
                            .confidence = sure});
  if (stage == "review")
    return written(Review{.strengths = {"clear"}, .scores = {points, points, points, points}});
  if (stage == "coordination")
    return written(Findings{
        .findings = {
            {.topic = "speed", .key_points = {"A"}, .sources = {"t1"}, .confidence = sure}}});
  if (stage == "synthesis")
    return written(FinalAnswer{.executive_summary = "Take A.",
                               .sections = {{.title = "Speed", .content = "A is faster."}},
                               .confidence = sure});
  return written(FinalVerdict{.feedback = "good", .approved = true});
}

ScriptedServer::Script scripted_model(const Protocol& protocol, Twist twist) {
  return [&protocol, twist = std::move(twist),
          asked = std::map<std::string, std::size_t>()](const ScriptedRequest& request) mutable {
    const std::string stage = stage_of(protocol, request);
    const std::size_t n = ++asked[stage];
    if (twist)
      if (std::optional<ScriptedReply> reply = twist(stage, n)) return std::move(*reply);
    return ScriptedReply{.headers = {{.name = "content-type", .value = "application/json"}},
                         .body = protocol.answer(good_answer(stage))};
  };
}

}  // namespace reprise::testing
