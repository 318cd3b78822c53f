// SimWorkers: remote workers of the simulated engine, and its queues. Workers live in processes of
// their own: they outlive the engine, and speak with tokens of an engine that is gone.
//
// Around the shipped queues stands what engine/runtime/engine_queues.cpp does, without its threads.
// Guarantees: a worker gives no outcome of what it took, one, or several (late, repeated,
//             contradicting, of an earlier life); chosen by the seed, in a stream of the attempt's
//             own. Calm, each attempt succeeds at once. Checks what the engine says to workers: no
//             attempt is given out twice, and what is called recorded is durable then.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "engine/core/activity_queues.hpp"
#include "engine/core/attempt_token.hpp"
#include "engine/core/messages.hpp"
#include "tests/sim/ledger.hpp"
#include "tests/sim/marks.hpp"
#include "tests/sim/prng.hpp"
#include "tests/sim/script.hpp"
#include "tests/sim/sim_clock.hpp"
#include "tests/sim/sim_log.hpp"
#include "tests/sim/trace.hpp"

namespace reprise::sim {

class SimWorkers {
 public:
  struct Parts {
    std::uint64_t seed;
    Prng& prng;  // of the tick
    const SimLog& log;
    const SimClock& clock;
    Marks& marks;
    Trace& trace;
    Script& script;
    Ledger& ledger;
    std::function<void(const WorkflowId&, Input)> give;  // to the shard of this workflow
  };
  explicit SimWorkers(Parts parts) : parts_(std::move(parts)) {}

  // Another life of the engine: it knows nothing of polls and leases.
  void engine_began();
  void calm();

  // From the engine.
  void queue(const Dispatch& dispatch);
  void cancel(const CancelAttempt& cancel);
  static bool is_asked_by_worker(const Reply& reply);
  void on_reply(const Reply& reply);

  // A worker polls, leaves its poll, or says what is due.
  void work();
  // One waits at each queue.
  void poll_everywhere();
  // When a worker next has something to say; and what is due now, one thing at a time.
  [[nodiscard]] std::optional<SteadyTime> next() const;
  bool say_next();

 private:
  // What a worker says of an attempt: how it ended, or, without an outcome, that it is alive.
  struct Word {
    AttemptToken token;
    std::optional<Outcome> outcome;
  };
  using Call = std::variant<QueuedAttempt, Word>;  // a worker wants the attempt, or says the word

  void poll(const std::string& queue);
  void leave();
  // What a change of the queues brought goes to the polls.
  void hand_out();
  [[nodiscard]] SteadyTime now() const { return parts_.clock.steady(); }
  void ask_for(const QueuedAttempt& attempt);
  void taken(const QueuedAttempt& attempt, const Result<Answer>& answer);
  void begin(const AttemptToken& token, const AttemptWork& work);
  void misbehave(const AttemptToken& token, const AttemptWork& work);
  void say(Word word);
  void answered(Word word, const Result<Answer>& answer);
  void stop(const AttemptToken& token);
  void require_recorded(const AttemptToken& token);
  Outcome some_outcome();
  RequestId next_id();

  Parts parts_;
  Prng own_{0};  // the stream of one attempt
  bool calm_ = false;
  std::uint64_t epoch_ = 0;
  std::optional<ActivityQueues> queues_;
  PollId last_poll_;
  std::set<PollId> polls_;  // that wait
  std::set<AttemptKey> leased_;
  std::map<RequestId, Call> calls_;
  std::uint64_t requests_ = 0;
  std::uint64_t answers_ = 0;
  std::multimap<SteadyTime, Word> due_;
};

}  // namespace reprise::sim
