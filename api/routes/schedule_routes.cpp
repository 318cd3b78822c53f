#include <fmt/format.h>

#include "activities/contracts/utf8.hpp"
#include "api/json_output.hpp"
#include "api/query_input.hpp"
#include "api/routes/call_input.hpp"
#include "api/routes/routes.hpp"
#include "api/routes/schedule_json.hpp"
#include "workflows/schedule/schedule_updates.hpp"

namespace reprise::api {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kShownBytesMax = 80;
constexpr std::uint64_t kPageDefault = 20;
constexpr std::uint64_t kPageMax = 100;
constexpr Duration kAnswerWait = std::chrono::seconds(30);  // for the schedule's answer

std::optional<WorkflowId> workflow_of(std::string_view schedule) {
  return WorkflowId::parse(fmt::format("{}{}", kScheduleIdPrefix, schedule));
}

std::unexpected<Error> no_schedule(std::string_view id) {
  return fail(Errc::not_found, fmt::format("there is no schedule {}", utf8_cut(id, kShownBytesMax)),
              "id");
}

bool is_schedule(const RunView& view) {
  return view.type == kScheduleType && view.status == RunStatus::running;
}

// A schedule that was deleted, or a workflow of another type, is none.
asio::awaitable<Result<RunView>> find_schedule(ApiContext api, std::string id) {
  const auto workflow = workflow_of(id);
  if (!workflow) co_return no_schedule(id);
  Result<RunView> view = co_await api.engine->view({.workflow = *workflow, .run = {}});
  const bool is_there = view ? is_schedule(*view) : view.error().code != Errc::not_found;
  if (is_there) co_return view;
  co_return no_schedule(id);
}

// The object of an optional body.
template <Shape T>
T read_body(const HttpRequest& request, InputErrors& errors, std::string& canonical) {
  T value;
  if (request.body().empty()) return value;
  if (const auto body = read_object(request.body(), errors)) {
    canonical = to_json(*body);
    ObjectReader read(*body, errors);
    T::fields(read, value);
    read.finish();
  }
  return value;
}

struct Ask {
  std::string_view update;
  Payload input;
  std::string canonical;  // of the request's body
};

// Sends the update and waits for its answer; nothing when it did not come in time.
asio::awaitable<Result<std::optional<Payload>>> answer_of(ApiContext api, RouteCall call, Ask ask,
                                                          InputErrors* errors) {
  QueryReader(*call.request, *errors).finish();
  const auto key = idempotency_key_of(*call.request, ask.canonical, *errors);
  if (!errors->empty()) co_return std::nullopt;
  const Result<RunView> view = co_await find_schedule(api, std::string(call.values[0]));
  if (!view) co_return std::unexpected(view.error());
  const Result<UpdateOutcome> outcome =
      co_await api.engine->update({.workflow = view->workflow,
                                   .run = {},
                                   .id = key ? key->key : std::string(),
                                   .name = std::string(ask.update),
                                   .input = std::move(ask.input),
                                   .request = key ? key->request : digest_of(ask.canonical)},
                                  kAnswerWait);
  if (!outcome) co_return std::unexpected(outcome.error());
  if (!outcome->answer) co_return std::nullopt;
  const UpdateCompleted& answer = *outcome->answer;
  if (!answer.error_type.empty()) co_return fail(Errc::conflict, answer.message);
  co_return answer.result;
}

// The answer as members behind the schedule's id; 202 while it is under way.
template <typename Answer, typename Put>
RouteAnswer told(ApiContext api, RouteCall call, Ask ask, InputErrors errors, Put put) {
  const auto result = co_await answer_of(api, call, std::move(ask), &errors);
  if (!errors.empty()) co_return problem_of_input(errors.fields(), call.path());
  if (!result) co_return problem(result.error(), call.path());
  Answer answer;
  if (*result && !decode(**result, answer))
    co_return problem({.code = Errc::internal, .detail = "the schedule's answer is no answer"},
                      call.path());
  HttpResponse response{.status = *result ? 200 : 202};
  ObjectWriter json(response.body);
  json.text("schedule_id", call.values[0]);
  if (*result)
    put(json, answer);
  else
    json.text("status", "accepted");
  json.close();
  co_return response;
}

RouteAnswer set_pause(ApiContext api, RouteCall call, std::string_view update, bool paused) {
  InputErrors errors;
  Ask ask{.update = update};
  ask.input = encode(read_body<PauseInput>(*call.request, errors, ask.canonical));
  return told<PauseAnswer>(
      api, std::move(call), std::move(ask), std::move(errors),
      [paused](ObjectWriter& json, const PauseAnswer&) { json.boolean("paused", paused); });
}

asio::awaitable<void> look_after(ApiContext api, JsonMember* outcome, std::string workflow) {
  const auto id = WorkflowId::parse(workflow);
  if (!id || outcome->value.text != to_string(RunStatus::running)) co_return;
  const Result<RunView> view = co_await api.engine->view({.workflow = *id, .run = {}});
  if (view) outcome->value.text = to_string(view->status);
}

}  // namespace

