#include "engine/core/describe.hpp"

namespace reprise {

RunOutcome outcome_of(const RunId& run, const Event& end) {
  RunOutcome outcome{.run = run, .closed_at = end.time};
  if (const auto* completed = std::get_if<RunCompleted>(&end.body)) {
    outcome.result = completed->result;
  } else if (const auto* failed = std::get_if<RunFailed>(&end.body)) {
    outcome.status = RunStatus::failed;
    outcome.error_type = failed->type;
    outcome.message = failed->message;
  } else if (const auto* cancelled = std::get_if<RunCancelled>(&end.body)) {
    outcome.status = RunStatus::cancelled;
    outcome.message = cancelled->reason;
  } else if (const auto* continued = std::get_if<RunContinued>(&end.body)) {
    outcome.status = RunStatus::continued;
    outcome.next_run = continued->next_run;
  } else if (const auto* terminated = std::get_if<RunTerminated>(&end.body)) {
    outcome.status = RunStatus::terminated;
    outcome.message = terminated->reason;
  } else if (const auto* timed_out = std::get_if<RunTimedOut>(&end.body)) {
    outcome.status = RunStatus::timed_out;
    outcome.message = timed_out->execution ? "the execution's deadline has passed"
                                           : "the run's deadline has passed";
  }
  return outcome;
}

}  // namespace reprise
