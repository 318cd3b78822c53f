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
// An attempt of a queue whose run could not be asked is begun again after this long.
constexpr Duration kBeginAgain = std::chrono::seconds(1);

ActivityFailure failure_of(const std::exception_ptr& error) {
  ActivityFailure failure{.type = "exception", .message = "the activity threw"};
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& thrown) {
    failure.message = thrown.what();
  } catch (...) {
    failure.message = "the activity threw something that is no std::exception";
  }
  return failure;
}

}  // namespace

Worker::Worker(Parts parts, std::vector<std::unique_ptr<Shard>> shards,
               const std::vector<ShardIndex>& indices)
    : parts_(parts),
      work_(io_.get_executor()),
      timer_(io_),
      cell_at_(parts_.shard_count, shards.size()),
      cells_recovering_(shards.size()) {
  cells_.reserve(shards.size());
  next_due_.reserve(shards.size());
  for (std::size_t i = 0; i < shards.size(); ++i) {
    next_due_.push_back(NextDue::of(*shards[i]));
    cells_.push_back({.index = indices[i], .shard = std::move(shards[i])});
    cell_at_[indices[i].value()] = i;
  }
}

Worker::~Worker() { stop(); }

void Worker::start() {
  if (cells_.empty()) parts_.remote.worker_recovered();
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
  const SteadyTime now = parts_.clock.steady();
  const std::lock_guard lock(mutex_);
  mailbox_.push_back({shard, std::move(input), std::move(on_reply), now});
  schedule_turn_locked();
}

void Worker::post(Loader::Answers answers) {
  waiting_.fetch_add(answers.size(), std::memory_order_relaxed);
  const SteadyTime now = parts_.clock.steady();
  const std::lock_guard lock(mutex_);
  for (auto& [shard, answer] : answers) mailbox_.push_back({shard, std::move(answer), {}, now});
  schedule_turn_locked();
}

void Worker::deliver(std::vector<CommitPipeline::Done> done) {
  const std::lock_guard lock(mutex_);
  delivered_.insert(delivered_.end(), done.begin(), done.end());
  schedule_turn_locked();
}

void Worker::schedule_turn() {
  const std::lock_guard lock(mutex_);
  schedule_turn_locked();
}

void Worker::schedule_turn_locked() {
  if (turn_scheduled_) return;
  turn_scheduled_ = true;
  asio::post(io_, [this] { turn(); });
}

void Worker::turn() {
  collect();
  const Moment now{parts_.clock.utc(), parts_.clock.steady()};
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    if (now.utc < next_due_[i].utc && now.steady < next_due_[i].steady) continue;
    cells_[i].wakes = true;
    enqueue(cells_[i]);
  }
  if (drives_queues() && parts_.remote.next_due() <= now.steady) parts_.remote.advance();
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
    (is_background(envelope.input) ? cell.wakes : cell.waited_for) = true;
    const bool is_callers =
        envelope.on_reply && !std::holds_alternative<AttemptTaken>(envelope.input);
    if (is_callers && !cell.callers_since) cell.callers_since = envelope.posted;
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

void Worker::step_cells(Moment now) {
  std::size_t background = 0;
  for (const std::size_t i : std::exchange(queued_, {})) {
    Cell& cell = cells_[i];
    if (cell.wakes && !cell.waited_for && ++background > kBackgroundCellsMax) {
      queued_.push_back(i);  // first in the next turn
      continue;
    }
    cell.queued = false;
    cell.waited_for = false;
    cell.wakes = false;
    const std::optional<SteadyTime> since = std::exchange(cell.callers_since, std::nullopt);
    const std::size_t before = cell.shard->runs_cached();
    Step step = cell.shard->step(now, std::exchange(cell.inputs, {}));
    if (const std::size_t runs = cell.shard->runs_cached(); runs != before)
      runs_cached_.fetch_add(runs - before, std::memory_order_relaxed);
    next_due_[i] = NextDue::of(*cell.shard);
    for (Read& read : step.reads) parts_.loader.read(cell.index, std::move(read));
    if (!step.batch.empty()) {
      submissions_.push_back(
          {cell.index, step.position, std::move(step.batch), std::move(step.entries)});
      waiters_.are_there |= step.waited_for;
      if (since) waiters_.callers_since = std::min(waiters_.callers_since.value_or(*since), *since);
    }
    for (Dispatch& local : step.at_once) act(local);
    if (!step.actions.empty()) cell.held.push_back({step.position, std::move(step.actions)});
    if (!cell.recovered_at && cell.shard->recovered()) cell.recovered_at = step.position;
    release(cell, cell.committed);
  }
}

Worker::NextDue Worker::NextDue::of(const Shard& shard) {
  return {shard.next_utc().value_or(UtcTime::max()),
          shard.next_steady().value_or(SteadyTime::max())};
}

void Worker::commit() {
  if (submissions_.empty()) return;
  absorb(parts_.committer.submit(parts_.index, std::exchange(submissions_, {}),
                                 std::exchange(waiters_, {})));
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
  look_after_recovery(cell);
}

