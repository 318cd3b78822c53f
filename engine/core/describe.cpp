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
  }
  return outcome;
}

}  // namespace reprise
