#include "tests/sim/sim_reset.hpp"

#include <algorithm>

#include "engine/core/rows.hpp"
#include "tests/sim/violation.hpp"

namespace reprise::sim {

bool SimReset::is_refused(UtcTime now) const {
  ForkCopy trial(log_, catalog_, plan_, plan_.from);
  for (;;) {
    const Result<ForkRequest> page = trial.next_page(now);
    require(page || page.error().code == Errc::conflict, "{} cannot be copied: {}", plan_.from,
            page ? "" : to_string(page.error()));
    if (!page) return true;
    if (page->is_last) return false;
  }
}

ControlInput SimReset::termination() const {
  return {.id = {}, .request = {request_.workflow, {}, Control::terminate, "reset", {}}};
}

std::optional<ForkInput> SimReset::next_page(UtcTime now, Prng& prng) {
  constexpr std::uint64_t kPageBytesMax = 1500;
  if (!copy_) {
    const auto row = log_.get(Table::workflow, request_.workflow.text());
    if (!*row) return std::nullopt;
    const RunId latest = decode_workflow_row(**row)->run;
    const UtcTime born = std::max(now, latest.born() + std::chrono::milliseconds(1));
    const std::uint64_t high = prng.next();
    plan_.to = RunId::make(born, high, prng.next());
    copy_.emplace(log_, catalog_, plan_, latest, 1 + prng.below(kPageBytesMax));
  }
  Result<ForkRequest> page = copy_->next_page(now);
  require(page || log_.get(Table::deleted, plan_.from.bytes())->has_value(),
          "{} is there, and cannot be copied: {}", plan_.from, page ? "" : to_string(page.error()));
  if (!page) return std::nullopt;
  return ForkInput{.id = {}, .request = std::move(*page)};
}

}  // namespace reprise::sim