void Worker::look_after_recovery(Cell& cell) {
  if (cell.recovered || !cell.recovered_at || cell.committed < *cell.recovered_at) return;
  cell.recovered = true;
  if (--cells_recovering_ == 0) parts_.remote.worker_recovered();
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
  const std::uint32_t version = dispatch.version;
  run_body(shard, attempt, false,
           {.workflow = std::move(dispatch.workflow),
            .run = dispatch.run,
            .command = dispatch.command,
            .attempt = dispatch.attempt,
            .name = std::move(dispatch.name),
            .provider = std::move(dispatch.provider),
            .input = std::move(dispatch.input),
            .deadline = dispatch.deadline,
            .last_details = std::move(dispatch.last_details)},
           version);
}

// Runs the activity's body until it ends or is cancelled.
void Worker::run_body(ShardIndex shard, const AttemptKey& attempt, bool in_queue,
                      ActivityInvocation invocation, std::uint32_t version) {
  const auto running = std::make_shared<RunningBody>(*this, shard, attempt, in_queue);
  attempts_.insert_or_assign(attempt, running);
  activities_running_.store(attempts_.size(), std::memory_order_relaxed);
  const ActivityBody* body = parts_.activities.find(invocation.name, version);
  if (body == nullptr)
    return attempt_ended(shard, attempt,
                         std::unexpected(ActivityFailure{.type = "no_such_activity",
                                                         .message = "this server has no activity " +
                                                                    invocation.name + " version " +
                                                                    std::to_string(version),
                                                         .retryable = false}));
  invocation.on_heartbeat = [running](auto details) {
    const AttemptKey& key = running->attempt;
    running->worker.post(running->shard,
                         AttemptBeat{key.run, key.command, key.attempt, std::move(details)});
  };
  auto ended = [running](const std::exception_ptr& error, ActivityOutcome outcome) {
    if (error) outcome = std::unexpected(failure_of(error));
    running->worker.attempt_ended(running->shard, running->attempt, std::move(outcome));
  };
  asio::co_spawn(io_, (*body)(std::move(invocation)),
                 asio::bind_cancellation_slot(running->signal.slot(), std::move(ended)));
}

void Worker::queue(const Dispatch& dispatch) {
  const AttemptKey attempt{dispatch.run, dispatch.command, dispatch.attempt};
  if (Result<> queued = parts_.remote.add(
          dispatch.queue, {dispatch.workflow, attempt, dispatch.name, *dispatch.wait});
      !queued)
    attempt_ended(
        shard_of(dispatch.workflow.text(), parts_.shard_count), attempt,
        std::unexpected(ActivityFailure{.type = "queue_full", .message = queued.error().detail}));
}

// As a worker does that polls: the shard is asked what is to be done, and the attempt's time begins.
void Worker::begin(const QueuedAttempt& attempt) {
  const ShardIndex shard = shard_of(attempt.workflow.text(), parts_.shard_count);
  const AttemptKey& key = attempt.key;
  post(shard, AttemptTaken{{}, key.run, key.command, key.attempt},
       [this, shard, attempt](Result<Answer> taken) { begun(shard, attempt, std::move(taken)); });
}

void Worker::begun(ShardIndex shard, const QueuedAttempt& attempt, Result<Answer> taken) {
  const AttemptKey& key = attempt.key;
  if (abandoned_) return;
  if (!taken) {  // not of the attempt, but of what stands between: it is tried again
    auto wait = std::make_shared<asio::steady_timer>(io_, kBeginAgain);
    return wait->async_wait([this, key, wait](const boost::system::error_code& error) {
      if (!error) parts_.remote.put_back(key);
    });
  }
  auto* work = std::get_if<AttemptWork>(&*taken);
  if (work == nullptr) return parts_.remote.end(key, AttemptAnswer::stale);
  run_body(shard, key, true,
           {.workflow = attempt.workflow,
            .run = key.run,
            .command = key.command,
            .attempt = key.attempt,
            .name = std::move(work->name),
            .provider = std::move(work->provider),
            .input = std::move(work->input),
            .deadline = parts_.clock.steady() + work->time_left,
            .last_details = std::move(work->last_details)},
           work->version);
}

void Worker::attempt_ended(ShardIndex shard, const AttemptKey& attempt, ActivityOutcome outcome) {
  const auto body = attempts_.extract(attempt);
  activities_running_.store(attempts_.size(), std::memory_order_relaxed);
  if (abandoned_) return;
  post(shard, AttemptEnded{attempt.run, attempt.command, attempt.attempt, std::move(outcome)});
  if (body && body.mapped()->in_queue) parts_.remote.end(attempt, AttemptAnswer::stale);
}

void Worker::act(const CancelAttempt& cancel) {
  const auto found = attempts_.find({cancel.run, cancel.command, cancel.attempt});
  if (found == attempts_.end()) return parts_.remote.cancel(cancel);
  const std::shared_ptr<RunningBody> running = found->second;
  running->signal.emit(asio::cancellation_type::terminal);
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
  NextDue next;
  for (const NextDue& due : next_due_) {
    next.utc = std::min(next.utc, due.utc);
    next.steady = std::min(next.steady, due.steady);
  }
  SteadyTime at = next.steady;
  if (drives_queues()) at = std::min(at, parts_.remote.next_due());
  if (next.utc != UtcTime::max()) {
    const Duration wait = std::clamp(next.utc - parts_.clock.utc(), Duration(0), kUtcLookMax);
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
    for (const auto& [id, body] : running) body->signal.emit(asio::cancellation_type::terminal);
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
