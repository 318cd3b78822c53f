#include <algorithm>

#include "api/json_output.hpp"
#include "api/problem.hpp"
#include "api/routes/routes.hpp"

namespace reprise::api {
namespace {

std::string_view health_of(DiskLevel disk) {
  switch (disk) {
    case DiskLevel::ok: return "healthy";
    case DiskLevel::no_new_runs: return "degraded";
    case DiskLevel::read_only: return "unhealthy";
  }
  return "unhealthy";
}

}  // namespace

RouteAnswer show_liveness(ApiContext, RouteCall) {
  HttpResponse response;
  ObjectWriter(response.body).text("status", "alive").close();
  co_return response;
}

RouteAnswer show_readiness(ApiContext api, RouteCall) {
  const DiskLevel disk = api.engine->disk_level();
  const bool may_write = disk != DiskLevel::read_only;
  const bool ready = api.engine->ready() && may_write;
  HttpResponse response{.status = ready ? 200 : 503};
  ObjectWriter(response.body)
      .text("status", ready ? "ready" : "not ready")
      .text("disk_level", to_string(disk))
      .close();
  if (!ready) response.headers.push_back({.name = "Retry-After", .value = may_write ? "2" : "30"});
  co_return response;
}

RouteAnswer show_health(ApiContext api, RouteCall) {
  const DiskLevel disk = api.engine->disk_level();
  const EngineFigures figures = api.engine->figures();
  const std::string_view engine = api.engine->ready() ? "healthy" : "unhealthy";
  const std::string_view status = api.engine->ready() ? health_of(disk) : engine;
  HttpResponse response{.status = status == "unhealthy" ? 503 : 200};
  ObjectWriter json(response.body);
  json.text("status", status).time("timestamp", api.clock->utc());
  json.text("build", api.options->build);
  ObjectWriter(json.begin("services"))
      .text("engine", engine)
      .text("event_log", engine)
      .text("disk", health_of(disk))
      .close();
  json.text("disk_level", to_string(disk));
  ObjectWriter(json.begin("engine"))
      .number("runs_cached", figures.runs_cached)
      .number("activities_running", figures.activities_running)
      .number("groups_committed", figures.groups_committed)
      .number("batches_committed", figures.batches_committed)
      .number("commit_bytes_waiting", figures.commit_bytes_waiting)
      .milliseconds("timers_late_ms", figures.timers_late)
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