RouteAnswer create_schedule(ApiContext api, RouteCall call) {
  InputErrors errors;
  QueryReader(*call.request, errors).finish();
  const ScheduleBody asked = read_schedule(api, *call.request, ScheduleUse::create, errors);
  auto key = idempotency_key_of(*call.request, asked.canonical, errors);
  if (!errors.empty()) co_return problem_of_input(errors.fields(), call.path());
  Result<StartAnswer> answer = co_await api.engine->start({.type = std::string(kScheduleType),
                                                           .workflow = workflow_of(asked.id),
                                                           .input = encode(asked.state),
                                                           .key = std::move(key)});
  if (!answer && answer.error().code == Errc::already_exists)
    answer = fail(
        Errc::already_exists,
        fmt::format("the schedule {} is there: change it with PUT, or delete it first", asked.id),
        "id");
  if (!answer) co_return problem(answer.error(), call.path());
  HttpResponse response{.status = 201};
  ObjectWriter(response.body)
      .text("schedule_id", asked.id)
      .text("workflow_id", answer->workflow.text())
      .time("created_at", answer->started_at)
      .boolean("paused", asked.state.paused)
      .close();
  response.headers.push_back({.name = "Location", .value = "/api/v1/schedules/" + asked.id});
  mark_replayed(response, answer->repeated);
  co_return response;
}

RouteAnswer list_schedules(ApiContext api, RouteCall call) {
  InputErrors errors;
  QueryReader query(*call.request, errors);
  const std::size_t limit =
      query.number("limit", {.min = 1, .max = kPageMax, .otherwise = kPageDefault});
  const auto after = query.text("after");
  query.finish();
  ViewScan scan{.type = std::string(kScheduleType),
                .id_prefix = std::string(kScheduleIdPrefix),
                .limit = kPageMax,
                .newest_first = false};
  if (after && !(scan.after = workflow_of(*after)))
    errors.add("query.after", "must be a schedule id: give `next` of the page before");
  if (!errors.empty()) co_return problem_of_input(errors.fields(), call.path());
  HttpResponse response{.body = R"({"schedules":[)"};
  std::size_t found = 0;
  for (bool is_end = false; !is_end && found < limit;) {
    const auto views = co_await api.engine->views(scan);
    if (!views) co_return problem(views.error(), call.path());
    is_end = views->size() < scan.limit;
    for (const RunView& view : *views) {
      scan.after = view.workflow;
      if (!is_schedule(view)) continue;
      if (found++ > 0) response.body += ',';
      response.body += schedule_row(view, api.clock->utc());
      if (found == limit) break;
    }
  }
  response.body += "],\"next\":";
  if (found == limit)
    append_json_text(response.body, schedule_id_of(*scan.after));
  else
    response.body += "null";
  response.body += '}';
  co_return response;
}

