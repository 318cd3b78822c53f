#include <array>
#include <charconv>

#include "api/query_input.hpp"
#include "api/routes/call_input.hpp"
#include "api/routes/routes.hpp"
#include "api/routes/run_json.hpp"

namespace reprise::api {
namespace {

constexpr std::size_t kStageCharactersMax = 200;
constexpr std::size_t kReasonCharactersMax = 1000;

// "review", or "review#2" for the second time that it was entered.
bool read_stage(std::string_view text, ResetRequest& reset) {
  const std::size_t mark = text.rfind('#');
  reset.stage = text.substr(0, mark);
  if (mark == std::string_view::npos) return true;
  const std::string_view visit = text.substr(mark + 1);
  const auto [end, error] = std::from_chars(visit.data(), visit.data() + visit.size(), reset.visit);
  return error == std::errc() && end == visit.data() + visit.size() && reset.visit > 0;
}

ResetRequest read_reset(const HttpRequest& request, InputErrors& errors) {
  ResetRequest reset;
  const auto body = read_object(request.body(), errors);
  if (!body) return reset;
  ObjectReader read(*body, errors);
  std::uint32_t event = 0;
  std::string stage;
  read("event", event, Whole{.min = 1});
  read("stage", stage, Text{.max = kStageCharactersMax});
  read("reason", reset.reason, Text{.max = kReasonCharactersMax});
  if (const auto signals = read.choice("signals", std::array<std::string_view, 2>{"again", "drop"}))
    reset.keep_signals = *signals == 0;
  read.finish();
  if (!errors.empty()) return reset;
  if ((event == 0) == stage.empty())
    errors.add("event",
               "say where to go on: `event`, the number of one in the history, or `stage`");
  else if (event != 0)
    reset.event = Sequence(event);
  else if (!read_stage(stage, reset))
    errors.add("stage", "must be a stage's name, with #2 behind it for its second visit");
  return reset;
}

}  // namespace

RouteAnswer reset_workflow(ApiContext api, RouteCall call) {
  InputErrors errors;
  QueryReader(*call.request, errors).finish();
  ResetRequest asked = read_reset(*call.request, errors);
  if (!errors.empty()) co_return problem_of_input(errors.fields(), call.path());
  const Result<DescribeRequest> meant = run_meant(call.values[0], call.values[1]);
  if (!meant) co_return problem(meant.error(), call.path());
  asked.workflow = meant->workflow;
  asked.run = meant->run;
  const Result<ForkAnswer> answer = co_await api.engine->reset(std::move(asked));
  if (!answer) co_return problem(answer.error(), call.path());
  HttpResponse response{.status = 201};
  ObjectWriter(response.body)
      .text("workflow_id", meant->workflow.text())
      .text("run_id", to_string(answer->run))
      .text("from_run_id", to_string(answer->from))
      .number("through", answer->through.value())
      .number("signals", answer->signals)
      .close();
  response.headers.push_back(
      {.name = "Location", .value = "/api/v1/workflows/" + meant->workflow.text()});
  co_return response;
}

}  // namespace reprise::api
