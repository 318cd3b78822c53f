// Reset: a copy of a run goes on from an earlier point, in its place.
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

#include "base/passing.hpp"
#include "engine/runtime/engine_impl.hpp"
#include "engine/runtime/log_reads.hpp"

namespace reprise {
namespace asio = boost::asio;

// The copy is made once for trial: a request that cannot be met ends no run.
asio::awaitable<Result<ForkAnswer>> EngineImpl::reset(ResetRequest request) {
  const Result<RunView> meant = co_await view({.workflow = request.workflow, .run = request.run});
  if (!meant) co_return std::unexpected(meant.error());
  Result<ForkPlan> plan = co_await on_loader(
      [this, run = meant->run, request] { return find_fork_point(parts_.log, run, request); });
  if (!plan) co_return std::unexpected(std::move(plan.error()));
  const Result<> possible = co_await check_copy(
      std::make_shared<ForkCopy>(parts_.log, parts_.catalog, *plan, meant->run));
  if (!possible) co_return std::unexpected(possible.error());
  const Result<ControlAnswer> ended = co_await control(
      {.workflow = request.workflow,
       .run = {},
       .control = Control::terminate,
       .reason = "reset" + (request.reason.empty() ? std::string() : ": " + request.reason)});
  if (!ended && ended.error().code != Errc::conflict) co_return std::unexpected(ended.error());
  const Result<RunId> latest = co_await resolve({.workflow = request.workflow, .run = {}});
  if (!latest) co_return std::unexpected(latest.error());
  const UtcTime born = std::max(parts_.clock.utc(), latest->born() + std::chrono::milliseconds(1));
  plan->to = RunId::make(born, random_bits(), random_bits());
  const auto copy = std::make_shared<ForkCopy>(parts_.log, parts_.catalog, *plan, *latest);
  if (Result<> copied = co_await copy_run(copy, request.workflow); !copied) {
    Error& error = copied.error();
    if (is_passing(error))
      error.detail = fmt::format("{} has ended and there is no copy yet, reset it again: {}",
                                 to_string(*latest), error.detail);
    co_return std::unexpected(std::move(error));
  }
  co_return ForkAnswer{
      .run = plan->to, .from = plan->from, .through = plan->through, .signals = copy->signals()};
}

asio::awaitable<Result<>> EngineImpl::check_copy(std::shared_ptr<ForkCopy> copy) {
  for (;;) {
    Result<ForkRequest> page =
        co_await on_loader([this, copy] { return copy->next_page(parts_.clock.utc()); });
    if (!page) co_return std::unexpected(std::move(page.error()));
    if (page->is_last) co_return Result<>();
  }
}

asio::awaitable<Result<>> EngineImpl::copy_run(std::shared_ptr<ForkCopy> copy,
                                               WorkflowId workflow) {
  const ShardIndex shard = shard_of_workflow(workflow);
  const RunId run = copy->plan().to;
  const RunsInWork::Holder in_work(forks_, run);
  Result<> failed;
  for (bool is_last = false; !is_last && failed;) {
    Result<ForkRequest> page =
        co_await on_loader([this, copy] { return copy->next_page(parts_.clock.utc()); });
    if (!page) {
      failed = std::unexpected(std::move(page.error()));
      break;
    }
    is_last = page->is_last;
    const auto answer = co_await ask_for<ForkAnswer>(shard, ForkInput{{}, std::move(*page)});
    if (!answer) failed = std::unexpected(answer.error());
  }
  // What was copied is of no use; if it cannot be erased now, a later sweep or start does.
  if (!failed) static_cast<void>(co_await erase_run(workflow, run));
  co_return failed;
}

}  // namespace reprise
