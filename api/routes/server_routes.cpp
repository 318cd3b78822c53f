#include <algorithm>

#include "api/json_output.hpp"
#include "api/problem.hpp"
#include "api/routes/routes.hpp"

namespace reprise::api {
namespace {

std::string status_object(std::string_view status) {
  std::string body;
  ObjectWriter(body).text("status", status).close();
  return body;
}

}  // namespace

RouteAnswer show_liveness(ApiContext, RouteCall) {
  co_return HttpResponse{.body = status_object("alive")};
}

RouteAnswer show_readiness(ApiContext api, RouteCall) {
  const bool ready = api.engine->ready();
  HttpResponse response{.status = ready ? 200 : 503,
                        .body = status_object(ready ? "ready" : "not ready")};
  if (!ready) response.headers.push_back({.name = "Retry-After", .value = "2"});
  co_return response;
}

RouteAnswer show_health(ApiContext api, RouteCall) {
  const bool ready = api.engine->ready();
  const EngineFigures figures = api.engine->figures();
  const std::string_view status = ready ? "healthy" : "unhealthy";
  HttpResponse response{.status = ready ? 200 : 503};
  ObjectWriter json(response.body);
  json.text("status", status).time("timestamp", api.clock->utc());
  json.text("build", api.options->build);
  ObjectWriter(json.begin("services")).text("engine", status).text("event_log", status).close();
  ObjectWriter(json.begin("engine"))
      .number("runs_cached", figures.runs_cached)
      .number("activities_running", figures.activities_running)
      .number("groups_committed", figures.groups_committed)
      .number("batches_committed", figures.batches_committed)
      .number("commit_bytes_waiting", figures.commit_bytes_waiting)
      .close();
  json.close();
  co_return response;
}

RouteAnswer explain_problem(ApiContext, RouteCall call) {
  const auto kinds = problem_kinds();
  const auto kind = std::ranges::find_if(
      kinds, [&](const ProblemKind& k) { return to_string(k.code) == call.values[0]; });
  if (kind == kinds.end())
    co_return problem(
        {.code = Errc::not_found, .detail = "there is no such problem", .field = "code"},
        call.path());
  HttpResponse response;
  ObjectWriter(response.body)
      .text("code", to_string(kind->code))
      .text("title", kind->title)
      .number("status", kind->status)
      .text("advice", kind->advice)
      .close();
  co_return response;
}

}  // namespace reprise::api
