#include "engine/runtime/engine.hpp"

#include <fmt/format.h>
#include <sys/random.h>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <algorithm>
#include <future>

#include "base/check.hpp"
#include "base/log.hpp"
#include "engine/runtime/engine_impl.hpp"
#include "engine/runtime/log_reads.hpp"
#include "engine/runtime/recovery.hpp"

namespace reprise {
namespace asio = boost::asio;
namespace {

// Histories that load at once, for recovery and timers, over all shards: so few that what callers ask
// meanwhile waits for a part of a millisecond, and enough to keep the disk and a core busy.
constexpr std::size_t kWakingMax = 64;
constexpr unsigned kDiskRetryAfterS = 30;  // space is freed by people, not by the next commit

std::size_t threads_of(const EngineOptions& options) {
  if (options.threads != 0) return options.threads;
  return std::max(1U, std::thread::hardware_concurrency());
}

}  // namespace

std::uint64_t random_bits() {
  std::uint64_t bits = 0;
  const auto got = getrandom(&bits, sizeof bits, 0);
  CHECK(got == static_cast<ssize_t>(sizeof bits), "getrandom gave {} bytes", got);
  return bits;
}

Result<std::unique_ptr<Engine>> Engine::open(EngineOptions options, EngineParts parts) {
  Result<GroupPosition> tail = check_store(parts.log, parts.floor, options.shards);
  if (!tail) return std::unexpected(tail.error());
  auto engine = std::make_unique<EngineImpl>(std::move(options), parts, *tail);
  engine->start_threads();
  return engine;
}

EngineImpl::EngineImpl(EngineOptions options, EngineParts parts, GroupPosition tail)
    : options_(std::move(options)),
      parts_(parts),
      remote_({.epoch = random_bits(),
               .limits = options_.queues,
               .resumes = options_.queues_resume,
               .workers = threads_of(options_)},
              parts.clock),
      pace_(options_.timers_late_max, parts.clock),
      committer_(Committer::Options{
                     .inline_write_max = options_.inline_write_max,
                     .workers = threads_of(options_),
                     .worker_of =
                         [n = threads_of(options_)](ShardIndex shard) { return shard.value() % n; },
                     .deliver =
                         [this](std::size_t worker, std::vector<CommitPipeline::Done> done) {
                           workers_[worker]->deliver(std::move(done));
                         },
                     .on_failure = [this](const Error& error) { failed(error); },
                     .callers_waited = [this](Duration took) { pace_.committed(took); }},
                 tail, parts.log, parts.floor, parts.disk, parts.clock),
      loader_(parts.log, pace_, parts.clock,
              [this](Loader::Answers answers) { deliver(std::move(answers)); }) {
  const std::size_t threads = threads_of(options_);
  const auto stuck = std::make_shared<const std::set<RunId>>(options_.stuck_runs);
  ShardLimits limits;
  limits.runs_cached_max = std::max<std::size_t>(1, options_.runs_cached_max / options_.shards);
  limits.cache_bytes_max = options_.cache_bytes_max / options_.shards;
  limits.waking_max = std::max<std::size_t>(1, kWakingMax / options_.shards);
  for (std::size_t w = 0; w < threads; ++w) {
    std::vector<std::unique_ptr<Shard>> shards;
    std::vector<ShardIndex> indices;
    for (std::size_t i = w; i < options_.shards; i += threads) {
      indices.push_back(ShardIndex(static_cast<std::uint16_t>(i)));
      shards.push_back(std::make_unique<Shard>(
          ShardConfig{
              .index = indices.back(), .build = options_.build, .limits = limits, .stuck = stuck},
          parts_.catalog));
    }
    workers_.push_back(std::make_unique<Worker>(
        Worker::Parts{
            .index = w,
            .shard_count = options_.shards,
            .activities = parts_.activities,
            .clock = parts_.clock,
            .committer = committer_,
            .loader = loader_,
            .steps = steps_,
            .remote = remote_,
            .post = [this](ShardIndex shard,
                           Input input) { worker_of(shard).post(shard, std::move(input)); }},
        std::move(shards), indices));
  }
  remote_.connect({.begin =
                       [this](const QueuedAttempt& attempt) {
                         worker_of(shard_of_workflow(attempt.workflow)).begin(attempt);
                       },
                   .due_earlier = [this] { workers_.front()->look_again(); }});
}

EngineImpl::~EngineImpl() { stop(); }

void EngineImpl::deliver(Loader::Answers answers) {
  std::vector<Loader::Answers> of_workers(workers_.size());
  for (auto& answer : answers) of_workers[worker_index(answer.first)].push_back(std::move(answer));
  for (std::size_t w = 0; w < workers_.size(); ++w)
    if (!of_workers[w].empty()) workers_[w]->post(std::move(of_workers[w]));
}

void EngineImpl::start_threads() {
  for (const auto& worker : workers_) worker->start();
  retaining_ = asio::co_spawn(workers_.front()->executor(), retain(), asio::use_future);
  if (!options_.on_stuck) return;
  std::vector<const ActivationMark*> marks;
  for (const auto& worker : workers_) marks.push_back(&worker->activation());
  watchdog_.emplace(std::move(marks), options_.activation_max, options_.on_stuck, parts_.clock);
}

std::vector<asio::any_io_executor> EngineImpl::executors() {
  std::vector<asio::any_io_executor> executors;
  for (const auto& worker : workers_) executors.push_back(worker->executor());
  return executors;
}

bool EngineImpl::ready() const { return !stopping_ && !failed_; }

DiskLevel EngineImpl::disk_level() const {
  return parts_.disk != nullptr ? parts_.disk->level() : DiskLevel::ok;
}

void EngineImpl::failed(const Error& error) {
  failed_ = true;
  for (const auto& worker : workers_)
    worker->refuse_all(
        {Errc::unknown_outcome, "the log failed: the write may or may not stand", {}});
  if (options_.on_failure) options_.on_failure(error);
}

// What was accepted is stepped and committed; then the threads end. Rounds go on until one of them
// finds every worker quiet and the committer idle.
void EngineImpl::stop() {
  if (stopped_.exchange(true)) return;
  stopping_ = true;
  for (const auto& worker : workers_) worker->abandon_activities();
  steps_.stop();  // those that run end by themselves, and are recorded
  for (bool quiet = false; !quiet && !failed_;) {
    committer_.wait_idle();
    quiet = true;
    for (const auto& worker : workers_) {
      std::promise<bool> promise;
      std::future<bool> future = promise.get_future();
      asio::post(worker->executor(), [&] { promise.set_value(worker->quiet()); });
      quiet = future.get() && quiet;
    }
  }
  remote_.disconnect();
  loader_.stop();
  committer_.stop();
  watchdog_.reset();
  for (const auto& worker : workers_) worker->stop();
}

// A page of a copy is never too much: a run may have been ended for it, and of each reset one page at
// most is under way.
std::optional<Error> EngineImpl::refusal(const Worker& worker, const Input& input) const {
  const bool is_new_run = std::holds_alternative<StartInput>(input);
  const bool is_page = std::holds_alternative<ForkInput>(input);
  if (failed_) return Error{Errc::unavailable, "the log has failed: the server is ending", {}};
  if (stopping_) return Error{Errc::unavailable, "the server is stopping", {}};
  if (!is_page && committer_.bytes_in_flight() > options_.commit_bytes_max)
    return Error{Errc::overloaded, "the disk is behind: too many bytes wait to be written", {}};
  if (!is_page && worker.waiting() > options_.requests_waiting_max)
    return Error{Errc::overloaded, "too many requests wait", {}};
  const DiskLevel disk = disk_level();
  if (disk == DiskLevel::read_only)
    return Error{.code = Errc::overloaded,
                 .detail = "the disk is nearly full: nothing is written until space is free",
                 .field = {},
                 .retry_after_s = kDiskRetryAfterS};
  if (is_new_run && disk == DiskLevel::no_new_runs)
    return Error{.code = Errc::overloaded,
                 .detail = "the disk is filling up: no new runs until space is free",
                 .field = {},
                 .retry_after_s = kDiskRetryAfterS};
  return std::nullopt;
}

asio::awaitable<Result<Answer>> EngineImpl::ask(ShardIndex shard, Input input) {
  Worker& worker = worker_of(shard);
  if (auto refused = refusal(worker, input)) co_return std::unexpected(std::move(*refused));
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>&, void(Result<Answer>)>(
      [&worker, shard](auto handler, Input what) {
        worker.post(shard, std::move(what), homeward<Result<Answer>>(std::move(handler)));
      },
      asio::use_awaitable, std::move(input));
}

asio::awaitable<Result<StartAnswer>> EngineImpl::start(StartRequest request) {
  StartInput input{
      .request = std::move(request), .entropy_high = random_bits(), .entropy_low = random_bits()};
  const ShardIndex shard = route(input, parts_.clock.utc(), options_.shards);
  co_return co_await ask_for<StartAnswer>(shard, std::move(input));
}

asio::awaitable<Result<SignalAnswer>> EngineImpl::signal(SignalRequest request) {
  const ShardIndex shard = shard_of_workflow(request.workflow);
  co_return co_await ask_for<SignalAnswer>(shard, SignalInput{{}, std::move(request)});
}

// The shard says where the answer stands; the answer itself is in the log. Asking again with the same
// id is how a waiter looks whether it is there by now.
asio::awaitable<Result<UpdateOutcome>> EngineImpl::update(UpdateRequest request, Duration limit) {
  const SteadyTime until = parts_.clock.steady() + limit;
  const ShardIndex shard = shard_of_workflow(request.workflow);
  if (request.id.empty())
    request.id = fmt::format("upd_{:016x}{:016x}", random_bits(), random_bits());
  UpdateOutcome outcome{.id = request.id};
  std::shared_ptr<Watch> watching;
  for (;;) {
    Result<UpdateAnswer> said = co_await ask_for<UpdateAnswer>(shard, UpdateInput{{}, request});
    if (!said) co_return std::unexpected(std::move(said.error()));
    if (!watching) {
      outcome.run = said->run;
      outcome.accepted = said->accepted;
      outcome.repeated = said->repeated;
    }
    if (said->completed) {
      Result<HistoryPage> page = co_await on_loader(
          [this, run = said->run, after = Sequence(said->completed->value() - 1)] {
            return read_events(parts_.log, run, after, 1);
          });
      if (!page) co_return std::unexpected(std::move(page.error()));
      outcome.answer = std::get<UpdateCompleted>(std::move(page->events.front().body));
      co_return outcome;
    }
    if (parts_.clock.steady() >= until) co_return outcome;
    if (watching) {
      co_await Watch::wait_beyond(watching, said->last, until);
    } else {
      watching = std::make_shared<Watch>(co_await asio::this_coro::executor, WatchFor::each_record);
      co_await watch(request.workflow, said->run, watching);
      request.run = said->run;
    }
  }
}

asio::awaitable<Result<CancelAnswer>> EngineImpl::cancel(CancelRequest request) {
  const ShardIndex shard = shard_of_workflow(request.workflow);
  co_return co_await ask_for<CancelAnswer>(shard, CancelInput{{}, std::move(request)});
}

asio::awaitable<Result<ControlAnswer>> EngineImpl::control(ControlRequest request) {
  const ShardIndex shard = shard_of_workflow(request.workflow);
  co_return co_await ask_for<ControlAnswer>(shard, ControlInput{{}, std::move(request)});
}

asio::awaitable<Result<Payload>> EngineImpl::query(QueryRequest request) {
  const ShardIndex shard = shard_of_workflow(request.workflow);
  co_return co_await ask_for<Payload>(shard, QueryInput{{}, std::move(request)});
}

// Without a run the latest is meant, and that may be another one by the time that this one is known to
// have ended: an ended run is only told of while it is the latest still.
asio::awaitable<Result<RunDescription>> EngineImpl::describe(DescribeRequest request) {
  for (;;) {
    Result<RunDescription> description = co_await describe_run(request);
    if (!description || request.run || description->view.status == RunStatus::running)
      co_return description;
    const Result<RunId> latest = co_await resolve(request);
    if (!latest) co_return std::unexpected(latest.error());
    if (*latest == description->view.run) co_return description;
  }
}

asio::awaitable<Result<RunDescription>> EngineImpl::describe_run(DescribeRequest request) {
  Result<RunView> stored = co_await view(request);
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  if (stored->status != RunStatus::running) {
    RunDescription ended{.view = std::move(*stored)};
    const Result<HistoryPage> first = co_await on_loader(
        [this, run = ended.view.run] { return read_events(parts_.log, run, Sequence(), 1); });
    if (!first) co_return std::unexpected(first.error());
    // Nothing is there when the run was deleted just now.
    if (!first->events.empty())
      if (const auto* started = std::get_if<RunStarted>(&first->events.front().body))
        if (started->labels) ended.memo = started->labels->memo;
    co_return ended;
  }
  request.run = stored->run;
  const ShardIndex shard = shard_of_workflow(request.workflow);
  auto description = co_await ask_for<std::shared_ptr<const RunDescription>>(
      shard, DescribeInput{{}, std::move(request)});
  if (!description) co_return std::unexpected(std::move(description.error()));
  co_return **description;
}

asio::awaitable<Result<RunId>> EngineImpl::resolve(DescribeRequest request) {
  if (request.run) co_return *request.run;
  const auto row = co_await on_loader(
      [this, workflow = request.workflow] { return read_workflow(parts_.log, workflow); });
  if (!row) co_return std::unexpected(row.error());
  co_return row->run;
}

// Hears of the run from now on; true when it is in memory and open.
asio::awaitable<bool> EngineImpl::watch(WorkflowId workflow, RunId run,
                                        std::shared_ptr<Watch> watch) {
  const ShardIndex shard = shard_of_workflow(workflow);
  Worker& worker = worker_of(shard);
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>&, void(bool)>(
      [&worker, shard, run, watch](auto handler) {
        asio::dispatch(worker.executor(), [&worker, shard, run, watch,
                                           done = homeward<bool>(std::move(handler))]() mutable {
          done(worker.watch(shard, run, watch));
        });
      },
      asio::use_awaitable);
}

// Follows a run that continued as new to the one that it became.
asio::awaitable<Result<std::optional<RunOutcome>>> EngineImpl::result(DescribeRequest request,
                                                                      Duration limit) {
  const SteadyTime until = parts_.clock.steady() + limit;
  for (;;) {
    auto outcome = co_await result_of_run(request, until);
    if (!outcome || !*outcome || !(*outcome)->next_run) co_return outcome;
    request.run = (*outcome)->next_run;
  }
}

asio::awaitable<Result<std::optional<RunOutcome>>> EngineImpl::result_of_run(
    DescribeRequest request, SteadyTime until) {
  Result<RunId> run = co_await resolve(request);
  if (!run) co_return std::unexpected(std::move(run.error()));
  auto watching = std::make_shared<Watch>(co_await asio::this_coro::executor, WatchFor::the_end);
  const bool open = co_await watch(request.workflow, *run, watching);
  if (!open) {
    Result<std::optional<RunOutcome>> ended =
        co_await on_loader([this, workflow = request.workflow, id = *run] {
          return read_outcome(parts_.log, workflow, id);
        });
    if (!ended || *ended) co_return ended;
  }
  co_await Watch::wait_end(watching, until);
  co_return watching->outcome();
}

asio::awaitable<Result<HistoryPage>> EngineImpl::history(DescribeRequest request, Sequence after,
                                                         std::size_t limit, Duration wait) {
  const SteadyTime until = parts_.clock.steady() + wait;
  Result<RunView> stored = co_await view(request);
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  const RunId run = stored->run;
  auto watching =
      std::make_shared<Watch>(co_await asio::this_coro::executor, WatchFor::each_record);
  if (wait > Duration(0)) co_await watch(request.workflow, run, watching);
  for (;;) {
    Result<HistoryPage> page = co_await on_loader([this, run, after, limit] {
      return read_events(parts_.log, run, after, limit, loader_.stopping());
    });
    if (!page) co_return page;
    // Asked from the end on, the page itself does not show that the run has ended.
    const bool ended = stored->status != RunStatus::running && after >= stored->last;
    page->closed |= ended;
    if (!page->events.empty() || page->closed || parts_.clock.steady() >= until) co_return page;
    co_await Watch::wait_beyond(watching, after, until);
  }
}

asio::awaitable<Result<RunView>> EngineImpl::view(DescribeRequest request) {
  co_return co_await on_loader([this, request = std::move(request)]() -> Result<RunView> {
    RunId run = request.run.value_or(RunId());
    if (!request.run) {
      Result<WorkflowRow> row = read_workflow(parts_.log, request.workflow);
      if (!row) return std::unexpected(row.error());
      run = row->run;
    }
    return read_view(parts_.log, parts_.catalog, request.workflow, run, loader_.stopping());
  });
}

asio::awaitable<Result<std::vector<RunView>>> EngineImpl::views(ViewScan scan) {
  co_return co_await on_loader([this, scan = std::move(scan)] {
    return read_views(parts_.log, parts_.catalog, scan, loader_.stopping());
  });
}

asio::awaitable<Result<std::vector<ParkedRun>>> EngineImpl::parked(std::string after,
                                                                   std::size_t limit) {
  co_return co_await on_loader(
      [this, after = std::move(after), limit] { return read_parked(parts_.log, after, limit); });
}

EngineFigures EngineImpl::figures() const {
  EngineFigures figures{.groups_committed = committer_.groups(),
                        .batches_committed = committer_.batches(),
                        .commit_bytes_waiting = committer_.bytes_in_flight(),
                        .timers_late = pace_.late()};
  for (const auto& worker : workers_) {
    figures.runs_cached += worker->runs_cached();
    figures.activities_running += worker->activities_running();
  }
  return figures;
}

}  // namespace reprise
