// SimActivities: the outside world that activities reach. Slow, flaky, repeating itself, never quite
// stopping when told to.
//
// Guarantees: an attempt gives no outcome, one, or several (late, repeated, contradicting); all
//             chosen by the seed, in a stream of the attempt's own. Calm, each attempt succeeds at
//             once.
#pragma once

#include <map>
#include <optional>
#include <set>

#include "engine/core/attempts.hpp"
#include "engine/core/messages.hpp"
#include "tests/sim/marks.hpp"
#include "tests/sim/prng.hpp"
#include "tests/sim/script.hpp"
#include "tests/sim/sim_workflows.hpp"

namespace reprise::sim {

// The stream of chance of an attempt, wherever and whenever it begins.
std::uint64_t stream_of(const AttemptKey& attempt);

class SimActivities {
 public:
  struct Parts {
    std::uint64_t seed;
    Prng& prng;  // of the tick in which they begin
    Marks& marks;
    Script& script;
  };
  explicit SimActivities(const Parts& parts)
      : seed_(parts.seed),
        marks_(parts.marks),
        script_(parts.script),
        flaky_percent_(parts.prng.one_in(4) ? 88 : 22) {}

  void start(const Dispatch& dispatch, SteadyTime now);
  void cancel(const CancelAttempt& cancel);
  void calm() { calm_ = true; }

  struct Ended {
    WorkflowId workflow;
    AttemptEnded ended;
  };
  [[nodiscard]] std::optional<SteadyTime> next() const;
  std::optional<Ended> take(SteadyTime now);

 private:
  void do_step(const Dispatch& dispatch, SteadyTime now);
  void misbehave(const Dispatch& dispatch, SteadyTime now);
  bool is_down(const Dispatch& dispatch);
  void end(const Dispatch& dispatch, SteadyTime at,
           std::expected<Payload, ActivityFailure> outcome);
  ActivityFailure some_failure();

  const std::uint64_t seed_;
  Marks& marks_;
  Script& script_;
  Prng prng_{0};                 // the stream of one attempt
  std::uint64_t flaky_percent_;  // a dependency may be down for a whole life of the engine
  bool calm_ = false;
  std::uint64_t answers_ = 0;
  std::multimap<SteadyTime, Ended> due_;
};

}  // namespace reprise::sim
