#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "activities/contracts/callback.hpp"
#include "activities/contracts/utf8.hpp"
#include "api/attribute_json.hpp"
#include "api/list_query.hpp"
#include "api/query_input.hpp"
#include "api/routes/call_input.hpp"
#include "api/routes/routes.hpp"
#include "api/routes/run_json.hpp"

namespace reprise::api {
namespace {

constexpr std::size_t kNameCharactersMax = 200;
constexpr Duration kTimeMax = std::chrono::days(3650);  // of delays and timeouts
constexpr std::uint64_t kPageDefault = 20;
constexpr std::uint64_t kPageMax = 100;
constexpr std::size_t kScanPage = 500;
constexpr std::size_t kScanMax = 20'000;  // views looked at for one page of a filtered list

struct StartCall {
  StartRequest start;
  std::optional<Duration> wait;
};

// A member such as "90s"; 0 when it is not there.
Duration read_duration(ObjectReader& read, std::string_view name, InputErrors& errors) {
  std::string text;
  read(name, text, Text{.max = 40});
  if (text.empty()) return {};
  const auto duration = parse_duration(text);
  if (duration && *duration <= kTimeMax) return *duration;
  errors.add(std::string(name), "must be a duration of at most ten years, like 90s, 15m or 2d");
  return {};
}

void read_precedence(ObjectReader& read, Boxed<Precedence>& precedence) {
  Precedence given;
  constexpr std::array<std::string_view, 3> kNames = {"high", "normal", "low"};
  constexpr std::array kPriorities = {Priority::high, Priority::normal, Priority::low};
  if (const auto priority = read.choice("priority", kNames))
    given.priority = kPriorities.at(*priority);
  read("fairness_key", given.fairness_key, Text{.max = kFairnessKeyBytesMax});
  read("fairness_weight", given.fairness_weight,
       Whole{.min = 1, .max = kFairnessWeightMax, .otherwise = 0});
  if (given.is_given()) precedence = std::move(given);
}

void read_labels(ObjectReader& read, std::string_view body, Boxed<RunLabels>& labels,
                 InputErrors& errors) {
  const JsonValue* attributes = read.any("attributes");
  const JsonValue* memo = read.any("memo");
  if (attributes == nullptr && memo == nullptr) return;
  labels = RunLabels();
  if (memo != nullptr) {
    const auto raw = raw_member(body, "memo");
    labels->memo.bytes = raw ? std::string(*raw) : to_json(*memo);
  }
  if (attributes == nullptr) return;
  if (attributes->kind != JsonValue::Kind::object)
    return errors.add("attributes", "must be an object of texts, numbers and booleans");
  Result<Attributes> given = attributes_of(*attributes);
  const Result<> fits = given ? check_attributes(*given) : std::unexpected(given.error());
  if (fits)
    labels->attributes = std::move(*given);
  else
    errors.add("attributes." + fits.error().field, fits.error().detail);
}

StartCall read_start(const ApiContext& api, const HttpRequest& request, InputErrors& errors) {
  StartCall call;
  QueryReader query(request, errors);
  call.wait = query.duration("wait", api.options->wait_max);
  query.finish();
  const auto body = read_object(request.body(), errors);
  if (!body) return call;
  ObjectReader read(*body, errors);
  StartRequest& start = call.start;
  std::string id;
  read("type", start.type, Text{.min = 1, .max = kNameCharactersMax});
  read("id", id, Text{.max = WorkflowId::kBytesMax});
  constexpr std::array<std::string_view, 3> kReuse = {"allow", "reject", "allow_if_unsuccessful"};
  constexpr std::array kReuses = {IdReuse::allow, IdReuse::reject, IdReuse::allow_if_unsuccessful};
  if (const auto reuse = read.choice("id_reuse", kReuse)) start.id_reuse = kReuses.at(*reuse);
  constexpr std::array<std::string_view, 3> kConflict = {"fail", "use_existing",
                                                         "terminate_existing"};
  constexpr std::array kConflicts = {IdConflict::fail, IdConflict::use_existing,
                                     IdConflict::terminate_existing};
  if (const auto conflict = read.choice("id_conflict", kConflict))
    start.id_conflict = kConflicts.at(*conflict);
  start.start_delay = read_duration(read, "start_delay", errors);
  start.run_timeout = read_duration(read, "run_timeout", errors);
  start.execution_timeout = read_duration(read, "execution_timeout", errors);
  read("callback_url", start.callback_url, Text{.max = kCallbackUrlMax});
  check_callback(api, start.callback_url, errors);
  read_precedence(read, start.precedence);
  const JsonValue* input = read.any("input");
  read_labels(read, request.body(), start.labels, errors);
  read.finish();
  if (body->find("id") != nullptr && !(start.workflow = WorkflowId::parse(id)))
    errors.add("id",
               "must be 1 to 255 printable ASCII characters without space and / ? # % \" \\ < >, "
               "and neither . nor ..");
  if (input != nullptr) {
    const auto raw = raw_member(request.body(), "input");
    start.input.bytes = raw ? std::string(*raw) : to_json(*input);
  }
  if (!start.type.empty()) check_start(api, {start.type, start.input}, {}, errors);
  start.key = idempotency_key_of(request, to_json(*body), errors);
  return call;
}

HttpResponse started(const StartAnswer& answer, const std::optional<RunOutcome>& outcome,
                     bool waited) {
  HttpResponse response{.status = waited && !outcome ? 202 : 201};
  ObjectWriter json(response.body);
  json.text("workflow_id", answer.workflow.text()).text("run_id", to_string(answer.run));
  if (outcome)
    put_outcome(json, *outcome);
  else if (waited)
    json.text("status", to_string(RunStatus::running));
  json.close();
  response.headers.push_back(
      {.name = "Location", .value = "/api/v1/workflows/" + answer.workflow.text()});
  mark_replayed(response, answer.repeated);
  return response;
}

struct ListCall {
  ViewScan scan;
  std::optional<RunStatus> status;
  std::optional<ListQuery> query;
  std::size_t limit = kPageDefault;

