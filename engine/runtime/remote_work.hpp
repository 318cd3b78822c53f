// RemoteWork: the queues of activities, shared by the engine's threads; workers' polls wait here.
//
// Guarantees: an attempt that a poll was given and did not take away stands in its queue again.
//             Once end_polls() was called no poll waits. What this process is to begin is told to
//             `begin`, once.
// Thread:     any. next() returns on the executor that awaits it, which runs one thing at a time.
//             The hooks are called on the caller's thread, under a lock: they only pass on.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
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
  struct Options {
    std::uint64_t epoch = 0;  // of the tokens that this process gives out
    QueueLimits limits;
    bool resumes = false;     // nothing is granted before resume()
    std::size_t workers = 1;  // that say when they have recovered
  };
  struct Hooks {
    std::function<void(const QueuedAttempt&)> begin;  // an attempt that this process does
    std::function<void()> due_earlier;                // next_due() is earlier than it was
  };
  RemoteWork(const Options& options, const Clock& clock)
      : epoch_(options.epoch),
        clock_(clock),
        queues_(options.limits, options.resumes, clock.steady()),
        recovering_(options.workers) {}
  RemoteWork(const RemoteWork&) = delete;
  RemoteWork& operator=(const RemoteWork&) = delete;

  // Before the first call that grants something.
  void connect(Hooks hooks) { hooks_ = std::move(hooks); }
  // The hooks are called no more.
  void disconnect();
  [[nodiscard]] std::uint64_t epoch() const { return epoch_; }

  Result<> add(const std::string& queue, QueuedAttempt attempt);
  void put_back(const AttemptKey& key);
  void end(const AttemptKey& key, AttemptAnswer how);
  void cancel(const CancelAttempt& cancel);
  void told(const AttemptKey& key);
  [[nodiscard]] std::optional<AttemptAnswer> ended(const AttemptKey& key) const;
  [[nodiscard]] QueueFigures figures(const std::string& queue) const;

  // Of two calls the one with the higher version counts, in whatever order they come; version 0: for
  // now, until the next call.
  void set_rules(const std::string& queue, const QueueRules& rules, std::uint64_t version);
  void resume(const KeptQueueRules& kept);
  void worker_recovered();
  void heard_of_before(const AttemptKey& key, bool has_ended);

  // When advance() is wanted.
  [[nodiscard]] SteadyTime next_due() const {
    return SteadyTime::from_micros(next_due_.load(std::memory_order_relaxed));
  }
  void advance();

  // The next attempt for this poll; nothing when none came until then.
  static boost::asio::awaitable<Result<std::optional<QueuedAttempt>>> next(RemoteWork& work,
                                                                           PollRequest request,
                                                                           SteadyTime until);
  void end_polls();

 private:
  struct Poll;
  class Waiting;
  // What a change of the queues brought goes to polls and to `begin`. With the lock held.
  void hand_out();
  static void wake(const std::shared_ptr<Poll>& poll);

  const std::uint64_t epoch_;
  const Clock& clock_;
  Hooks hooks_;
  std::atomic<std::int64_t> next_due_ = SteadyTime::max().micros();
  mutable std::mutex mutex_;  // guards all below, and what the polls were given
  ActivityQueues queues_;
  std::map<std::string, std::uint64_t> rules_versions_;
  std::size_t recovering_;  // workers that have not said that they have recovered
  std::map<PollId, std::shared_ptr<Poll>> polls_;
  PollId last_poll_;
  bool polls_end_ = false;
};

}  // namespace reprise
