// SimActivities: the outside world that activities reach. Slow, flaky, repeating itself, never quite
// stopping when told to.
//
// Guarantees: an attempt gives no outcome, one, or several (late, repeated, contradicting); all
//             chosen by the seed. Calm, each attempt succeeds at once.
#pragma once

#include <map>
#include <optional>
#include <set>

#include "engine/core/messages.hpp"
#include "tests/sim/marks.hpp"
#include "tests/sim/prng.hpp"
#include "tests/sim/sim_workflows.hpp"

namespace reprise::sim {

class SimActivities {
 public:
  SimActivities(Prng& prng, Marks& marks)
      : prng_(prng), marks_(marks), flaky_percent_(prng.one_in(4) ? 88 : 22) {}

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

  Prng& prng_;
  Marks& marks_;
  std::uint64_t flaky_percent_;  // a dependency may be down for a whole life of the engine
  bool calm_ = false;
  std::uint64_t answers_ = 0;
  std::multimap<SteadyTime, Ended> due_;
};

}  // namespace reprise::sim
