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
    if (poll_->given && !work_.polls_end_) work_.give(work_.queues_.put_back(poll_->given->key));
  }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

  Result<> enter(const PollRequest& request) {
    const std::lock_guard lock(work_.mutex_);
    id_ = work_.last_poll_ = work_.last_poll_.next();
    work_.polls_.emplace(id_, poll_);
    auto got = work_.queues_.poll(id_, request.queue, request.activities);
    if (!got) return std::unexpected(std::move(got.error()));
    poll_->given = std::move(*got);
    return {};
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

void RemoteWork::give(std::optional<ActivityQueues::Match> match) {
  if (!match) return;
  const std::shared_ptr<Poll>& poll = polls_.at(match->poll);
  poll->given = std::move(match->attempt);
  wake(poll);
}

Result<> RemoteWork::add(const std::string& queue, QueuedAttempt attempt) {
  const std::lock_guard lock(mutex_);
  auto match = queues_.add(queue, std::move(attempt));
  if (!match) return std::unexpected(std::move(match.error()));
  give(std::move(*match));
  return {};
}

void RemoteWork::put_back(const AttemptKey& key) {
  const std::lock_guard lock(mutex_);
  give(queues_.put_back(key));
}

void RemoteWork::end(const AttemptKey& key, AttemptAnswer how) {
  const std::lock_guard lock(mutex_);
  queues_.end(key, how);
}

void RemoteWork::cancel(const AttemptKey& key, bool timed_out) {
  const std::lock_guard lock(mutex_);
  queues_.cancel(key, timed_out);
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
