// SimReset: one reset of a run, request by request, so that anything can come between them. It asks for
// what EngineImpl::reset asks for, in pages so small that a copy takes several.
#pragma once

#include <optional>

#include "engine/runtime/fork_copy.hpp"
#include "tests/sim/ledger.hpp"
#include "tests/sim/prng.hpp"

namespace reprise::sim {

class SimReset {
 public:
  SimReset(const EventLog& log, const Catalog& catalog, ResetRequest request, ForkPlan plan)
      : log_(log), catalog_(catalog), request_(std::move(request)), plan_(std::move(plan)) {}

  // What is under way at the cut cannot be had twice.
  [[nodiscard]] bool is_refused(UtcTime now) const;
  // The first request. The latest run may have ended already.
  [[nodiscard]] ControlInput termination() const;
  // Then these, one after the other. Nothing when the workflow has no run any more, or when what is to
  // be copied has gone.
  std::optional<ForkInput> next_page(UtcTime now, Prng& prng);

  [[nodiscard]] const RunId& run() const { return plan_.to; }
  [[nodiscard]] Copy copy() const { return {plan_.from, plan_.through, plan_.keep_signals}; }

 private:
  const EventLog& log_;
  const Catalog& catalog_;
  ResetRequest request_;
  ForkPlan plan_;
  std::optional<ForkCopy> copy_;
};

}  // namespace reprise::sim
