// Engine: the durable workflow engine, running. Starts, signals, queries, reads, follows runs.
//
// Guarantees: a reply is given when what it says is durable. Every operation on one workflow id is
//             linearizable. stop() waits for what was accepted; a crash loses nothing acknowledged.
// Thread:     any. The coroutines return on the executor that awaits them; it must run one thing at a
//             time (one thread, or a strand).
// Errors:     the Errc of each call's comment; overloaded when a queue is full; unavailable while
//             stopping; unknown_outcome when the disk failed (the process then ends).
// Why:        ADR-0001, ADR-0002.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "engine/core/catalog.hpp"
#include "engine/core/describe.hpp"
#include "engine/core/event.hpp"
#include "engine/core/requests.hpp"
#include "engine/core/view.hpp"
#include "engine/runtime/activity.hpp"
#include "engine/runtime/remote_work.hpp"
#include "storage/disk_guard.hpp"
#include "storage/durable_floor.hpp"
#include "storage/event_log.hpp"

namespace reprise {

struct EngineOptions {
  unsigned threads = 0;                        // 0: one per core
  std::uint16_t shards = 64;                   // durable: fixed when the store is made
  std::size_t runs_cached_max = 20'000;        // over all shards
  std::size_t cache_bytes_max = 1U << 30U;     // the same, by an estimate of what they hold
  std::size_t commit_bytes_max = 64U << 20U;   // submitted and not yet durable; above: overloaded
  std::size_t requests_waiting_max = 100'000;  // in one thread's mailbox; above: overloaded
  QueueLimits queues;
  bool queues_resume = false;  // nothing leaves a queue before resume_queues()
  Duration inline_write_max =
      std::chrono::microseconds(500);  // slower disks get the committer thread
  std::string build = "dev";
  // An activation that runs longer is stuck: on_stuck is told, on the watchdog's thread, and should
  // note the run and end the process. Empty: nobody watches.
  Duration activation_max = std::chrono::seconds(10);
  std::function<void(const RunId&, Duration limit)> on_stuck{};
  // While callers would wait for much longer than they are used to, timers wake runs more slowly, until
  // they are so late; 0: never.
  Duration timers_late_max = std::chrono::minutes(2);
  Duration retention{0};         // how long a run is kept once it has ended; 0: for ever
  std::set<RunId> stuck_runs{};  // noted by earlier processes: parked, and their code is not run
  // Called once, on an engine thread, when the log has failed: the process should end.
  std::function<void(const Error&)> on_failure;
};

// What the engine runs on. All of it outlives the engine.
struct EngineParts {
  const Catalog& catalog;
  const ActivityRegistry& activities;
  EventLog& log;
  DurableFloor& floor;
  DiskGuard* disk = nullptr;  // null: the disk is not watched
  const Clock& clock = system_clock();
};

struct Deleted {
  std::uint64_t runs = 0;
  bool is_all = true;  // else there was too much for one call, or some could not go: call again
};

class Engine {
 public:
  // Verifies the store (format, durable floor, chain of groups), starts the threads and the
  // recovery of open work, which goes on behind: the engine serves at once.
  // Errors: corrupt (what is missing or damaged), unsupported, io.
  static Result<std::unique_ptr<Engine>> open(EngineOptions options, EngineParts parts);
  virtual ~Engine() = default;

  // The executors of the engine's threads: for connections and other short, non-blocking work.
  [[nodiscard]] virtual std::vector<boost::asio::any_io_executor> executors() = 0;

  // Refuses what is new, finishes what was accepted, joins the threads. Idempotent.
  virtual void stop() = 0;
  // False once the log cannot be written, or while stopping.
  [[nodiscard]] virtual bool ready() const = 0;
  // What the disk's free space lets the engine take; `ok` where nobody watches it.
  [[nodiscard]] virtual DiskLevel disk_level() const = 0;

