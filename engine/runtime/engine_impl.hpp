// The inner class of Engine, seen by its sources only.
#pragma once

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <future>
#include <memory>
#include <random>
#include <vector>

#include "engine/core/routing.hpp"
#include "engine/runtime/deletion.hpp"
#include "engine/runtime/engine.hpp"
#include "engine/runtime/fork_copy.hpp"
#include "engine/runtime/homeward.hpp"
#include "engine/runtime/watchdog.hpp"
#include "engine/runtime/worker.hpp"

namespace reprise {

// Of the system's generator.
std::uint64_t random_bits();

class EngineImpl final : public Engine {
 public:
  EngineImpl(EngineOptions options, EngineParts parts, GroupPosition tail);
  ~EngineImpl() override;

  void start_threads();
  std::vector<boost::asio::any_io_executor> executors() override;
  void stop() override;
  [[nodiscard]] bool ready() const override;
  [[nodiscard]] DiskLevel disk_level() const override;
  boost::asio::awaitable<Result<StartAnswer>> start(StartRequest request) override;
  boost::asio::awaitable<Result<SignalAnswer>> signal(SignalRequest request) override;
  boost::asio::awaitable<Result<UpdateOutcome>> update(UpdateRequest request,
                                                       Duration limit) override;
  boost::asio::awaitable<Result<CancelAnswer>> cancel(CancelRequest request) override;
  boost::asio::awaitable<Result<ControlAnswer>> control(ControlRequest request) override;
  boost::asio::awaitable<Result<Deleted>> erase(DescribeRequest request) override;
  boost::asio::awaitable<Result<Deleted>> sweep(UtcTime ended_before) override;
  boost::asio::awaitable<Result<ForkAnswer>> reset(ResetRequest request) override;
  boost::asio::awaitable<Result<Payload>> query(QueryRequest request) override;
  boost::asio::awaitable<Result<RunDescription>> describe(DescribeRequest request) override;
  boost::asio::awaitable<Result<std::optional<RunOutcome>>> result(DescribeRequest request,
                                                                   Duration limit) override;
  boost::asio::awaitable<Result<HistoryPage>> history(DescribeRequest request, Sequence after,
                                                      std::size_t limit, Duration wait) override;
  boost::asio::awaitable<Result<RunView>> view(DescribeRequest request) override;
  boost::asio::awaitable<Result<std::vector<RunView>>> views(ViewScan scan) override;
  boost::asio::awaitable<Result<std::vector<ParkedRun>>> parked(std::string after,
                                                                std::size_t limit) override;
  [[nodiscard]] EngineFigures figures() const override;
  boost::asio::awaitable<Result<std::optional<RemoteAttempt>>> poll(PollRequest request,
                                                                    Duration wait) override;
  boost::asio::awaitable<Result<AttemptAnswer>> heartbeat(AttemptToken token,
                                                          std::optional<Payload> details) override;
  boost::asio::awaitable<Result<AttemptAnswer>> end_attempt(AttemptToken token,
                                                            ActivityOutcome outcome) override;
  [[nodiscard]] QueueFigures queue_figures(const std::string& queue) const override;
  void set_queue_rules(const std::string& queue, const QueueRules& rules,
                       std::uint64_t version) override;
  void resume_queues(const KeptQueueRules& kept) override;
  void end_polls() override;

 private:
  ShardIndex shard_of_workflow(const WorkflowId& workflow) const {
    return shard_of(workflow.text(), options_.shards);
  }
  [[nodiscard]] std::size_t worker_index(ShardIndex shard) const {
    return shard.value() % workers_.size();
  }
  Worker& worker_of(ShardIndex shard) { return *workers_[worker_index(shard)]; }
  // Why a write is not taken now; nothing when it is.
  std::optional<Error> refusal(const Worker& worker, const Input& input) const;
  boost::asio::awaitable<Result<Answer>> ask(ShardIndex shard, Input input);
  template <typename T>
  boost::asio::awaitable<Result<T>> ask_for(ShardIndex shard, Input input) {
    Result<Answer> answer = co_await ask(shard, std::move(input));
    if (!answer) co_return std::unexpected(std::move(answer.error()));
    co_return std::get<T>(std::move(*answer));
  }
  // Runs a read of the log on the loader's thread.
  template <typename Read>
  boost::asio::awaitable<std::invoke_result_t<Read>> on_loader(Read read);
  boost::asio::awaitable<Result<std::optional<RunOutcome>>> result_of_run(DescribeRequest request,
                                                                          SteadyTime until);
  boost::asio::awaitable<bool> watch(WorkflowId workflow, RunId run, std::shared_ptr<Watch> watch);
  boost::asio::awaitable<Result<RunId>> resolve(DescribeRequest request);
  boost::asio::awaitable<Result<RunDescription>> describe_run(DescribeRequest request);
  boost::asio::awaitable<Result<>> check_copy(std::shared_ptr<ForkCopy> copy);
  boost::asio::awaitable<Result<>> copy_run(std::shared_ptr<ForkCopy> copy, WorkflowId workflow);
  boost::asio::awaitable<Result<>> erase_run(WorkflowId workflow, RunId run);
  // Runs whose deletion was begun, and those that ended long ago.
  enum class Sweep : std::uint8_t { half_deleted, ended };
  // Whether it is gone; false: it is not to be swept, or not now.
  boost::asio::awaitable<Result<bool>> sweep_run(RunName name, Sweep what);
  // Deletes those that can be deleted now.
  boost::asio::awaitable<Deleted> erase_all(std::vector<RunName> runs, Sweep what);
  boost::asio::awaitable<Result<>> forget_keys();
  boost::asio::awaitable<void> retain();
  void deliver(Loader::Answers answers);
  void failed(const Error& error);

  EngineOptions options_;
  EngineParts parts_;
  RemoteWork remote_;
  WakePace pace_;
  Committer committer_;
  StepPool steps_;
  Loader loader_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::future<void> retaining_;
  std::optional<Watchdog> watchdog_;
  RunsInWork forks_;  // being made: a sweep leaves them alone
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> stopped_ = false;
  std::atomic<bool> failed_ = false;
};

template <typename Read>
boost::asio::awaitable<std::invoke_result_t<Read>> EngineImpl::on_loader(Read read) {
  using Value = std::invoke_result_t<Read>;
  co_return co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>&,
                                                 void(Value)>(
      [this](auto handler, Read what) {
        boost::asio::post(loader_.pool(),
                          [what = std::move(what),
                           done = homeward<Value>(std::move(handler))]() mutable { done(what()); });
      },
      boost::asio::use_awaitable, std::move(read));
}

}  // namespace reprise
