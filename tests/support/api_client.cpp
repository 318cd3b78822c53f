#include "tests/support/api_client.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "activities/net/testing/run_coroutine.hpp"

namespace reprise::testing {
namespace {

constexpr int kEndPolls = 4;  // of 30 s each

Json whole(const HttpResponse& response, int status, std::string_view path) {
  if (response.status != status)
    throw std::runtime_error(
        fmt::format("{}: {} instead of {}: {}", path, response.status, status, response.body));
  return json_of(response);
}

}  // namespace

HttpCall api_call(std::string method, std::string_view url, std::string_view path, std::string body,
                  HttpHeaders headers) {
  const Result<Url> base = parse_url(url);
  if (!base) throw std::runtime_error(to_string(base.error()));
  if (!body.empty()) headers.push_back({.name = "Content-Type", .value = "application/json"});
  return {.method = std::move(method),
          .url = base->at(path),
          .headers = std::move(headers),
          .body = std::move(body),
          .deadline = system_clock().steady() + kCallTime};
}

Json json_of(const HttpResponse& response) {
  Json json = Json::parse(response.body, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded())
    throw std::runtime_error(fmt::format("{} with no JSON: {}", response.status, response.body));
  return json;
}

HttpResponse ApiClient::send(HttpCall call) const {
  const std::string what = call.method + " " + call.url.target();
  HttpOutcome outcome = run_coroutine(http_call(std::move(call)));
  if (!outcome)
    throw std::runtime_error(
        fmt::format("{}: {}: {}", what, to_string(outcome.error().kind), outcome.error().detail));
  return std::move(*outcome);
}

HttpResponse ApiClient::get(std::string_view path, HttpHeaders headers) const {
  return send(api_call("GET", url_, path, {}, std::move(headers)));
}

HttpResponse ApiClient::post(std::string_view path, std::string body, HttpHeaders headers) const {
  return send(api_call("POST", url_, path, std::move(body), std::move(headers)));
}

HttpResponse ApiClient::put(std::string_view path, std::string body) const {
  return send(api_call("PUT", url_, path, std::move(body)));
}

HttpResponse ApiClient::remove(std::string_view path) const {
  return send(api_call("DELETE", url_, path));
}

Json ApiClient::read(std::string_view path) const { return whole(get(path), 200, path); }

std::vector<Json> ApiClient::history(std::string_view workflow) const {
  std::vector<Json> events;
  for (std::uint64_t after = 0;;) {
    const Json page =
        read(fmt::format("/api/v1/workflows/{}/history?limit=1000&after={}", workflow, after));
    if (page["events"].empty()) return events;
    for (const Json& event : page["events"]) events.push_back(event);
    after = page["next"].get<std::uint64_t>();
  }
}

Json ApiClient::next_events(std::string_view workflow, std::uint64_t after) const {
  return read(fmt::format("/api/v1/workflows/{}/history?after={}&wait=30s", workflow, after));
}

Json ApiClient::task_result(std::string_view task) const {
  return await_end(fmt::format("/api/v1/tasks/{}/result?wait=30s", task));
}

Json ApiClient::workflow_result(std::string_view workflow) const {
  return await_end(fmt::format("/api/v1/workflows/{}/result?wait=30s", workflow));
}

Json ApiClient::await_end(const std::string& path) const {
  HttpResponse response;
  for (int polls = 0; polls < kEndPolls; ++polls) {
    response = get(path);
    if (response.status != 202) break;
  }
  return whole(response, 200, path);
}

}  // namespace reprise::testing
