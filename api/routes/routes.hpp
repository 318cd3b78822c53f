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

// --- the server ---
RouteAnswer show_liveness(ApiContext api, RouteCall call);
RouteAnswer show_readiness(ApiContext api, RouteCall call);
RouteAnswer show_health(ApiContext api, RouteCall call);
RouteAnswer create_backup(ApiContext api, RouteCall call);
RouteAnswer list_backups(ApiContext api, RouteCall call);
RouteAnswer show_backup(ApiContext api, RouteCall call);
RouteAnswer explain_problem(ApiContext api, RouteCall call);

}  // namespace reprise::api
