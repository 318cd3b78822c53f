// Runs go: one by one as callers ask, and all that retention lets go.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

#include "base/log.hpp"
#include "engine/runtime/engine_impl.hpp"
#include "engine/runtime/log_reads.hpp"

namespace reprise {
namespace asio = boost::asio;
namespace {

constexpr std::size_t kRunsPerCall = 1000;  // of one workflow id
constexpr std::size_t kLanes = 16;          // runs that are deleted at once: they share commits
constexpr Duration kSweepsMin = std::chrono::milliseconds(100);
constexpr Duration kSweepsMax = std::chrono::minutes(10);

}  // namespace

asio::awaitable<Result<>> EngineImpl::erase_run(WorkflowId workflow, RunId run) {
  const ShardIndex shard = shard_of_workflow(workflow);
  for (;;) {
    Result<DeleteRequest> page = co_await on_loader([this, shard, name = RunName{workflow, run}] {
      return read_deletion_page(parts_.log, shard, name);
    });
    if (!page) co_return std::unexpected(std::move(page.error()));
    const bool is_last = page->is_last;
    auto answer = co_await ask_for<DeleteAnswer>(shard, DeleteInput{{}, std::move(*page)});
    if (!answer) co_return std::unexpected(std::move(answer.error()));
    if (is_last) co_return Result<>();
  }
}

asio::awaitable<Result<Deleted>> EngineImpl::erase(DescribeRequest request) {
  Deleted deleted;
  if (request.run) {
    const Result<> gone = co_await erase_run(request.workflow, *request.run);
    if (!gone) co_return std::unexpected(gone.error());
    deleted.runs = 1;
    co_return deleted;
  }
  const Result<RunView> latest = co_await view(request);
  if (!latest) co_return std::unexpected(latest.error());
  if (latest->status == RunStatus::running)
    co_return fail(Errc::conflict, to_string(latest->run) + " is running: terminate it first");
  const Result<RunsFound> found = co_await on_loader(
      [this, workflow = request.workflow] { return runs_of(parts_.log, workflow, kRunsPerCall); });
  if (!found) co_return std::unexpected(found.error());
  for (const RunName& name : found->runs) {
    const Result<> gone = co_await erase_run(name.workflow, name.run);
    // Another caller may have been faster.
    if (!gone && gone.error().code != Errc::not_found) co_return std::unexpected(gone.error());
    ++deleted.runs;
  }
  deleted.is_all = !found->next;
  co_return deleted;
}

// A copy that was unfinished when it was found may be a whole run by now. Once it is not in work, it
// stays what it is.
asio::awaitable<Result<bool>> EngineImpl::sweep_run(RunName name, Sweep what) {
  if (forks_.contains(name.run)) co_return false;
  if (what == Sweep::half_deleted) {
    Result<bool> half =
        co_await on_loader([this, run = name.run] { return is_half_deleted(parts_.log, run); });
    if (!half || !*half) co_return half;
  }
  Result<> gone = co_await erase_run(std::move(name.workflow), name.run);
  // Another caller may have been faster.
  if (!gone && gone.error().code != Errc::not_found)
    co_return std::unexpected(std::move(gone.error()));
  co_return gone.has_value();
}

asio::awaitable<Deleted> EngineImpl::erase_all(std::vector<RunName> runs, Sweep what) {
  Deleted deleted;
  std::uint64_t kept = 0;
  Error last_error;
  std::size_t next = 0;
  const auto lane = [&]() -> asio::awaitable<void> {
    while (next < runs.size() && ready()) {
      Result<bool> swept = co_await sweep_run(std::move(runs[next++]), what);
      deleted.runs += swept.value_or(false) ? 1 : 0;
      if (swept) continue;
      ++kept;
      last_error = std::move(swept.error());
    }
  };
  const auto executor = co_await asio::this_coro::executor;
  using Lane = decltype(asio::co_spawn(executor, lane(), asio::deferred));
  std::vector<Lane> lanes;
  for (std::size_t i = 0; i < std::min(kLanes, runs.size()); ++i)
    lanes.push_back(asio::co_spawn(executor, lane(), asio::deferred));
  if (!lanes.empty())
    co_await asio::experimental::make_parallel_group(std::move(lanes))
        .async_wait(asio::experimental::wait_for_all(), asio::use_awaitable);
  if (kept > 0 && ready())
    log_warning("runs_not_deleted", {{"runs", kept}, {"last_error", to_string(last_error)}});
  deleted.is_all = kept == 0 && next == runs.size();
  co_return deleted;
}

asio::awaitable<Result<>> EngineImpl::forget_keys() {
  for (std::optional<std::string> from = std::string(); from && ready();) {
    Result<KeysFound> keys =
        co_await on_loader([this, at = *from] { return keys_of_deleted_runs(parts_.log, at); });
    if (!keys) co_return std::unexpected(std::move(keys.error()));
    for (DeleteRequest& page : keys->pages) {
      const ShardIndex shard = shard_of_workflow(page.workflow);
      auto gone = co_await ask_for<DeleteAnswer>(shard, DeleteInput{{}, std::move(page)});
      if (!gone) co_return std::unexpected(std::move(gone.error()));
    }
    from = std::move(keys->next);
  }
  co_return Result<>();
}

asio::awaitable<Result<Deleted>> EngineImpl::sweep(UtcTime ended_before) {
  Deleted deleted;
  for (const Sweep what : {Sweep::half_deleted, Sweep::ended}) {
    if (what == Sweep::ended && ended_before == UtcTime()) continue;  // none has
    for (std::optional<std::string> from = std::string(); from;) {
      if (!ready()) co_return fail(Errc::unavailable, "the server is stopping");
      Result<RunsFound> found = co_await on_loader([this, what, at = *from, ended_before] {
        return what == Sweep::ended ? ended_runs(parts_.log, at, ended_before)
                                    : half_deleted_runs(parts_.log, at);
      });
      if (!found) co_return std::unexpected(std::move(found.error()));
      const Deleted page = co_await erase_all(std::move(found->runs), what);
      deleted.runs += page.runs;
      deleted.is_all = deleted.is_all && page.is_all;
      from = std::move(found->next);
    }
  }
  if (Result<> ok = co_await forget_keys(); !ok) co_return std::unexpected(std::move(ok.error()));
  co_return deleted;
}

// Behind everything else, for as long as the server serves.
asio::awaitable<void> EngineImpl::retain() {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  Duration pause = std::clamp(options_.retention / 10, kSweepsMin, kSweepsMax);
  while (ready()) {
    // With nothing to let go, there are still deletions that a crash has interrupted.
    const bool for_ever = options_.retention == Duration(0);
    const auto swept =
        co_await sweep(for_ever ? UtcTime() : parts_.clock.utc() + -options_.retention);
    if (swept && swept->runs > 0)
      log_info("runs_deleted", {{"runs", swept->runs}});
    else if (!swept && ready())
      log_error("sweep_failed", {{"error", to_string(swept.error())}});
    if (for_ever && swept && swept->is_all) co_return;
    timer.expires_after(std::chrono::duration_cast<std::chrono::steady_clock::duration>(pause));
    co_await timer.async_wait(asio::use_awaitable);
    if (for_ever) pause = std::min(2 * pause, kSweepsMax);
  }
}

}  // namespace reprise
