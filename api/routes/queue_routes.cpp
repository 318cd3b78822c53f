// Queues: what waits in them, and the limits that people set for them.
#include <fmt/format.h>

#include "activities/contracts/utf8.hpp"
#include "api/json_output.hpp"
#include "api/query_input.hpp"
#include "api/queue_rules.hpp"
#include "api/routes/call_input.hpp"
#include "api/routes/queue_name.hpp"
#include "api/routes/routes.hpp"

namespace reprise::api {
namespace {

namespace asio = boost::asio;

constexpr Duration kAnswerWait = std::chrono::seconds(30);  // for the answer of the queue's run

// The largest unit of which it is a whole number.
std::string duration_text(Duration duration) {
  struct Unit {
    std::string_view name;
    Duration length;
  };
  using std::chrono::hours, std::chrono::minutes, std::chrono::seconds, std::chrono::milliseconds;
  for (const auto& [name, length] : {Unit{"h", hours(1)}, Unit{"m", minutes(1)},
                                     Unit{"s", seconds(1)}, Unit{"ms", milliseconds(1)}})
    if (duration % length == Duration(0)) return fmt::format("{}{}", duration / length, name);
  return fmt::format("{}us", duration.count());
}

void put_rules(ObjectWriter& json, const QueueRules& rules) {
  if (rules.concurrency_max)
    json.number("concurrency_max", *rules.concurrency_max);
  else
    json.null("concurrency_max");
  if (!rules.rate) {
    json.null("rate");
    return;
  }
  ObjectWriter(json.begin("rate"))
      .number("count", rules.rate->count)
      .text("per", duration_text(rules.rate->per))
      .close();
}

struct LimitCall {
  QueuePlan plan;
  std::optional<WorkflowId> workflow;
  Boxed<IdempotencyKey> key;
  Digest request;
  std::uint32_t out = 0;  // attempts that were out once the plan was in force
};

LimitCall read_limits(const RouteCall& call, InputErrors& errors) {
  LimitCall asked;
  QueryReader(*call.request, errors).finish();
  const std::string queue = read_queue(call, errors);
  asked.workflow = WorkflowId::parse(fmt::format("{}{}", kQueueIdPrefix, queue));
  if (!asked.workflow)
    errors.add("queue",
               "limits are kept for queues whose names are printable ASCII without space and / ? # "
               "% \" \\ < >");
  const auto body = read_object(call.request->body(), errors);
  if (!body) return asked;
  ObjectReader read(*body, errors);
  QueuePlan::fields(read, asked.plan);
  read.finish();
  const std::string canonical = to_json(*body);
  asked.request = digest_of(canonical);
  asked.key = idempotency_key_of(*call.request, canonical, errors);
  if (!errors.empty()) return asked;
  if (const Result<> fits = check(asked.plan); !fits)
    errors.add(fits.error().field, fits.error().detail);
  return asked;
}

// The version under which the queue's run keeps the plan; nothing when it did not answer in time.
asio::awaitable<Result<std::optional<std::uint64_t>>> keep(ApiContext api, LimitCall asked) {
  const Result<StartAnswer> started =
      co_await api.engine->start({.type = std::string(kQueueType),
                                  .workflow = asked.workflow,
                                  .input = encode(QueueState()),
                                  .id_conflict = IdConflict::use_existing,
                                  .key = {}});
  if (!started) co_return std::unexpected(started.error());
  const Result<UpdateOutcome> outcome =
      co_await api.engine->update({.workflow = *asked.workflow,
                                   .run = {},
                                   .id = asked.key ? asked.key->key : std::string(),
                                   .name = "set",
                                   .input = encode(QueueChange{std::move(asked.plan), asked.out}),
                                   .request = asked.key ? asked.key->request : asked.request},
                                  kAnswerWait);
  if (!outcome) co_return std::unexpected(outcome.error());
  if (!outcome->answer) co_return std::nullopt;
  if (!outcome->answer->error_type.empty())
    co_return fail(Errc::conflict, outcome->answer->message);
  QueueAnswer answer;
  if (!decode(outcome->answer->result, answer))
    co_return fail(Errc::internal, "the answer of the queue's run is no answer");
  co_return answer.version;
}

}  // namespace

std::string read_queue(const RouteCall& call, InputErrors& errors) {
  const std::string_view queue = call.values[0];
  if (!is_utf8(queue) || utf8_length(queue) > kQueueNameCharactersMax)
    errors.add("queue",
               fmt::format("must be UTF-8 of at most {} characters", kQueueNameCharactersMax));
  return std::string(queue);
}

RouteAnswer show_queue(ApiContext api, RouteCall call) {
  InputErrors errors;
  QueryReader(*call.request, errors).finish();
  const std::string queue = read_queue(call, errors);
  if (!errors.empty()) co_return problem_of_input(errors.fields(), call.path());
  const QueueFigures figures = api.engine->queue_figures(queue);
  HttpResponse response;
  ObjectWriter json(response.body);
  json.text("queue", queue)
      .number("waiting", figures.waiting)
      .number("leased", figures.leased)
      .number("held", figures.held)
      .number("pollers", figures.polls);
  put_rules(json, figures.rules);
  json.close();
  co_return response;
}

RouteAnswer limit_queue(ApiContext api, RouteCall call) {
  InputErrors errors;
  LimitCall asked = read_limits(call, errors);
  if (!errors.empty()) co_return problem_of_input(errors.fields(), call.path());
  const QueueRules rules = rules_of(asked.plan);
  const std::string queue(call.values[0]);
  // In force first: from then on, what is out is known to be no more than that or the limit.
  const QueueRules before = api.engine->queue_figures(queue).rules;
  api.engine->set_queue_rules(queue, rules, 0);
  const QueueFigures figures = api.engine->queue_figures(queue);
  asked.out = static_cast<std::uint32_t>(figures.leased + figures.held);
  const Result<std::optional<std::uint64_t>> version = co_await keep(api, std::move(asked));
  if (!version) {
    api.engine->set_queue_rules(queue, before, 0);
    co_return problem(version.error(), call.path());
  }
  if (*version) api.engine->set_queue_rules(queue, rules, **version);
  HttpResponse response{.status = *version ? 200 : 202};
  ObjectWriter json(response.body);
  json.text("queue", queue);
  put_rules(json, rules);
  if (!*version) json.text("status", "accepted");
  json.close();
  co_return response;
}

}  // namespace reprise::api
