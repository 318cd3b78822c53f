#include <fmt/format.h>

#include <array>

#include "activities/contracts/callback.hpp"
#include "activities/contracts/task_request.hpp"
#include "activities/contracts/utf8.hpp"
#include "api/query_input.hpp"
#include "api/routes/call_input.hpp"
#include "api/routes/routes.hpp"
#include "api/routes/task_json.hpp"
#include "storage/schema.hpp"
#include "workflows/task/human_decision.hpp"
#include "workflows/task/task_workflow.hpp"

namespace reprise::api {
namespace {

namespace asio = boost::asio;

constexpr std::string_view kIdPrefix = "task_";
constexpr std::size_t kHistoryPage = 200;
constexpr std::size_t kShownBytesMax = 80;
constexpr Duration kCancelWait = std::chrono::seconds(2);  // for the end of a cancelled task

// Fields that this version does not act on.
constexpr std::array<std::string_view, 5> kNotYet = {
    "dependencies", "context_files", "preferred_agent", "timeout", "options.max_cost_usd"};

struct CreateCall {
  StartRequest start;
  std::optional<Duration> wait;
};

// Users take turns where their tasks wait for the same thing.
Precedence precedence_of(const TaskRequest& task) {
  Precedence precedence{.fairness_key = task.user_id};
  if (task.priority != Priority::normal) precedence.priority = task.priority;
  return precedence;
}

CreateCall read_create(const ApiContext& api, const HttpRequest& request, InputErrors& errors) {
  CreateCall call;
  QueryReader query(request, errors);
  call.wait = query.duration("wait", api.options->wait_max);
  query.finish();
  const auto body = read_object(request.body(), errors);
  if (!body) return call;
  TaskRequest task;
  ObjectReader read(*body, errors, kNotYet);
  TaskRequest::fields(read, task);
  std::string callback_url;
  read("callback_url", callback_url, Text{.max = kCallbackUrlMax});
  check_callback(api, callback_url, errors);
  read.finish();
  check_provider(api, task.options.provider, "options.provider", errors);
  call.start = {.type = std::string(kTaskType),
                .workflow = {},
                .id_prefix = std::string(kIdPrefix),
                .input = encode(task),
                .precedence = precedence_of(task),
                .callback_url = std::move(callback_url),
                .key = idempotency_key_of(request, to_json(*body), errors)};
  return call;
}

// The task's view; a workflow of another type is no task.
asio::awaitable<Result<RunView>> find_task(ApiContext api, RouteCall call) {
  const std::string_view id = call.values[0];
  Result<DescribeRequest> meant = run_meant(id);
  Result<RunView> view = fail(Errc::not_found, {});
  if (meant) view = co_await api.engine->view(std::move(*meant));
  const bool is_there = view ? view->type == kTaskType : view.error().code != Errc::not_found;
  if (is_there) co_return view;
  co_return fail(Errc::not_found, fmt::format("there is no task {}", utf8_cut(id, kShownBytesMax)),
                 "id");
}

DescribeRequest run_of(const RunView& view) { return {.workflow = view.workflow, .run = view.run}; }

asio::awaitable<Result<std::optional<RunOutcome>>> outcome_of(ApiContext api, RunView view,
                                                              Duration wait) {
  if (view.status == RunStatus::running && wait == Duration(0)) co_return std::nullopt;
  co_return co_await api.engine->result(run_of(view), wait);
}

HttpResponse created(const StartAnswer& answer) {
  HttpResponse response{.status = 201};
  ObjectWriter(response.body)
      .text("task_id", answer.workflow.text())
      .text("status", "pending")
      .time("created_at", answer.started_at)
      .null("estimated_completion")
      .close();
  return response;
}

// The result when the task ends in time, else what it looks like now.
asio::awaitable<HttpResponse> await_end(ApiContext api, StartAnswer answer, Duration wait,
                                        int status_when_ended) {
  const DescribeRequest run{.workflow = answer.workflow, .run = answer.run};
  const auto outcome = co_await api.engine->result(run, wait);
  if (!outcome) co_return problem(outcome.error(), "/api/v1/tasks");
  const Result<RunView> view = co_await api.engine->view(run);
  if (!view) co_return problem(view.error(), "/api/v1/tasks");
  if (*outcome)
    co_return HttpResponse{.status = status_when_ended, .body = task_result_json(*view, **outcome)};
  co_return HttpResponse{.status = 202, .body = task_json(*view, {})};
}

// Whether a signal with this key stands in the history. The engine then gives its first answer
// again; without it, a decision would wait in the run for a question that nobody has asked yet.
asio::awaitable<bool> was_signalled(ApiContext api, DescribeRequest run, IdempotencyKey key) {
  const Digest wanted = digest_of(idempotency_key(key.tenant, key.key));
  for (Sequence after;;) {
    const Result<HistoryPage> page =
        co_await api.engine->history(run, after, kHistoryPage, Duration(0));
    if (!page || page->events.empty()) co_return false;
    for (const Event& event : page->events) {
      const auto* signal = std::get_if<SignalReceived>(&event.body);
      if (signal != nullptr && signal->key && signal->key->key == wanted) co_return true;
    }
    after = page->next;
  }
}

struct CancelBody {
  std::string reason;
  static void fields(auto& codec, auto& self) { codec("reason", self.reason, Text{.max = 1000}); }
};

HttpResponse cancelled(const RunView& view, const std::optional<RunOutcome>& outcome,
                       std::string_view path) {
  if (outcome && outcome->status != RunStatus::cancelled)
    return problem({.code = Errc::conflict,
                    .detail = fmt::format("the task was {} before the cancel reached it",
                                          to_string(outcome->status)),
                    .field = {}},
                   path);
  HttpResponse response{.status = outcome ? 200 : 202};
  ObjectWriter(response.body)
      .text("task_id", view.workflow.text())
      .text("status", outcome ? "cancelled" : "cancelling")
      .text("message", outcome ? "Task cancelled successfully"
                               : "The cancel is recorded; the task ends at its next step")
      .close();
  return response;
}

}  // namespace

RouteAnswer create_task(ApiContext api, RouteCall call) {
  InputErrors errors;
  CreateCall asked = read_create(api, *call.request, errors);
  if (!errors.empty()) co_return problem_of_input(errors.fields(), call.path());
  const Result<StartAnswer> answer = co_await api.engine->start(std::move(asked.start));
  if (!answer) co_return problem(answer.error(), call.path());
  HttpResponse response = created(*answer);
  if (asked.wait) response = co_await await_end(api, *answer, *asked.wait, 201);
  response.headers.push_back(
      {.name = "Location", .value = "/api/v1/tasks/" + answer->workflow.text()});
  mark_replayed(response, answer->repeated);
  co_return response;
}

RouteAnswer show_task(ApiContext api, RouteCall call) {
  InputErrors errors;
  QueryReader(*call.request, errors).finish();
  if (!errors.empty()) co_return problem_of_input(errors.fields(), call.path());
  const Result<RunView> view = co_await find_task(api, call);
  if (!view) co_return problem(view.error(), call.path());
  const auto outcome = co_await outcome_of(api, *view, Duration(0));
  if (!outcome) co_return problem(outcome.error(), call.path());
  co_return HttpResponse{.body = task_json(*view, *outcome)};
}

RouteAnswer show_task_result(ApiContext api, RouteCall call) {
  InputErrors errors;
  QueryReader query(*call.request, errors);
  const auto wait = query.duration("wait", api.options->wait_max);
  query.finish();
  if (!errors.empty()) co_return problem_of_input(errors.fields(), call.path());
  Result<RunView> view = co_await find_task(api, call);
  if (!view) co_return problem(view.error(), call.path());
  const auto outcome = co_await outcome_of(api, *view, wait.value_or(Duration(0)));
  if (!outcome) co_return problem(outcome.error(), call.path());
  if (*outcome) co_return HttpResponse{.body = task_result_json(*view, **outcome)};
  if (!wait)
    co_return problem({.code = Errc::conflict,
                       .detail = "the task has not ended: ask again, or wait with ?wait=30s",
                       .field = {}},
                      call.path());
  view = co_await api.engine->view(run_of(*view));
  if (!view) co_return problem(view.error(), call.path());
  co_return HttpResponse{.status = 202, .body = task_json(*view, {})};
}

RouteAnswer cancel_task(ApiContext api, RouteCall call) {
  InputErrors errors;
  QueryReader(*call.request, errors).finish();
  CancelBody asked;
  if (!call.request->body().empty())
    if (const auto body = read_object(call.request->body(), errors)) {
      ObjectReader read(*body, errors);
      CancelBody::fields(read, asked);
      read.finish();
    }
  if (!errors.empty()) co_return problem_of_input(errors.fields(), call.path());
  const Result<RunView> view = co_await find_task(api, call);
  if (!view) co_return problem(view.error(), call.path());
  const Result<CancelAnswer> answer = co_await api.engine->cancel(
      {.workflow = view->workflow, .run = view->run, .reason = std::move(asked.reason)});
  if (!answer) co_return problem(answer.error(), call.path());
  const auto outcome = co_await api.engine->result(run_of(*view), kCancelWait);
  if (!outcome) co_return problem(outcome.error(), call.path());
  co_return cancelled(*view, *outcome, call.path());
}

RouteAnswer approve_task(ApiContext api, RouteCall call) {
  InputErrors errors;
  QueryReader(*call.request, errors).finish();
  HumanDecision decision;
  const auto body = read_object(call.request->body(), errors);
  if (body) {
    ObjectReader read(*body, errors);
    HumanDecision::fields(read, decision);
    read.require("decision", "use one of accept, retry, reject");
    read.finish();
  }
  // The decision travels as it was said: encode() would leave its default out.
  const std::string said = body ? to_json(*body) : "";
  auto key = idempotency_key_of(*call.request, said, errors);
  if (!errors.empty()) co_return problem_of_input(errors.fields(), call.path());
  const Result<RunView> view = co_await find_task(api, call);
  if (!view) co_return problem(view.error(), call.path());
  const bool is_waiting = task_member(*view, "status") == "waiting_for_human";
  const bool may_send = is_waiting || (key && co_await was_signalled(api, run_of(*view), *key));
  if (!may_send)
    co_return problem(
        {.code = Errc::conflict, .detail = "the task is not waiting for a decision", .field = {}},
        call.path());
  const Result<SignalAnswer> answer =
      co_await api.engine->signal({.workflow = view->workflow,
                                   .run = view->run,
                                   .name = std::string(kApproveSignal),
                                   .payload = {said},
                                   .key = std::move(key)});
  if (!answer) co_return problem(answer.error(), call.path());
  HttpResponse response;
  ObjectWriter(response.body)
      .text("task_id", view->workflow.text())
      .text("decision", to_string(decision.decision))
      .number("seq", answer->sequence.value())
      .close();
  mark_replayed(response, answer->repeated);
  co_return response;
}

}  // namespace reprise::api