  // already_exists (an open run, or id_reuse reject), key_reused, not_found (type),
  // invalid_argument (input).
  virtual boost::asio::awaitable<Result<StartAnswer>> start(StartRequest request) = 0;
  // not_found, conflict (closed), key_reused, limit_exceeded.
  virtual boost::asio::awaitable<Result<SignalAnswer>> signal(SignalRequest request) = 0;
  // Sends an update (an empty id: the engine makes one) and waits for its answer up to `limit`. What its validator says; not_found when
  // no handler takes it; conflict when the run is closed or ends first; key_reused, limit_exceeded.
  virtual boost::asio::awaitable<Result<UpdateOutcome>> update(UpdateRequest request,
                                                               Duration limit) = 0;
  // Asks the run to end; conflict when it is closed.
  virtual boost::asio::awaitable<Result<CancelAnswer>> cancel(CancelRequest request) = 0;
  // Terminates, pauses or unpauses a run; conflict when it is closed.
  virtual boost::asio::awaitable<Result<ControlAnswer>> control(ControlRequest request) = 0;
  // Deletes a closed run; with no run named, all runs of the workflow id, the latest last. not_found,
  // conflict (it is open), unavailable (others are still told of its end: ask again).
  virtual boost::asio::awaitable<Result<Deleted>> erase(DescribeRequest request) = 0;
  // Deletes every run that ended before then, finishes deletions that were interrupted, and forgets
  // the idempotency keys of runs that are gone. What cannot be deleted now is left for the next time.
  virtual boost::asio::awaitable<Result<Deleted>> sweep(UtcTime ended_before) = 0;
  // Ends the workflow's latest run if it is open, and lets a copy of `request.run` go on from a point
  // of its history. not_found (workflow, event, stage), conflict (what is under way at that point
  // cannot be had twice; another run was started meanwhile), limit_exceeded.
  virtual boost::asio::awaitable<Result<ForkAnswer>> reset(ResetRequest request) = 0;
  // The workflow's own answer about its present state; not_found for the query's name.
  virtual boost::asio::awaitable<Result<Payload>> query(QueryRequest request) = 0;
  virtual boost::asio::awaitable<Result<RunDescription>> describe(DescribeRequest request) = 0;

  // Waits until the run is closed or `limit` has passed: its end, or nothing. A run that continued as
  // new ends with the one that it became.
  virtual boost::asio::awaitable<Result<std::optional<RunOutcome>>> result(DescribeRequest request,
                                                                           Duration limit) = 0;
  // Up to `limit` durable events behind `after`; waits for one up to `wait` when there is none and
  // the run is open.
  virtual boost::asio::awaitable<Result<HistoryPage>> history(DescribeRequest request,
                                                              Sequence after, std::size_t limit,
                                                              Duration wait) = 0;
  // The stored (or refolded) view; of the latest run when no run is named.
  virtual boost::asio::awaitable<Result<RunView>> view(DescribeRequest request) = 0;
  // Runs whose code does not run, in a fixed order behind `after` (the last one's cursor).
  virtual boost::asio::awaitable<Result<std::vector<ParkedRun>>> parked(std::string after,
                                                                        std::size_t limit) = 0;
  // Views in order of workflow id (newest first when backwards), behind `after`, until `limit`
  // views of type `type` (empty: any) are found or the table ends.
  virtual boost::asio::awaitable<Result<std::vector<RunView>>> views(ViewScan scan) = 0;

  [[nodiscard]] virtual EngineFigures figures() const = 0;

  // --- queues and remote workers ---
  // The oldest attempt in the queue that the worker does, from now on its own; waits for one up to
  // `wait`, then gives nothing.
  virtual boost::asio::awaitable<Result<std::optional<RemoteAttempt>>> poll(PollRequest request,
                                                                            Duration wait) = 0;
  // current, cancelled or stale.
  virtual boost::asio::awaitable<Result<AttemptAnswer>> heartbeat(
      AttemptToken token, std::optional<Payload> details) = 0;
  // recorded, cancelled or stale. What was recorded before is recorded: the first outcome counts.
  virtual boost::asio::awaitable<Result<AttemptAnswer>> end_attempt(AttemptToken token,
                                                                    ActivityOutcome outcome) = 0;
  [[nodiscard]] virtual QueueFigures queue_figures(const std::string& queue) const = 0;
  // The rules of a queue from now on; of two calls the one with the higher version counts, version 0
  // until the next call. They are kept in memory: who calls keeps them.
  virtual void set_queue_rules(const std::string& queue, const QueueRules& rules,
                               std::uint64_t version) = 0;
  // The rules that held before this process began. Once, and only of an engine that resumes queues.
  virtual void resume_queues(const KeptQueueRules& kept) = 0;
  // Polls that wait get nothing, now and from now on: the server is about to stop.
  virtual void end_polls() = 0;
};

}  // namespace reprise