RouteAnswer show_schedule(ApiContext api, RouteCall call) {
  InputErrors errors;
  QueryReader(*call.request, errors).finish();
  if (!errors.empty()) co_return problem_of_input(errors.fields(), call.path());
  const Result<RunView> view = co_await find_schedule(api, std::string(call.values[0]));
  if (!view) co_return problem(view.error(), call.path());
  const ScheduleQuestion question{.now = to_rfc3339(api.clock->utc())};
  const Result<Payload> answer = co_await api.engine->query(
      {.workflow = view->workflow, .run = {}, .name = "describe", .arguments = encode(question)});
  if (!answer) co_return problem(answer.error(), call.path());
  Result<JsonValue> description = parse_json(answer->bytes);
  const JsonValue* shown = description ? description->find("recent_starts") : nullptr;
  JsonValue starts = shown == nullptr ? JsonValue() : *shown;
  for (JsonValue& start : starts.items) {
    const JsonValue* workflow = start.find("workflow_id");
    for (JsonMember& member : start.members)
      if (member.key == "outcome" && workflow != nullptr)
        co_await look_after(api, &member, workflow->text);
  }
  HttpResponse response;
  ObjectWriter json(response.body);
  json.text("schedule_id", call.values[0]).text("workflow_id", view->workflow.text());
  response.body += ',';
  response.body += with_recent_starts(answer->bytes, starts).substr(1);
  co_return response;
}

RouteAnswer change_schedule(ApiContext api, RouteCall call) {
  InputErrors errors;
  ScheduleBody asked = read_schedule(api, *call.request, ScheduleUse::change, errors);
  Ask ask{
      .update = "set", .input = encode(asked.state.plan), .canonical = std::move(asked.canonical)};
  return told<Payload>(api, std::move(call), std::move(ask), std::move(errors),
                       [](ObjectWriter& json, const Payload&) { json.boolean("changed", true); });
}

RouteAnswer delete_schedule(ApiContext api, RouteCall call) {
  InputErrors errors;
  QueryReader(*call.request, errors).finish();
  if (!errors.empty()) co_return problem_of_input(errors.fields(), call.path());
  const Result<RunView> view = co_await find_schedule(api, std::string(call.values[0]));
  if (!view) co_return problem(view.error(), call.path());
  const Result<ControlAnswer> answer =
      co_await api.engine->control({.workflow = view->workflow,
                                    .run = {},
                                    .control = Control::terminate,
                                    .reason = "the schedule was deleted"});
  if (!answer) co_return problem(answer.error(), call.path());
  HttpResponse response;
  ObjectWriter(response.body).text("schedule_id", call.values[0]).boolean("deleted", true).close();
  co_return response;
}

RouteAnswer pause_schedule(ApiContext api, RouteCall call) {
  return set_pause(api, std::move(call), "pause", true);
}
RouteAnswer unpause_schedule(ApiContext api, RouteCall call) {
  return set_pause(api, std::move(call), "unpause", false);
}

RouteAnswer trigger_schedule(ApiContext api, RouteCall call) {
  InputErrors errors;
  Ask ask{.update = "trigger"};
  const auto input = read_body<TriggerInput>(*call.request, errors, ask.canonical);
  if (const auto overlap = overlap_of(input.overlap); !overlap)
    errors.add(overlap.error().field, overlap.error().detail);
  ask.input = encode(input);
  return told<TriggerAnswer>(api, std::move(call), std::move(ask), std::move(errors),
                             [](ObjectWriter& json, const TriggerAnswer& answer) {
                               json.text("workflow_id", answer.workflow_id);
                               json.text("offered", answer.offered);
                             });
}

RouteAnswer backfill_schedule(ApiContext api, RouteCall call) {
  InputErrors errors;
  Ask ask{.update = "backfill"};
  const auto input = read_body<BackfillInput>(*call.request, errors, ask.canonical);
  const Result<BackfillRange> range = range_of(input);
  if (!range) errors.add(range.error().field, range.error().detail);
  if (range && range->to > api.clock->utc())
    errors.add("to", "is in the future: the schedule starts that by itself");
  ask.input = encode(input);
  return told<BackfillAnswer>(api, std::move(call), std::move(ask), std::move(errors),
                              [](ObjectWriter& json, const BackfillAnswer& answer) {
                                json.number("starts", answer.starts);
                              });
}

}  // namespace reprise::api
