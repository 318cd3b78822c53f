#include "api/routes/routes.hpp"

#include <array>

namespace reprise::api {

std::span<const Route> all_routes() {
  using enum HttpMethod;
  static constexpr std::array kRoutes = {
      Route{post, "/api/v1/tasks", create_task},
      Route{get, "/api/v1/tasks", list_tasks},
      Route{get, "/api/v1/tasks/{id}", show_task},
      Route{remove, "/api/v1/tasks/{id}", cancel_task},
      Route{get, "/api/v1/tasks/{id}/result", show_task_result},
      Route{post, "/api/v1/tasks/{id}/approve", approve_task},

      Route{post, "/api/v1/workflows", start_workflow},
      Route{get, "/api/v1/workflows", list_workflows},
      Route{get, "/api/v1/parked", list_parked},
      Route{get, "/api/v1/workflows/{id}", describe_workflow},
      Route{remove, "/api/v1/workflows/{id}", delete_workflow},
      Route{get, "/api/v1/workflows/{id}/history", show_history},
      Route{get, "/api/v1/workflows/{id}/events", stream_events},
      Route{get, "/api/v1/workflows/{id}/result", show_result},
      Route{post, "/api/v1/workflows/{id}/signal/{name}", signal_workflow},
      Route{post, "/api/v1/workflows/{id}/query/{name}", query_workflow},
      Route{post, "/api/v1/workflows/{id}/update/{name}", update_workflow},
      Route{get, "/api/v1/workflows/{id}/updates/{update}", show_update},
      Route{post, "/api/v1/workflows/{id}/cancel", cancel_workflow},
      Route{post, "/api/v1/workflows/{id}/terminate", terminate_workflow},
      Route{post, "/api/v1/workflows/{id}/pause", pause_workflow},
      Route{post, "/api/v1/workflows/{id}/unpause", unpause_workflow},
      Route{post, "/api/v1/workflows/{id}/reset", reset_workflow},
      Route{get, "/api/v1/workflows/{id}/runs/{run}", describe_workflow},
      Route{remove, "/api/v1/workflows/{id}/runs/{run}", delete_workflow},
      Route{post, "/api/v1/workflows/{id}/runs/{run}/reset", reset_workflow},
      Route{get, "/api/v1/workflows/{id}/runs/{run}/history", show_history},
      Route{get, "/api/v1/workflows/{id}/runs/{run}/events", stream_events},
      Route{get, "/api/v1/workflows/{id}/runs/{run}/result", show_result},

      Route{get, "/api/v1/queues/{queue}", show_queue},
      Route{put, "/api/v1/queues/{queue}", limit_queue},
      Route{post, "/api/v1/queues/{queue}/poll", poll_queue},
      Route{post, "/api/v1/activities/{token}/heartbeat", heartbeat_attempt},
      Route{post, "/api/v1/activities/{token}/complete", complete_attempt},
      Route{post, "/api/v1/activities/{token}/fail", fail_attempt},

      Route{post, "/api/v1/schedules", create_schedule},
      Route{get, "/api/v1/schedules", list_schedules},
      Route{get, "/api/v1/schedules/{id}", show_schedule},
      Route{put, "/api/v1/schedules/{id}", change_schedule},
      Route{remove, "/api/v1/schedules/{id}", delete_schedule},
      Route{post, "/api/v1/schedules/{id}/pause", pause_schedule},
      Route{post, "/api/v1/schedules/{id}/unpause", unpause_schedule},
      Route{post, "/api/v1/schedules/{id}/trigger", trigger_schedule},
      Route{post, "/api/v1/schedules/{id}/backfill", backfill_schedule},

      Route{post, "/api/v1/admin/backups", create_backup},
      Route{get, "/api/v1/admin/backups", list_backups},
      Route{get, "/api/v1/admin/backups/{name}", show_backup},

      Route{get, "/livez", show_liveness},
      Route{get, "/readyz", show_readiness},
      Route{get, "/api/v1/health", show_health},
      Route{get, "/api/v1/problems/{code}", explain_problem},
  };
  return kRoutes;
}

}  // namespace reprise::api
