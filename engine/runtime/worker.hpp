// Worker: one thread with its shards. Feeds them, commits what they give, then acts.
//
//   mailbox → step each touched shard → one submission → (durable) → actions
// Guarantees: a step's actions run after everything up to its position is durable, in order. Inputs
//             that arrive during a step form the next one.
// Thread:     post() from any; everything else on its own.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "engine/core/activation_mark.hpp"
#include "engine/core/routing.hpp"
#include "engine/core/shard.hpp"
#include "engine/runtime/activity.hpp"
#include "engine/runtime/committer.hpp"
#include "engine/runtime/loader.hpp"
#include "engine/runtime/remote_work.hpp"
#include "engine/runtime/step_pool.hpp"
#include "engine/runtime/watch.hpp"

namespace reprise {

using ReplyHandler = std::move_only_function<void(Result<Answer>)>;

class Worker {
 public:
  struct Parts {
    std::size_t index = 0;
    std::uint16_t shard_count = 1;
    const ActivityRegistry& activities;
    const Clock& clock;
    Committer& committer;
    Loader& loader;
    StepPool& steps;
    RemoteWork& remote;
    // Gives an input to whichever worker has the shard.
    std::function<void(ShardIndex, Input)> post;
  };
  Worker(Parts parts, std::vector<std::unique_ptr<Shard>> shards,
         const std::vector<ShardIndex>& indices);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker();

  void start();
  // Gives an input to a shard of this worker. The handler, if any, gets the reply.
  void post(ShardIndex shard, Input input, ReplyHandler on_reply = {});
  void post(Loader::Answers answers);
  void deliver(std::vector<CommitPipeline::Done> done);
  // Requests that wait in the mailbox.
  [[nodiscard]] std::size_t waiting() const { return waiting_.load(std::memory_order_relaxed); }
  // An attempt in a queue, whose workflow is on one of this worker's shards, begins in this process.
  void begin(const QueuedAttempt& attempt);
  // Looks at the times again, soon.
  void look_again() { schedule_turn(); }
  // What its thread is running, for a watchdog.
  [[nodiscard]] const ActivationMark& activation() const { return activation_; }
  [[nodiscard]] boost::asio::any_io_executor executor() { return io_.get_executor(); }

  // On the worker's thread: watches a run; true when the run is in memory and open.
  bool watch(ShardIndex shard, const RunId& run, const std::shared_ptr<Watch>& watch);

  // Stops running activities without recording their outcomes. From any thread.
  void abandon_activities();
  // Answers everybody who still waits. From any thread, once the log has failed.
  void refuse_all(Error error);
  // True when nothing is queued or waits for a commit. On the worker's thread.
  [[nodiscard]] bool quiet() const;
  void stop();

  [[nodiscard]] std::size_t runs_cached() const {
    return runs_cached_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::size_t activities_running() const {
    return activities_running_.load(std::memory_order_relaxed);
  }

 private:
  struct Held {
    BatchNumber position;
    std::vector<Action> actions;
  };
  struct Cell {
    ShardIndex index;
    std::unique_ptr<Shard> shard;
    std::vector<Input> inputs;                // for the next step
    bool waited_for = false;                  // somebody waits for one of them
    bool wakes = false;                       // timers or recovery have brought one, or are due
    std::optional<SteadyTime> callers_since;  // when the first caller's came
    bool queued = false;
    BatchNumber committed;
    std::deque<Held> held;                    // steps whose position is not durable yet
    std::optional<BatchNumber> recovered_at;  // what its recovery dispatched has left by then
    bool recovered = false;
  };
  // When a shard has something to do by itself. Only a step changes that, and every turn asks it of
  // all of them: it is kept apart from them, in a few lines of the cache.
  struct NextDue {
    static NextDue of(const Shard& shard);
    UtcTime utc = UtcTime::max();
    SteadyTime steady = SteadyTime::max();
  };
  // An activity's body that runs here: there until it has ended, whoever gave its attempt up meanwhile.
  struct RunningBody {
    Worker& worker;
    ShardIndex shard;
    AttemptKey attempt;
    bool in_queue = false;  // it has a place of a queue
    boost::asio::cancellation_signal signal{};
  };
  struct Envelope {
    ShardIndex shard;
    Input input;
    ReplyHandler on_reply;
    SteadyTime posted;
  };

  void schedule_turn();
  void schedule_turn_locked();  // whoever calls it holds mutex_
  void turn();
  void collect();
  void step_cells(Moment now);
  void commit();
  void release(Cell& cell, BatchNumber committed);
  void absorb(const std::vector<CommitPipeline::Done>& done);
  void enqueue(Cell& cell);
  Cell& cell_of(ShardIndex shard) { return cells_.at(cell_at_.at(shard.value())); }

  void act(Action& action);
  void act(Reply& reply);
  void act(Dispatch& dispatch);
  void queue(const Dispatch& dispatch);
  void begun(ShardIndex shard, const QueuedAttempt& attempt, Result<Answer> taken);
  void run_body(ShardIndex shard, const AttemptKey& attempt, bool in_queue,
                ActivityInvocation invocation, std::uint32_t version);
  void look_after_recovery(Cell& cell);
  // One worker wakes for the times of the queues.
  [[nodiscard]] bool drives_queues() const { return parts_.index == 0; }
  void act(const CancelAttempt& cancel);
  void act(const Notify& notify);
  void act(Post& post);
  void attempt_ended(ShardIndex shard, const AttemptKey& attempt, ActivityOutcome outcome);
  void arm_timer();

  const Parts parts_;
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  boost::asio::steady_timer timer_;
  SteadyTime armed_for_ = SteadyTime::max();

  std::mutex mutex_;  // guards the three below
  std::vector<Envelope> mailbox_;
  std::vector<CommitPipeline::Done> delivered_;
  bool turn_scheduled_ = false;
  std::atomic<std::size_t> waiting_ = 0;
  std::vector<Envelope> mailbox_taken_;  // of this turn; kept for their room
  std::vector<CommitPipeline::Done> delivered_taken_;

  std::vector<Cell> cells_;
  std::vector<NextDue> next_due_;     // of each cell
  std::vector<std::size_t> cell_at_;  // by the shard's index; beyond them: of another worker
  std::vector<std::size_t> queued_;   // cells with inputs
  std::vector<CommitPipeline::Submission> submissions_;
  Committer::Waiters waiters_;  // for those
  std::unordered_map<std::uint64_t, ReplyHandler> replies_;
  std::uint64_t last_request_ = 0;
  std::unordered_map<AttemptKey, std::shared_ptr<RunningBody>> attempts_;
  std::size_t cells_recovering_ = 0;
  Watches watches_;
  bool abandoned_ = false;

  std::atomic<std::size_t> runs_cached_ = 0;
  std::atomic<std::size_t> activities_running_ = 0;
  ActivationMark activation_;
  std::thread thread_;
};

}  // namespace reprise
