// ActivityQueues: attempts that wait for remote workers, and polls of workers that wait for attempts.
//
//                     ┌──────────────── put_back() ───────────────┐
//                     ▼                                           │
//   add() ──→ waiting, or ──→ a poll has it: leased ──→ end(), cancel()
// Guarantees: of the attempts whose name a poll does, it gets the oldest; of the polls that do an
//             attempt, the oldest gets it; each attempt is in one place. What waits is a reference of
//             some hundred bytes: inputs stay in the log. In memory only: after a restart the shards
//             add what is open again.
// Thread:     one at a time.
// Errors:     overloaded: the queue holds, or is polled by, as many as the limits say.
#pragma once

#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "engine/core/attempts.hpp"
#include "engine/core/requests.hpp"

namespace reprise {

struct QueueLimits {
  std::size_t attempts_max = 100'000;  // waiting in one queue
  std::size_t polls_max = 1000;        // waiting at one queue
  std::size_t ended_max = 10'000;      // leases whose end is remembered, over all queues
};

struct QueuedAttempt {
  WorkflowId workflow;
  AttemptKey key;
  std::string name;  // of the activity
};

struct QueueFigures {
  std::size_t waiting = 0;
  std::size_t leased = 0;
  std::size_t polls = 0;
};

using PollId = StrongNumber<struct PollIdTag, std::uint64_t>;

class ActivityQueues {
 public:
  explicit ActivityQueues(QueueLimits limits = {}) : limits_(limits) {}

  // The attempt waits in the queue, or goes to a poll that waits there.
  struct Match {
    PollId poll;
    QueuedAttempt attempt;
  };
  Result<std::optional<Match>> add(const std::string& queue, QueuedAttempt attempt);

  // The attempt that the poll gets; nothing: it waits. `names`: the activities it does; empty: all.
  Result<std::optional<QueuedAttempt>> poll(PollId poll, const std::string& queue,
                                            std::vector<std::string> names);
  // The poll waits no more.
  void leave(PollId poll);

  // Who got the attempt cannot use it: it waits where it stood, or goes to another poll.
  std::optional<Match> put_back(const AttemptKey& key);
  // The attempt's worker said how it ended, or holds it in vain.
  void end(const AttemptKey& key, AttemptAnswer how);
  // The attempt is of no use any more, wherever it is.
  void cancel(const AttemptKey& key, bool timed_out);
  // How a lease ended, as long as it is remembered: recorded or cancelled.
  [[nodiscard]] std::optional<AttemptAnswer> ended(const AttemptKey& key) const;

  [[nodiscard]] QueueFigures figures(const std::string& queue) const;

 private:
  // A place in a queue: the order in which attempts were added, over all queues.
  struct Place {
    std::string queue;
    std::string name;
    std::uint64_t order = 0;
  };
  struct Lease {
    Place place;
    WorkflowId workflow;
  };
  struct WaitingPoll {
    PollId id;
    std::vector<std::string> names;
    [[nodiscard]] bool does(const std::string& name) const;
  };
  struct Queue {
    std::map<std::string, std::map<std::uint64_t, QueuedAttempt>> by_name;  // none is empty
    std::list<WaitingPoll> polls;
    std::size_t waiting = 0;
    std::size_t leased = 0;
  };

  Match lease(Place place, QueuedAttempt attempt, PollId poll);
  // Gives the attempt to a poll that waits, or puts it in its place.
  std::optional<Match> offer(Place place, QueuedAttempt attempt);
  std::optional<std::pair<Place, QueuedAttempt>> take_oldest(const std::string& queue,
                                                             const WaitingPoll& poll);
  QueuedAttempt take_out(Queue& queue, const Place& place);
  std::optional<Lease> release(const AttemptKey& key);
  void remember(const AttemptKey& key, AttemptAnswer how);
  void forget_if_idle(const std::string& queue);

  QueueLimits limits_;
  std::map<std::string, Queue> queues_;  // those with something in them
  std::map<AttemptKey, Place> waiting_;
  std::map<AttemptKey, Lease> leases_;
  std::map<PollId, std::string> polls_;  // at which queue each waits
  std::map<AttemptKey, AttemptAnswer> ended_;
  std::deque<AttemptKey> ended_order_;
  std::uint64_t added_ = 0;
};

}  // namespace reprise
