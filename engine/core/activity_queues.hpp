// ActivityQueues: attempts that wait in queues; the workers' polls, and this process, that they wait for.
//
//                     ┌──────────────── put_back() ───────────────┐
//                     ▼                                           │
//   add() ──→ waiting ──→ a poll has it, or this process: leased ──→ end(), cancel()
//
// Guarantees: what is granted is the first in its queue, in the order of FairOrder, of those that a
//             poll does or this process; of the polls that do it, the oldest gets it; each attempt is
//             in one place. The queue's rules hold at every moment, whatever is cancelled, and over a
//             restart. What waits is a reference of some hundred bytes: inputs stay in the log.
//             In memory only: after a restart the shards add what is open again.
// A place of a queue with a limit is free again when the worker has told the end of its attempt, or
// cannot be at work any more: its lease is over. That the attempt was cancelled does not free it.
// After a restart, until resume() says which rules hold, nothing is granted; then, in queues with
// rules, nothing until recovered(), when it is known what may be out. Their rates begin spent.
// Thread:     one at a time. After each call that is given a time, granted() tells what it brought.
// Errors:     overloaded: the queue holds, or is polled by, as many as the limits say.
// Why:        ADR-0018.
#pragma once

#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "engine/core/attempts.hpp"
#include "engine/core/fair_order.hpp"
#include "engine/core/inherited_places.hpp"
#include "engine/core/messages.hpp"
#include "engine/core/queue_gate.hpp"
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
  QueueWait wait{};
};

struct QueueFigures {
  std::size_t waiting = 0;
  std::size_t leased = 0;
  std::size_t polls = 0;
  std::size_t held = 0;  // places of cancelled attempts, and of those of the process before
  QueueRules rules{};
};

using PollId = StrongNumber<struct PollIdTag, std::uint64_t>;

// The rules of a queue that held when the process before this one ended.
struct KeptRules {
  QueueRules rules;
  std::optional<std::uint32_t> out_max{};  // so many attempts were out at most; nothing: unknown
};
using KeptQueueRules = std::map<std::string, KeptRules>;

class ActivityQueues {
 public:
  // `resumes`: nothing is granted before resume().
  explicit ActivityQueues(QueueLimits limits = {}, bool resumes = false, SteadyTime now = {})
      : limits_(limits), phase_(resumes ? Phase::rules_unknown : Phase::running), began_(now) {}

  struct Match {
    std::optional<PollId> poll;  // nothing: this process begins it
    QueuedAttempt attempt;
  };
  // What was granted since the last time this was asked.
  std::vector<Match> granted() { return std::exchange(granted_, {}); }

  Result<> add(const std::string& queue, QueuedAttempt attempt, SteadyTime now);

  // A worker asks. `names`: the activities it does; empty: all.
  Result<> poll(PollId poll, const std::string& queue, std::vector<std::string> names,
                SteadyTime now);
  // The poll waits no more.
  void leave(PollId poll);

  // Who got the attempt cannot use it: it waits where it stood, or goes to another poll.
  void put_back(const AttemptKey& key, SteadyTime now);
  // The attempt's worker said how it ended, or never began.
  void end(const AttemptKey& key, AttemptAnswer how, SteadyTime now);
  // The attempt is of no use any more, wherever it is.
  void cancel(const CancelAttempt& cancel, SteadyTime now);
  // A cancelled attempt's worker was told so.
  void told(const AttemptKey& key, SteadyTime now);
  // How a lease ended, as long as it is remembered: recorded or cancelled.
  [[nodiscard]] std::optional<AttemptAnswer> ended(const AttemptKey& key) const;

  // The rules of the queue from now on.
  void set_rules(const std::string& queue, const QueueRules& rules, SteadyTime now);

  // --- after a restart ---
  // The rules that held before it. Once.
  void resume(const KeptQueueRules& kept, SteadyTime now);
  // Everything that was open has been added, or is waiting for its retry.
  void recovered(SteadyTime now);
  // A worker has told of an attempt of the process before: that it has ended, else that it is alive.
  void heard_of_before(const AttemptKey& key, bool has_ended, SteadyTime now);

  // What time alone brings: when, and that it is so late.
  [[nodiscard]] std::optional<SteadyTime> next() const;
  void advance(SteadyTime now);

  [[nodiscard]] QueueFigures figures(const std::string& queue) const;

 private:
  enum class Phase : std::uint8_t { rules_unknown, recovering, running };
  struct Lease {
    std::string queue;
    Ticket ticket = 0;
    QueuedAttempt attempt;
    SteadyTime began;
    std::optional<SteadyTime> cancelled_until{};  // its worker may be at work so long
  };
  struct WaitingPoll {
    PollId id;
    std::vector<std::string> names;
    [[nodiscard]] bool does(const std::string& name) const;
  };
  using Polls = std::list<WaitingPoll>;
  struct Queue {
    FairOrder order;
    std::map<Ticket, QueuedAttempt> waiting;
    Polls polls;
    QueueGate gate;
    std::size_t cancelled = 0;  // of those inside
    InheritedPlaces inherited;
    bool had_rules = false;  // before the restart
    std::optional<SteadyTime> wakes;
  };
  struct Waiting {
    std::string queue;
    Ticket ticket = 0;
  };
  struct Choice {
    FairOrder::Place place;
    Polls::iterator poll;  // end(): this process
  };

  static const std::string& lane_of(const QueuedAttempt& attempt);
  // Grants what may be granted in the queue, and forgets the queue when nothing is left of it.
  void serve(const std::string& name, SteadyTime now);
  [[nodiscard]] bool may_grant(const Queue& queue, SteadyTime now) const;
  static std::optional<Choice> choose(Queue& queue);
  void grant(const std::string& name, Queue& queue, const Choice& choice, SteadyTime now);
  void expect(const std::string& name, Queue& queue, SteadyTime now);
  void forget_if_idle(const std::string& name, const Queue& queue);
  // Its place is free.
  std::optional<Lease> release(const AttemptKey& key);
  void hold(Lease& lease, SteadyTime until);
  void remember(const AttemptKey& key, AttemptAnswer how);
  void serve_all(SteadyTime now);

  QueueLimits limits_;
  Phase phase_;
  SteadyTime began_;
  std::map<std::string, Queue> queues_;  // those with something in them, or with rules
  std::map<AttemptKey, Waiting> waiting_;
  std::map<AttemptKey, Lease> leases_;
  std::set<std::pair<SteadyTime, AttemptKey>> holds_;  // of cancelled leases
  std::set<std::pair<SteadyTime, std::string>> wakes_;
  std::map<PollId, std::string> polls_;  // at which queue each waits
  std::map<AttemptKey, AttemptAnswer> ended_;
  std::deque<AttemptKey> ended_order_;
  Ticket added_ = 0;
  std::vector<Match> granted_;
};

}  // namespace reprise
