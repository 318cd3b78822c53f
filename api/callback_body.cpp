#include "api/callback_body.hpp"

#include <boost/asio/use_awaitable.hpp>

#include "api/routes/run_json.hpp"

namespace reprise::api {

boost::asio::awaitable<Result<std::string>> callback_body(Engine& engine, WorkflowId workflow,
                                                          RunId run) {
  constexpr std::size_t kResultBytesMax = 1U << 20U;
  const Result<RunView> view = co_await engine.view({.workflow = workflow, .run = run});
  if (!view) co_return std::unexpected(view.error());
  auto ended = co_await engine.result({.workflow = workflow, .run = run}, Duration(0));
  if (!ended) co_return std::unexpected(std::move(ended.error()));
  if (!*ended) co_return fail(Errc::unavailable, "the run's end is not readable yet");
  const bool is_omitted = (*ended)->result.bytes.size() > kResultBytesMax;
  if (is_omitted) (*ended)->result = Payload();
  std::string body;
  ObjectWriter json(body);
  json.text("event", "run_closed")
      .text("workflow_id", workflow.text())
      .text("run_id", to_string(run))
      .text("type", view->type)
      .time("started_at", view->started_at);
  put_outcome(json, **ended);
  if (is_omitted) json.boolean("result_omitted", true);
  json.close();
  co_return body;
}

}  // namespace reprise::api
