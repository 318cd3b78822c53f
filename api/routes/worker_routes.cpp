// What remote workers ask: an attempt from a queue, and what becomes of it.
#include <fmt/format.h>

#include <algorithm>

#include "api/json_output.hpp"
#include "api/query_input.hpp"
#include "api/routes/call_input.hpp"
#include "api/routes/queue_name.hpp"
#include "api/routes/routes.hpp"
#include "engine/core/retry.hpp"

namespace reprise::api {
namespace {

constexpr std::size_t kNameCharactersMax = kQueueNameCharactersMax;
constexpr std::size_t kActivitiesMax = 100;
constexpr std::size_t kFailureTypeMax = 255;
constexpr std::size_t kFailureMessageMax = 3000;
constexpr std::uint32_t kRetryAfterMsMax = 86'400'000;

PollRequest read_poll(const RouteCall& call, InputErrors& errors) {
  PollRequest poll{.queue = read_queue(call, errors)};
  const std::string& body = call.request->body();
  if (body.empty()) return poll;
  if (const auto object = read_object(body, errors)) {
    ObjectReader read(*object, errors);
    read("worker", poll.worker, Text{.max = kNameCharactersMax});
    read("activities", poll.activities,
         Items{.max = kActivitiesMax, .each = {.min = 1, .max = kNameCharactersMax}});
    read.finish();
  }
  return poll;
}

HttpResponse attempt_given(const RemoteAttempt& attempt) {
  const auto& [token, work] = attempt;
  HttpResponse response;
  ObjectWriter json(response.body);
  json.text("token", to_string(token));
  json.text("workflow_id", token.workflow.text()).text("run_id", to_string(token.key.run));
  json.number("command_id", token.key.command.value());
  json.number("attempt", token.key.attempt.value());
  json.text("idempotency_key", fmt::format("{}/{}", token.key.run, token.key.command));
  json.text("activity", work.name).number("version", work.version);
  json.text_or_null("provider", work.provider);
  json.payload("input", work.input).payload("last_details", work.last_details);
  json.milliseconds("time_left_ms", std::max(Duration(0), work.time_left));
  if (work.heartbeat_timeout > Duration(0))
    json.milliseconds("heartbeat_timeout_ms", work.heartbeat_timeout);
  else
    json.null("heartbeat_timeout_ms");
  json.close();
  return response;
}

Result<AttemptToken> token_of(const RouteCall& call) {
  if (auto token = AttemptToken::parse(call.values[0])) return std::move(*token);
  return fail(Errc::not_found, "this is no token of an attempt", "token");
}

// The member's bytes as they stand; nothing when it is absent.
std::optional<Payload> raw_payload(const std::string& body, const JsonValue* member,
                                   std::string_view key) {
  if (member == nullptr) return std::nullopt;
  const auto raw = raw_member(body, key);
  return Payload{raw ? std::string(*raw) : to_json(*member)};
}

std::optional<Payload> read_details(const HttpRequest& request, InputErrors& errors) {
  if (request.body().empty()) return std::nullopt;
  const auto body = read_object(request.body(), errors);
  if (!body) return std::nullopt;
  ObjectReader read(*body, errors);
  std::optional<Payload> details = raw_payload(request.body(), read.any("details"), "details");
  read.finish();
  if (details && details->bytes.size() > kHeartbeatDetailsBytesMax)
    errors.add("details", fmt::format("has {} bytes: at most {}", details->bytes.size(),
                                      kHeartbeatDetailsBytesMax));
  return details;
}

ActivityOutcome read_result(const HttpRequest& request, InputErrors& errors) {
  const auto body = read_object(request.body(), errors);
  if (!body) return Payload{};
  ObjectReader read(*body, errors);
  std::optional<Payload> result = raw_payload(request.body(), read.any("result"), "result");
  read.finish();
  return std::move(result).value_or(Payload{});
}

ActivityOutcome read_failure(const HttpRequest& request, InputErrors& errors) {
  ActivityFailure failure;
  const auto body = read_object(request.body(), errors);
  if (!body) return std::unexpected(std::move(failure));
  ObjectReader read(*body, errors);
  std::uint32_t retry_after_ms = 0;
  read("type", failure.type, Text{.min = 1, .max = kFailureTypeMax});
  read("message", failure.message, Text{.max = kFailureMessageMax});
  read("retryable", failure.retryable);
  read("retry_after_ms", retry_after_ms, Whole{.max = kRetryAfterMsMax});
  read.require("type", "what retry policies name: \"rate_limited\"");
  read.finish();
  failure.retry_after = std::chrono::milliseconds(retry_after_ms);
  return std::unexpected(std::move(failure));
}

HttpResponse answered(const Result<AttemptAnswer>& answer, std::string_view path) {
  if (!answer) return problem(answer.error(), path);
  const auto status = [](std::string_view text) {
    HttpResponse response;
    ObjectWriter(response.body).text("status", text).close();
    return response;
  };
  switch (*answer) {
    case AttemptAnswer::current: return status("current");
    case AttemptAnswer::recorded: return status("recorded");
    case AttemptAnswer::cancelled: return status("cancelled");
    case AttemptAnswer::stale: break;
  }
  return problem({.code = Errc::stale_attempt,
                  .detail = "the attempt has ended, timed out, or was given out by an earlier "
                            "process of the server: nothing is recorded",
                  .field = {}},
                 path);
}

// The token makes a repetition known, so that an Idempotency-Key is only checked.
void read_headers(const HttpRequest& request, InputErrors& errors) {
  QueryReader(request, errors).finish();
  idempotency_key_of(request, {}, errors);
}

RouteAnswer end_attempt(ApiContext api, RouteCall call,
                        ActivityOutcome (*read)(const HttpRequest&, InputErrors&)) {
  InputErrors errors;
  read_headers(*call.request, errors);
  ActivityOutcome outcome = read(*call.request, errors);
  if (!errors.empty()) co_return problem_of_input(errors.fields(), call.path());
  Result<AttemptToken> token = token_of(call);
  if (!token) co_return problem(token.error(), call.path());
  co_return answered(co_await api.engine->end_attempt(std::move(*token), std::move(outcome)),
                     call.path());
}

}  // namespace

RouteAnswer poll_queue(ApiContext api, RouteCall call) {
  InputErrors errors;
  QueryReader query(*call.request, errors);
  const auto wait = query.duration("wait", api.options->wait_max);
  query.finish();
  PollRequest poll = read_poll(call, errors);
  if (!errors.empty()) co_return problem_of_input(errors.fields(), call.path());
  poll.is_gone = [request = call.request] { return request->client_is_gone(); };
  const auto attempt = co_await api.engine->poll(std::move(poll), wait.value_or(Duration(0)));
  if (!attempt) co_return problem(attempt.error(), call.path());
  if (!*attempt) co_return HttpResponse{.status = 204};
  co_return attempt_given(**attempt);
}

RouteAnswer heartbeat_attempt(ApiContext api, RouteCall call) {
  InputErrors errors;
  read_headers(*call.request, errors);
  std::optional<Payload> details = read_details(*call.request, errors);
  if (!errors.empty()) co_return problem_of_input(errors.fields(), call.path());
  Result<AttemptToken> token = token_of(call);
  if (!token) co_return problem(token.error(), call.path());
  co_return answered(co_await api.engine->heartbeat(std::move(*token), std::move(details)),
                     call.path());
}

RouteAnswer complete_attempt(ApiContext api, RouteCall call) {
  co_return co_await end_attempt(api, std::move(call), &read_result);
}

RouteAnswer fail_attempt(ApiContext api, RouteCall call) {
  co_return co_await end_attempt(api, std::move(call), &read_failure);
}

}  // namespace reprise::api
