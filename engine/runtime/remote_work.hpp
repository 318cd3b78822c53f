// RemoteWork: the queues of remote workers, shared by the engine's threads; polls wait here.
//
// Guarantees: an attempt that a poll was given and did not take away stands in its queue again.
//             Once end_polls() was called no poll waits.
// Thread:     any. next() returns on the executor that awaits it, which runs one thing at a time.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/activity_queues.hpp"
#include "engine/core/attempt_token.hpp"

namespace reprise {

// A worker asks a queue for an attempt.
struct PollRequest {
  std::string queue;
  std::string worker;                   // its name, for logs
  std::vector<std::string> activities;  // those it does; empty: all
  std::function<bool()> is_gone;        // looked at now and then, and before it is given something
};

// An attempt that a worker has: it ends by complete or fail under this token, or times out.
struct RemoteAttempt {
  AttemptToken token;
  AttemptWork work;
};

class RemoteWork {
 public:
  explicit RemoteWork(std::uint64_t epoch, QueueLimits limits = {})
      : epoch_(epoch), queues_(limits) {}
  RemoteWork(const RemoteWork&) = delete;
  RemoteWork& operator=(const RemoteWork&) = delete;

  // Of the tokens that this process gives out.
  [[nodiscard]] std::uint64_t epoch() const { return epoch_; }

  Result<> add(const std::string& queue, QueuedAttempt attempt);
  void put_back(const AttemptKey& key);
  void end(const AttemptKey& key, AttemptAnswer how);
  void cancel(const AttemptKey& key, bool timed_out);
  [[nodiscard]] std::optional<AttemptAnswer> ended(const AttemptKey& key) const;
  [[nodiscard]] QueueFigures figures(const std::string& queue) const;

  // The next attempt for this poll; nothing when none came until then.
  static boost::asio::awaitable<Result<std::optional<QueuedAttempt>>> next(RemoteWork& work,
                                                                           PollRequest request,
                                                                           SteadyTime until);
  void end_polls();

 private:
  struct Poll;
  class Waiting;
  void give(std::optional<ActivityQueues::Match> match);
  static void wake(const std::shared_ptr<Poll>& poll);

  const std::uint64_t epoch_;
  mutable std::mutex mutex_;  // guards all below, and what the polls were given
  ActivityQueues queues_;
  std::map<PollId, std::shared_ptr<Poll>> polls_;
  PollId last_poll_;
  bool polls_end_ = false;
};

}  // namespace reprise