  [[nodiscard]] bool is_filtered() const { return status || query; }
  [[nodiscard]] bool shows(const RunView& view) const {
    return (!status || view.status == *status) && (!query || query->matches(view));
  }
};

ListCall read_list(const HttpRequest& request, InputErrors& errors) {
  using enum RunStatus;
  constexpr std::array kStatuses = {running,   completed,  failed,   cancelled,
                                    continued, terminated, timed_out};
  ListCall list;
  QueryReader query(request, errors);
  list.scan.type = query.text("type").value_or("");
  const std::size_t status =
      query.choice("status", {"", "running", "completed", "failed", "cancelled", "continued_as_new",
                              "terminated", "timed_out"});
  if (status > 0) list.status = kStatuses.at(status - 1);
  list.limit = query.number("limit", {.min = 1, .max = kPageMax, .otherwise = kPageDefault});
  if (const auto text = query.text("query")) {
    Result<ListQuery> parsed = ListQuery::parse(*text);
    if (parsed)
      list.query = std::move(*parsed);
    else
      errors.add("query.query", parsed.error().detail);
  }
  list.scan.limit = list.is_filtered() ? kScanPage : list.limit;
  const auto after = query.text("after");
  if (after) list.scan.after = WorkflowId::parse(*after);
  if (after && !list.scan.after)
    errors.add("query.after", "must be a workflow id: give `next` of the page before");
  query.finish();
  return list;
}

// The reason in an optional body.
std::string read_reason(const HttpRequest& request, InputErrors& errors) {
  std::string reason;
  if (request.body().empty()) return reason;
  if (const auto body = read_object(request.body(), errors)) {
    ObjectReader read(*body, errors);
    read("reason", reason, Text{.max = 1000});
    read.finish();
  }
  return reason;
}

// Terminates, pauses or unpauses.
RouteAnswer control(ApiContext api, RouteCall call, Control what) {
  InputErrors errors;
  QueryReader(*call.request, errors).finish();
  std::string reason = read_reason(*call.request, errors);
  idempotency_key_of(*call.request, {}, errors);  // only checked: asking twice is asking once
  if (!errors.empty()) co_return problem_of_input(errors.fields(), call.path());
  const Result<DescribeRequest> meant = run_meant(call.values[0]);
  if (!meant) co_return problem(meant.error(), call.path());
  const Result<ControlAnswer> answer = co_await api.engine->control(
      {.workflow = meant->workflow, .run = {}, .control = what, .reason = std::move(reason)});
  if (!answer) co_return problem(answer.error(), call.path());
  HttpResponse response;
  ObjectWriter json(response.body);
  json.text("workflow_id", meant->workflow.text()).text("run_id", to_string(answer->run));
  if (what == Control::terminate)
    json.text("status", to_string(RunStatus::terminated));
  else
    json.boolean("paused", what == Control::pause);
  json.close();
  mark_replayed(response, answer->repeated);
  co_return response;
}

HttpResponse updated(const WorkflowId& workflow, const UpdateOutcome& outcome) {
  HttpResponse response{.status = outcome.answer ? 200 : 202};
  ObjectWriter json(response.body);
  json.text("workflow_id", workflow.text()).text("run_id", to_string(outcome.run));
  json.text("update_id", outcome.id).number("seq", outcome.accepted.value());
  if (!outcome.answer) {
    json.text("status", "accepted");
  } else if (outcome.answer->error_type.empty()) {
    json.text("status", "completed").payload("result", outcome.answer->result).null("error");
  } else {
    ObjectWriter(json.text("status", "failed").null("result").begin("error"))
        .text("type", outcome.answer->error_type)
        .text("message", outcome.answer->message)
        .close();
  }
  json.close();
  mark_replayed(response, outcome.repeated);
  return response;
}

// The name of a signal, an update or a query.
void check_name(std::string_view name, InputErrors& errors) {
  if (utf8_length(name) > kNameCharactersMax || !is_utf8(name))
    errors.add("name", fmt::format("must be UTF-8 of at most {} characters", kNameCharactersMax));
}

}  // namespace

RouteAnswer start_workflow(ApiContext api, RouteCall call) {
  InputErrors errors;
  StartCall asked = read_start(api, *call.request, errors);
  if (!errors.empty()) co_return problem_of_input(errors.fields(), call.path());
  const Result<StartAnswer> answer = co_await api.engine->start(std::move(asked.start));
  if (!answer) co_return problem(answer.error(), call.path());
  std::optional<RunOutcome> outcome;
  if (asked.wait) {
    auto ended = co_await api.engine->result({.workflow = answer->workflow, .run = answer->run},
                                             *asked.wait);
    if (!ended) co_return problem(ended.error(), call.path());
    outcome = std::move(*ended);
  }
  co_return started(*answer, outcome, asked.wait.has_value());
}

RouteAnswer list_workflows(ApiContext api, RouteCall call) {
  InputErrors errors;
  ListCall asked = read_list(*call.request, errors);
  if (!errors.empty()) co_return problem_of_input(errors.fields(), call.path());
  HttpResponse response{.body = R"({"workflows":[)"};
  std::size_t found = 0;
  std::size_t scanned = 0;
  bool is_end = false;
  while (found < asked.limit && !is_end && scanned < kScanMax) {
    const auto views = co_await api.engine->views(asked.scan);
    if (!views) co_return problem(views.error(), call.path());
    is_end = views->size() < asked.scan.limit;
    for (const RunView& view : *views) {
      asked.scan.after = view.workflow;
      ++scanned;
      if (!asked.shows(view)) continue;
      if (found++ > 0) response.body += ',';
      ObjectWriter json(response.body);
      put_view(json, view);
      json.close();
      if (found < asked.limit) continue;
      is_end = is_end && &view == &views->back();
      break;
    }
  }
  response.body += "],\"next\":";
  if (is_end)
    response.body += "null";
  else
    append_json_text(response.body, asked.scan.after->text());
  response.body += '}';
  co_return response;
}

RouteAnswer describe_workflow(ApiContext api, RouteCall call) {
  InputErrors errors;
  QueryReader(*call.request, errors).finish();
  if (!errors.empty()) co_return problem_of_input(errors.fields(), call.path());
  Result<DescribeRequest> meant = run_meant(call.values[0], call.values[1]);
  if (!meant) co_return problem(meant.error(), call.path());
  const Result<RunDescription> description = co_await api.engine->describe(std::move(*meant));
  if (!description) co_return problem(description.error(), call.path());
  co_return HttpResponse{.body = to_json(*description)};
}

RouteAnswer show_result(ApiContext api, RouteCall call) {
  InputErrors errors;
  QueryReader query(*call.request, errors);
  const auto wait = query.duration("wait", api.options->wait_max);
  query.finish();
  if (!errors.empty()) co_return problem_of_input(errors.fields(), call.path());
  const Result<DescribeRequest> meant = run_meant(call.values[0], call.values[1]);
  if (!meant) co_return problem(meant.error(), call.path());
  const auto ended = co_await api.engine->result(*meant, wait.value_or(Duration(0)));
  if (!ended) co_return problem(ended.error(), call.path());
  if (!*ended && !wait)
    co_return problem({.code = Errc::conflict,
                       .detail = "the run has not ended: ask again, or wait with ?wait=30s",
                       .field = {}},
                      call.path());
  HttpResponse response{.status = *ended ? 200 : 202};
  ObjectWriter json(response.body);
  json.text("workflow_id", meant->workflow.text());
  if (*ended) {
    json.text("run_id", to_string((*ended)->run));
    put_outcome(json, **ended);
  } else {
    json.text("status", to_string(RunStatus::running));
  }
  json.close();
  co_return response;
}

RouteAnswer signal_workflow(ApiContext api, RouteCall call) {
  InputErrors errors;
  QueryReader(*call.request, errors).finish();
  const std::string& body = call.request->body();
  check_name(call.values[1], errors);
  const Result<JsonValue> parsed = body.empty() ? JsonValue{} : parse_body(body);
  if (!parsed) errors.add("body", parsed.error().detail);
  auto key = idempotency_key_of(*call.request, parsed ? to_json(*parsed) : "", errors);
  if (!errors.empty()) co_return problem_of_input(errors.fields(), call.path());
  const Result<DescribeRequest> meant = run_meant(call.values[0]);
  if (!meant) co_return problem(meant.error(), call.path());
  const Result<SignalAnswer> answer =
      co_await api.engine->signal({.workflow = meant->workflow,
                                   .run = {},
                                   .name = std::string(call.values[1]),
                                   .payload = {body},
                                   .key = std::move(key)});
  if (!answer) co_return problem(answer.error(), call.path());
  HttpResponse response;
  ObjectWriter(response.body)
      .text("workflow_id", meant->workflow.text())
      .text("run_id", to_string(answer->run))
      .number("seq", answer->sequence.value())
      .close();
  mark_replayed(response, answer->repeated);
  co_return response;
}

// Waits for the answer, as long as `wait` says; at once without. The Idempotency-Key is the update's id.
RouteAnswer update_workflow(ApiContext api, RouteCall call) {
  InputErrors errors;
  QueryReader query(*call.request, errors);
  const auto wait = query.duration("wait", api.options->wait_max);
  query.finish();
  const std::string& body = call.request->body();
  check_name(call.values[1], errors);
  const Result<JsonValue> parsed = body.empty() ? JsonValue{} : parse_body(body);
  if (!parsed) errors.add("body", parsed.error().detail);
  const std::string canonical = parsed ? to_json(*parsed) : "";
  const auto key = idempotency_key_of(*call.request, canonical, errors);
  if (!errors.empty()) co_return problem_of_input(errors.fields(), call.path());
  const Result<DescribeRequest> meant = run_meant(call.values[0]);
  if (!meant) co_return problem(meant.error(), call.path());
  const Result<UpdateOutcome> outcome =
      co_await api.engine->update({.workflow = meant->workflow,
                                   .run = {},
                                   .id = key ? key->key : std::string(),
                                   .name = std::string(call.values[1]),
                                   .input = {body},
                                   .request = key ? key->request : digest_of(canonical)},
                                  wait.value_or(Duration(0)));
  if (!outcome) co_return problem(outcome.error(), call.path());
  co_return updated(meant->workflow, *outcome);
}

RouteAnswer show_update(ApiContext api, RouteCall call) {
  InputErrors errors;
  QueryReader query(*call.request, errors);
  const auto wait = query.duration("wait", api.options->wait_max);
  query.finish();
  if (!errors.empty()) co_return problem_of_input(errors.fields(), call.path());
  const Result<DescribeRequest> meant = run_meant(call.values[0]);
  if (!meant) co_return problem(meant.error(), call.path());
  Result<UpdateOutcome> outcome = co_await api.engine->update({.workflow = meant->workflow,
                                                               .run = {},
                                                               .id = std::string(call.values[1]),
                                                               .name = {},
                                                               .input = {},
                                                               .request = {},
                                                               .only_look = true},
                                                              wait.value_or(Duration(0)));
  if (!outcome) co_return problem(outcome.error(), call.path());
  outcome->repeated = false;  // a look is no repetition
  co_return updated(meant->workflow, *outcome);
}

RouteAnswer terminate_workflow(ApiContext api, RouteCall call) {
  return control(api, std::move(call), Control::terminate);
}
RouteAnswer pause_workflow(ApiContext api, RouteCall call) {
  return control(api, std::move(call), Control::pause);
}
RouteAnswer unpause_workflow(ApiContext api, RouteCall call) {
  return control(api, std::move(call), Control::unpause);
}

RouteAnswer query_workflow(ApiContext api, RouteCall call) {
  InputErrors errors;
  QueryReader(*call.request, errors).finish();
  check_name(call.values[1], errors);
  check_json(call.request->body(), errors);
  if (!errors.empty()) co_return problem_of_input(errors.fields(), call.path());
  const Result<DescribeRequest> meant = run_meant(call.values[0]);
  if (!meant) co_return problem(meant.error(), call.path());
  const Result<Payload> answer = co_await api.engine->query({.workflow = meant->workflow,
                                                             .run = {},
                                                             .name = std::string(call.values[1]),
                                                             .arguments = {call.request->body()}});
  if (!answer) co_return problem(answer.error(), call.path());
  HttpResponse response;
  append_payload(response.body, *answer);
  co_return response;
}

RouteAnswer delete_workflow(ApiContext api, RouteCall call) {
  InputErrors errors;
  QueryReader(*call.request, errors).finish();
  if (!errors.empty()) co_return problem_of_input(errors.fields(), call.path());
  const Result<DescribeRequest> meant = run_meant(call.values[0], call.values[1]);
  if (!meant) co_return problem(meant.error(), call.path());
  const Result<Deleted> deleted = co_await api.engine->erase(*meant);
  if (!deleted) co_return problem(deleted.error(), call.path());
  HttpResponse response{.status = deleted->is_all ? 200 : 202};
  ObjectWriter(response.body)
      .text("workflow_id", meant->workflow.text())
      .number("runs_deleted", deleted->runs)
      .boolean("deleted", deleted->is_all)
      .close();
  co_return response;
}

RouteAnswer cancel_workflow(ApiContext api, RouteCall call) {
  InputErrors errors;
  QueryReader(*call.request, errors).finish();
  std::string reason = read_reason(*call.request, errors);
  idempotency_key_of(*call.request, {}, errors);  // only checked: asking twice is asking once
  if (!errors.empty()) co_return problem_of_input(errors.fields(), call.path());
  const Result<DescribeRequest> meant = run_meant(call.values[0]);
  if (!meant) co_return problem(meant.error(), call.path());
  const Result<CancelAnswer> answer = co_await api.engine->cancel(
      {.workflow = meant->workflow, .run = {}, .reason = std::move(reason)});
  if (!answer) co_return problem(answer.error(), call.path());
  HttpResponse response{.status = 202};
  ObjectWriter(response.body)
      .text("workflow_id", meant->workflow.text())
      .text("run_id", to_string(answer->run))
      .boolean("cancel_requested", true)
      .close();
  mark_replayed(response, answer->repeated);
  co_return response;
}

}  // namespace reprise::api
