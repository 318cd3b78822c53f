// ApiClient: calls to a server's API, one after the other, each on a connection of its own.
//
//     ApiClient api(server.url());
//     const HttpResponse made = api.post("/api/v1/tasks", R"({"title":"…"})", {{"Idempotency-Key", "k"}});
//     EXPECT_EQ(made.status, 201);  json_of(made)["task_id"] …
//
// Guarantees: every call ends within kCallTime; any status is an answer.
// Errors:     std::runtime_error when no answer came, or the body is no JSON: it serves tests only.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "activities/net/http_client.hpp"

namespace reprise::testing {

using Json = nlohmann::ordered_json;

inline constexpr Duration kCallTime = std::chrono::seconds(90);

// One call to the API at `url`; a body is sent as JSON.
HttpCall api_call(std::string method, std::string_view url, std::string_view path,
                  std::string body = {}, HttpHeaders headers = {});

Json json_of(const HttpResponse& response);

class ApiClient {
 public:
  explicit ApiClient(std::string url) : url_(std::move(url)) {}

  [[nodiscard]] HttpResponse get(std::string_view path, HttpHeaders headers = {}) const;
  HttpResponse post(std::string_view path, std::string body, HttpHeaders headers = {}) const;
  HttpResponse put(std::string_view path, std::string body) const;
  HttpResponse remove(std::string_view path) const;

  // The body of a 200.
  [[nodiscard]] Json read(std::string_view path) const;
  // All events of a workflow's latest run.
  [[nodiscard]] std::vector<Json> history(std::string_view workflow) const;
  // The task's or workflow's end: long polls until it is there.
  [[nodiscard]] Json task_result(std::string_view task) const;
  [[nodiscard]] Json workflow_result(std::string_view workflow) const;
  // The first event, behind `after`, for which `wanted` holds: long polls until it is there.
  template <typename Wanted>
  Json wait_for_event(std::string_view workflow, Wanted wanted) const;

 private:
  [[nodiscard]] HttpResponse send(HttpCall call) const;
  [[nodiscard]] Json await_end(const std::string& path) const;
  // One page of a history, behind `after`; waits for it.
  [[nodiscard]] Json next_events(std::string_view workflow, std::uint64_t after) const;

  std::string url_;
};

template <typename Wanted>
Json ApiClient::wait_for_event(std::string_view workflow, Wanted wanted) const {
  for (std::uint64_t after = 0;;) {
    const Json page = next_events(workflow, after);
    for (const Json& event : page["events"])
      if (wanted(event)) return event;
    if (page["events"].empty())
      throw std::runtime_error("the event that is waited for did not come");
    after = page["next"].get<std::uint64_t>();
  }
}

}  // namespace reprise::testing
