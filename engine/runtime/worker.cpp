#include "engine/runtime/worker.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>

#include "base/log.hpp"
#include "base/thread_name.hpp"

namespace reprise {
namespace asio = boost::asio;
namespace {

// A timer on the wall clock is looked at again after this long, whatever that clock does.
constexpr Duration kUtcLookMax = std::chrono::seconds(1);
// Shards that only wake and recover runs, stepped in one turn. Callers wait for a turn or two: a
// million timers that are due at once take longer by this, and do not hold them up.
constexpr std::size_t kBackgroundCellsMax = 4;

}  // namespace

Worker::Worker(Parts parts, std::vector<std::unique_ptr<Shard>> shards,
               const std::vector<ShardIndex>& indices)
    : parts_(parts), work_(io_.get_executor()), timer_(io_) {
  cells_.reserve(shards.size());
  for (std::size_t i = 0; i < shards.size(); ++i) {
    cells_.push_back({.index = indices[i], .shard = std::move(shards[i])});
    cell_at_.emplace(indices[i], i);
  }
}

Worker::~Worker() { stop(); }

void Worker::start() {
  asio::post(io_, [this] {
    for (Cell& cell : cells_) enqueue(cell);  // the first step reads what is open and due
    schedule_turn();
  });
  thread_ = std::thread([this] {
    name_this_thread("worker-" + std::to_string(parts_.index));
    ActivationMark::current() = &activation_;
    io_.run();
  });
}

void Worker::stop() {
  if (!thread_.joinable()) return;
  work_.reset();
  io_.stop();
  thread_.join();
}

void Worker::post(ShardIndex shard, Input input, ReplyHandler on_reply) {
  waiting_.fetch_add(1, std::memory_order_relaxed);
  const std::lock_guard lock(mutex_);
  mailbox_.push_back({shard, std::move(input), std::move(on_reply)});
  if (turn_scheduled_) return;
  turn_scheduled_ = true;
  asio::post(io_, [this] { turn(); });
}

void Worker::deliver(std::vector<CommitPipeline::Done> done) {
  const std::lock_guard lock(mutex_);
  delivered_.insert(delivered_.end(), done.begin(), done.end());
  if (turn_scheduled_) return;
  turn_scheduled_ = true;
  asio::post(io_, [this] { turn(); });
}

void Worker::schedule_turn() {
  const std::lock_guard lock(mutex_);
  if (turn_scheduled_) return;
  turn_scheduled_ = true;
  asio::post(io_, [this] { turn(); });
}

void Worker::turn() {
  collect();
  const Moment now{parts_.clock.utc(), parts_.clock.steady()};
  for (Cell& cell : cells_) {
    const auto utc = cell.shard->next_utc();
    const auto steady = cell.shard->next_steady();
    if ((utc && *utc <= now.utc) || (steady && *steady <= now.steady)) enqueue(cell);
  }
  step_cells(now);
  commit();
  arm_timer();
  if (!queued_.empty()) schedule_turn();
}

// Moves what has arrived to the shards it is for.
void Worker::collect() {
  mailbox_taken_.clear();
  delivered_taken_.clear();
  {
    const std::lock_guard lock(mutex_);
    mailbox_taken_.swap(mailbox_);
    delivered_taken_.swap(delivered_);
    turn_scheduled_ = false;
  }
  waiting_.fetch_sub(mailbox_taken_.size(), std::memory_order_relaxed);
  absorb(delivered_taken_);
  for (Envelope& envelope : mailbox_taken_) {
    Cell& cell = cell_of(envelope.shard);
    if (envelope.on_reply) {
      const RequestId id(++last_request_);
      std::visit(
          [&](auto& message) {
            if constexpr (requires { message.id; }) message.id = id;
          },
          envelope.input);
      replies_.emplace(id.value(), std::move(envelope.on_reply));
    }
    cell.inputs.push_back(std::move(envelope.input));
    enqueue(cell);
  }
}

void Worker::enqueue(Cell& cell) {
  if (cell.queued) return;
  cell.queued = true;
  queued_.push_back(static_cast<std::size_t>(&cell - cells_.data()));
}

// Has nothing but what a timer or recovery asked for.
bool Worker::is_background(const Cell& cell) {
  return std::ranges::all_of(cell.inputs, [](const Input& input) {
    return std::holds_alternative<RecordsLoaded>(input) ||
           std::holds_alternative<WakesLoaded>(input) || std::holds_alternative<BusyLoaded>(input);
  });
}

void Worker::step_cells(Moment now) {
  std::size_t runs = 0;
  std::size_t background = 0;
  for (const std::size_t i : std::exchange(queued_, {})) {
    Cell& cell = cells_[i];
    if (is_background(cell) && ++background > kBackgroundCellsMax) {
      queued_.push_back(i);  // first in the next turn
      continue;
    }
    cell.queued = false;
    Step step = cell.shard->step(now, std::exchange(cell.inputs, {}));
    for (Read& read : step.reads) parts_.loader.read(cell.index, std::move(read));
    if (!step.batch.empty())
      submissions_.push_back(
          {cell.index, step.position, std::move(step.batch), std::move(step.entries)});
    for (Dispatch& local : step.at_once) act(local);
    if (!step.actions.empty()) cell.held.push_back({step.position, std::move(step.actions)});
    release(cell, cell.committed);
  }
  for (const Cell& cell : cells_) runs += cell.shard->runs_cached();
  runs_cached_.store(runs, std::memory_order_relaxed);
}

void Worker::commit() {
  if (submissions_.empty()) return;
  absorb(parts_.committer.submit(parts_.index, std::exchange(submissions_, {})));
}

void Worker::absorb(const std::vector<CommitPipeline::Done>& done) {
  for (const CommitPipeline::Done& entry : done) {
    Cell& cell = cell_of(entry.shard);
    if (entry.number <= cell.committed) continue;  // overtaken by a later one
    cell.inputs.push_back(Committed{entry.number});
    enqueue(cell);
    release(cell, entry.number);
  }
}

// Does the actions of every step up to `committed`.
void Worker::release(Cell& cell, BatchNumber committed) {
  cell.committed = std::max(cell.committed, committed);
  while (!cell.held.empty() && cell.held.front().position <= cell.committed) {
    Held held = std::move(cell.held.front());
    cell.held.pop_front();
    for (Action& action : held.actions) act(action);
  }
}

void Worker::act(Action& action) {
  std::visit([this](auto& what) { act(what); }, action);
}

void Worker::act(Reply& reply) {
  const auto found = replies_.find(reply.id.value());
  if (found == replies_.end()) return;
  ReplyHandler handler = std::move(found->second);
  replies_.erase(found);
  handler(std::move(reply.answer));
}

void Worker::act(Dispatch& dispatch) {
  if (abandoned_) return;
  if (!dispatch.queue.empty()) return queue(dispatch);
  const ShardIndex shard = shard_of(dispatch.workflow.text(), parts_.shard_count);
  const AttemptKey attempt{dispatch.run, dispatch.command, dispatch.attempt};
  if (dispatch.step != nullptr)
    return parts_.steps.run(std::move(dispatch.step), [this, shard,
                                                       attempt](ActivityOutcome outcome) {
      post(shard, AttemptEnded{attempt.run, attempt.command, attempt.attempt, std::move(outcome)});
    });
  const ActivityBody* body = parts_.activities.find(dispatch.name, dispatch.version);
  if (body == nullptr)
    return attempt_ended(
        shard, attempt,
        std::unexpected(ActivityFailure{.type = "no_such_activity",
                                        .message = "this server has no activity " + dispatch.name +
                                                   " version " + std::to_string(dispatch.version),
                                        .retryable = false}));
  auto signal = std::make_shared<asio::cancellation_signal>();
  attempts_.insert_or_assign(attempt, signal);
  activities_running_.store(attempts_.size(), std::memory_order_relaxed);
  ActivityInvocation invocation{
      .workflow = std::move(dispatch.workflow),
      .run = dispatch.run,
      .command = dispatch.command,
      .attempt = dispatch.attempt,
      .name = std::move(dispatch.name),
      .provider = std::move(dispatch.provider),
      .input = std::move(dispatch.input),
      .deadline = dispatch.deadline,
      .last_details = std::move(dispatch.last_details),
      .on_heartbeat = [this, shard, attempt](auto details) {
        post(shard, AttemptBeat{attempt.run, attempt.command, attempt.attempt, std::move(details)});
      }};
  auto ended = [this, shard, attempt, signal](std::exception_ptr error, ActivityOutcome outcome) {
    if (error) {
      ActivityFailure failure{.type = "exception", .message = "the activity threw"};
      try {
        std::rethrow_exception(error);
      } catch (const std::exception& thrown) {
        failure.message = thrown.what();
      } catch (...) {
        failure.message = "the activity threw something that is no std::exception";
      }
      outcome = std::unexpected(std::move(failure));
    }
    attempt_ended(shard, attempt, std::move(outcome));
  };
  asio::co_spawn(io_, (*body)(std::move(invocation)),
                 asio::bind_cancellation_slot(signal->slot(), std::move(ended)));
}

void Worker::queue(const Dispatch& dispatch) {
  const AttemptKey attempt{dispatch.run, dispatch.command, dispatch.attempt};
  if (Result<> queued =
          parts_.remote.add(dispatch.queue, {dispatch.workflow, attempt, dispatch.name});
      !queued)
    attempt_ended(
        shard_of(dispatch.workflow.text(), parts_.shard_count), attempt,
        std::unexpected(ActivityFailure{.type = "queue_full", .message = queued.error().detail}));
}

void Worker::attempt_ended(ShardIndex shard, const AttemptKey& attempt, ActivityOutcome outcome) {
  attempts_.erase(attempt);
  activities_running_.store(attempts_.size(), std::memory_order_relaxed);
  if (abandoned_) return;
  post(shard, AttemptEnded{attempt.run, attempt.command, attempt.attempt, std::move(outcome)});
}

void Worker::act(const CancelAttempt& cancel) {
  const auto found = attempts_.find({cancel.run, cancel.command, cancel.attempt});
  if (found == attempts_.end())
    return parts_.remote.cancel({cancel.run, cancel.command, cancel.attempt}, cancel.timed_out);
  const std::shared_ptr<asio::cancellation_signal> signal = found->second;
  signal->emit(asio::cancellation_type::terminal);
}

void Worker::act(const Notify& notify) { watches_.notify(notify); }

void Worker::act(Post& post) {
  parts_.post(shard_of(post.to.text(), parts_.shard_count), std::move(*post.content));
}

bool Worker::watch(ShardIndex shard, const RunId& run, const std::shared_ptr<Watch>& watch) {
  watches_.add(run, watch);
  const Run* live = cell_of(shard).shard->peek(run);
  return live != nullptr && !live->state().closed();
}

void Worker::arm_timer() {
  std::optional<UtcTime> utc;
  std::optional<SteadyTime> steady;
  for (const Cell& cell : cells_) {
    if (const auto next = cell.shard->next_utc(); next && (!utc || *next < *utc)) utc = next;
    if (const auto next = cell.shard->next_steady(); next && (!steady || *next < *steady))
      steady = next;
  }
  SteadyTime at = steady.value_or(SteadyTime::max());
  if (utc) {
    const Duration wait = std::clamp(*utc - parts_.clock.utc(), Duration(0), kUtcLookMax);
    at = std::min(at, parts_.clock.steady() + wait);
  }
  if (at == SteadyTime::max() || (armed_for_ <= at && parts_.clock.steady() < armed_for_)) return;
  armed_for_ = at;
  timer_.expires_at(asio::steady_timer::time_point(std::chrono::microseconds(at.micros())));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) schedule_turn();
  });
}

void Worker::abandon_activities() {
  asio::post(io_, [this] {
    abandoned_ = true;
    const auto running = attempts_;
    for (const auto& [id, signal] : running) signal->emit(asio::cancellation_type::terminal);
  });
}

void Worker::refuse_all(Error error) {
  asio::post(io_, [this, error = std::move(error)] {
    auto replies = std::exchange(replies_, {});
    for (auto& [id, handler] : replies) handler(std::unexpected(error));
  });
}

bool Worker::quiet() const {
  return queued_.empty() && waiting() == 0 &&
         std::ranges::all_of(cells_, [](const Cell& cell) { return cell.held.empty(); });
}

}  // namespace reprise
