#include "tests/linear/register_http.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

namespace reprise::linear {
namespace {

using testing::api_call;
using testing::Json;

constexpr std::string_view kWorkflows = "/api/v1/workflows";

std::string_view policy(OnOpenRun on_open_run) {
  switch (on_open_run) {
    case OnOpenRun::fail: return "fail";
    case OnOpenRun::use_existing: return "use_existing";
    case OnOpenRun::terminate_existing: return "terminate_existing";
  }
  return {};
}

// The path behind the workflow's own; empty: the workflow itself.
std::string path_of(const RegisterOperation& operation) {
  switch (operation.verb) {
    case Verb::start:
    case Verb::describe: return {};
    case Verb::add_told: return "/signal/add";
    case Verb::add: return "/update/add?wait=20s";
    case Verb::swap: return "/update/swap?wait=20s";
    case Verb::close: return "/update/close?wait=20s";
    case Verb::read: return "/query/value";
    case Verb::result: return fmt::format("/runs/{}/result", operation.run);
    case Verb::cancel: return "/cancel";
    case Verb::terminate: return "/terminate";
  }
  return {};
}

}  // namespace

HttpCall http_call_of(std::string_view url, const std::string& workflow,
                      const RegisterOperation& operation) {
  const bool is_read = operation.verb == Verb::describe || operation.verb == Verb::result;
  const std::string amount = fmt::format(R"({{"i":{}}})", operation.amount);
  HttpHeaders headers;
  if (!operation.key.empty())
    headers.push_back({.name = "Idempotency-Key", .value = operation.key});
  if (operation.verb == Verb::start)
    return api_call("POST", url, kWorkflows,
                    fmt::format(R"({{"type":"bench.register","id":"{}","input":{},)"
                                R"("id_conflict":"{}"}})",
                                workflow, amount, policy(operation.on_open_run)),
                    std::move(headers));
  const std::string path = fmt::format("{}/{}{}", kWorkflows, workflow, path_of(operation));
  const bool has_amount = operation.verb <= Verb::swap;
  return api_call(is_read ? "GET" : "POST", url, path, has_amount ? amount : std::string(),
                  std::move(headers));
}

std::optional<RegisterAnswer> answer_in(const HttpResponse& response) {
  if (response.status >= 500) return std::nullopt;
  RegisterAnswer answer{.status = response.status,
                        .replayed = response.header("Idempotency-Replayed") != nullptr};
  if (!response.ok()) return answer;
  const Json json = testing::json_of(response);
  answer.run = json.value("run_id", "");
  if (json.contains("seq")) answer.sequence = json["seq"].get<std::uint64_t>();
  if (json.contains("last_seq")) answer.sequence = json["last_seq"].get<std::uint64_t>();
  const bool is_update = json.contains("update_id");
  if (is_update && json["status"] != "completed")
    throw std::runtime_error("an update is not answered: " + response.body);
  if (!is_update && json.contains("last_seq")) answer.run_status = json["status"];
  if (json.contains("closed_at") && !json.contains("last_seq")) answer.run_status = json["status"];
  if (json.contains("i")) answer.value = json["i"].get<std::uint32_t>();
  if (json.contains("result") && json["result"].is_object())
    answer.value = json["result"]["i"].get<std::uint32_t>();
  return answer;
}

}  // namespace reprise::linear
