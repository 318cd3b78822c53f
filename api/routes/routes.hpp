// Every route of the API: its method, its path, and the coroutine that answers it.
#pragma once

#include <span>

#include "api/router.hpp"

namespace reprise::api {

std::span<const Route> all_routes();

using RouteAnswer = boost::asio::awaitable<HttpResponse>;

// --- tasks ---
RouteAnswer create_task(ApiContext api, RouteCall call);
RouteAnswer list_tasks(ApiContext api, RouteCall call);
RouteAnswer show_task(ApiContext api, RouteCall call);
RouteAnswer show_task_result(ApiContext api, RouteCall call);
RouteAnswer cancel_task(ApiContext api, RouteCall call);
RouteAnswer approve_task(ApiContext api, RouteCall call);

// --- workflows: of any type. Their second value, if any, is a run ---
RouteAnswer start_workflow(ApiContext api, RouteCall call);
RouteAnswer list_workflows(ApiContext api, RouteCall call);
RouteAnswer list_parked(ApiContext api, RouteCall call);
RouteAnswer describe_workflow(ApiContext api, RouteCall call);
RouteAnswer show_history(ApiContext api, RouteCall call);
RouteAnswer stream_events(ApiContext api, RouteCall call);
RouteAnswer show_result(ApiContext api, RouteCall call);
RouteAnswer signal_workflow(ApiContext api, RouteCall call);
RouteAnswer query_workflow(ApiContext api, RouteCall call);
RouteAnswer update_workflow(ApiContext api, RouteCall call);
RouteAnswer show_update(ApiContext api, RouteCall call);
RouteAnswer terminate_workflow(ApiContext api, RouteCall call);
RouteAnswer pause_workflow(ApiContext api, RouteCall call);
RouteAnswer unpause_workflow(ApiContext api, RouteCall call);
RouteAnswer cancel_workflow(ApiContext api, RouteCall call);
RouteAnswer reset_workflow(ApiContext api, RouteCall call);
RouteAnswer delete_workflow(ApiContext api, RouteCall call);

// --- queues: what waits, and the limits that a run of the type "reprise.queue" keeps ---
RouteAnswer show_queue(ApiContext api, RouteCall call);
RouteAnswer limit_queue(ApiContext api, RouteCall call);

// --- remote workers: a queue's name, or an attempt's token ---
RouteAnswer poll_queue(ApiContext api, RouteCall call);
RouteAnswer heartbeat_attempt(ApiContext api, RouteCall call);
RouteAnswer complete_attempt(ApiContext api, RouteCall call);
RouteAnswer fail_attempt(ApiContext api, RouteCall call);

// --- schedules: runs of the type "reprise.schedule" by the id that the user gave ---
RouteAnswer create_schedule(ApiContext api, RouteCall call);
RouteAnswer list_schedules(ApiContext api, RouteCall call);
RouteAnswer show_schedule(ApiContext api, RouteCall call);
RouteAnswer change_schedule(ApiContext api, RouteCall call);
RouteAnswer delete_schedule(ApiContext api, RouteCall call);
RouteAnswer pause_schedule(ApiContext api, RouteCall call);
RouteAnswer unpause_schedule(ApiContext api, RouteCall call);
RouteAnswer trigger_schedule(ApiContext api, RouteCall call);
RouteAnswer backfill_schedule(ApiContext api, RouteCall call);

// --- the server ---
RouteAnswer show_liveness(ApiContext api, RouteCall call);
RouteAnswer show_readiness(ApiContext api, RouteCall call);
RouteAnswer show_health(ApiContext api, RouteCall call);
RouteAnswer create_backup(ApiContext api, RouteCall call);
RouteAnswer list_backups(ApiContext api, RouteCall call);
RouteAnswer show_backup(ApiContext api, RouteCall call);
RouteAnswer explain_problem(ApiContext api, RouteCall call);

}  // namespace reprise::api
