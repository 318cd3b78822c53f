#include "engine/runtime/remote_work.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>

namespace reprise {
namespace asio = boost::asio;
namespace {

// So long a poll whose worker has gone still counts among those that wait.
constexpr Duration kPresenceLook = std::chrono::seconds(1);

}  // namespace

struct RemoteWork::Poll {
  explicit Poll(const asio::any_io_executor& on) : executor(on), timer(on) {}
  asio::any_io_executor executor;
  asio::steady_timer timer;            // its executor's
  std::optional<QueuedAttempt> given;  // guarded by RemoteWork::mutex_
};

// A poll's stay: when it ends, however it does, what was given and not taken goes back.
class RemoteWork::Waiting {
 public:
  Waiting(RemoteWork& work, const asio::any_io_executor& executor)
      : work_(work), poll_(std::make_shared<Poll>(executor)) {}
  ~Waiting() {
    const std::lock_guard lock(work_.mutex_);
    work_.queues_.leave(id_);
    work_.polls_.erase(id_);
    if (poll_->given && !work_.polls_end_)
      work_.queues_.put_back(poll_->given->key, work_.clock_.steady());
    work_.hand_out();
  }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

  Result<> enter(const PollRequest& request) {
    const std::lock_guard lock(work_.mutex_);
    id_ = work_.last_poll_ = work_.last_poll_.next();
    work_.polls_.emplace(id_, poll_);
    Result<> entered =
        work_.queues_.poll(id_, request.queue, request.activities, work_.clock_.steady());
    work_.hand_out();
    return entered;
  }
  [[nodiscard]] bool goes_on() const {
    const std::lock_guard lock(work_.mutex_);
    return !poll_->given && !work_.polls_end_;
  }
  // For good: it does not go back.
  std::optional<QueuedAttempt> take() {
    const std::lock_guard lock(work_.mutex_);
    return std::exchange(poll_->given, std::nullopt);
  }
  asio::steady_timer& timer() { return poll_->timer; }

 private:
  RemoteWork& work_;
  std::shared_ptr<Poll> poll_;
  PollId id_;
};

asio::awaitable<Result<std::optional<QueuedAttempt>>> RemoteWork::next(RemoteWork& work,
                                                                       PollRequest request,
                                                                       SteadyTime until) {
  Waiting waiting(work, co_await asio::this_coro::executor);
  if (Result<> entered = waiting.enter(request); !entered)
    co_return std::unexpected(std::move(entered.error()));
  const auto is_gone = [&request] { return request.is_gone && request.is_gone(); };
  SteadyTime now = system_clock().steady();
  while (waiting.goes_on() && now < until && !is_gone()) {
    const SteadyTime next_look = std::min(until, now + kPresenceLook);
    waiting.timer().expires_at(
        asio::steady_timer::time_point(std::chrono::microseconds(next_look.micros())));
    co_await waiting.timer().async_wait(asio::as_tuple(asio::use_awaitable));
    now = system_clock().steady();
  }
  if (is_gone()) co_return std::nullopt;
  co_return waiting.take();
}

// Posted to the poll's own executor, where nothing runs between a look at goes_on() and the wait for
// the timer: the wake comes before the look, or ends the wait.
void RemoteWork::wake(const std::shared_ptr<Poll>& poll) {
  asio::post(poll->executor, [poll] { poll->timer.cancel(); });
}

void RemoteWork::hand_out() {
  for (ActivityQueues::Match& match : queues_.granted()) {
    if (!match.poll) {
      if (hooks_.begin) hooks_.begin(match.attempt);
      continue;
    }
    const std::shared_ptr<Poll>& poll = polls_.at(*match.poll);
    poll->given = std::move(match.attempt);
    wake(poll);
  }
  const std::int64_t due = queues_.next().value_or(SteadyTime::max()).micros();
  if (due < next_due_.exchange(due, std::memory_order_relaxed) && hooks_.due_earlier)
    hooks_.due_earlier();
}

Result<> RemoteWork::add(const std::string& queue, QueuedAttempt attempt) {
  const std::lock_guard lock(mutex_);
  Result<> added = queues_.add(queue, std::move(attempt), clock_.steady());
  hand_out();
  return added;
}

void RemoteWork::put_back(const AttemptKey& key) {
  const std::lock_guard lock(mutex_);
  queues_.put_back(key, clock_.steady());
  hand_out();
}

void RemoteWork::end(const AttemptKey& key, AttemptAnswer how) {
  const std::lock_guard lock(mutex_);
  queues_.end(key, how, clock_.steady());
  hand_out();
}

void RemoteWork::cancel(const CancelAttempt& cancel) {
  const std::lock_guard lock(mutex_);
  queues_.cancel(cancel, clock_.steady());
  hand_out();
}

void RemoteWork::told(const AttemptKey& key) {
  const std::lock_guard lock(mutex_);
  queues_.told(key, clock_.steady());
  hand_out();
}

void RemoteWork::set_rules(const std::string& queue, const QueueRules& rules,
                           std::uint64_t version) {
  const std::lock_guard lock(mutex_);
  if (version != 0) {
    std::uint64_t& known = rules_versions_[queue];
    if (version <= known) return;
    known = version;
  }
  queues_.set_rules(queue, rules, clock_.steady());
  hand_out();
}

void RemoteWork::resume(const KeptQueueRules& kept) {
  const std::lock_guard lock(mutex_);
  queues_.resume(kept, clock_.steady());
  if (recovering_ == 0) queues_.recovered(clock_.steady());
  hand_out();
}

void RemoteWork::worker_recovered() {
  const std::lock_guard lock(mutex_);
  if (--recovering_ == 0) queues_.recovered(clock_.steady());
  hand_out();
}

void RemoteWork::heard_of_before(const AttemptKey& key, bool has_ended) {
  const std::lock_guard lock(mutex_);
  queues_.heard_of_before(key, has_ended, clock_.steady());
  hand_out();
}

void RemoteWork::disconnect() {
  const std::lock_guard lock(mutex_);
  hooks_ = {};
}

void RemoteWork::advance() {
  const std::lock_guard lock(mutex_);
  queues_.advance(clock_.steady());
  hand_out();
}

std::optional<AttemptAnswer> RemoteWork::ended(const AttemptKey& key) const {
  const std::lock_guard lock(mutex_);
  return queues_.ended(key);
}

QueueFigures RemoteWork::figures(const std::string& queue) const {
  const std::lock_guard lock(mutex_);
  return queues_.figures(queue);
}

void RemoteWork::end_polls() {
  const std::lock_guard lock(mutex_);
  polls_end_ = true;
  for (const auto& [id, poll] : polls_) wake(poll);
}

}  // namespace reprise
