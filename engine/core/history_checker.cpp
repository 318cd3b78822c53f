#include "engine/core/history_checker.hpp"

#include <fmt/format.h>

namespace reprise {

HistoryChecker::HistoryChecker(const Catalog& catalog, const RunId& run)
    : catalog_(catalog), state_(run), tail_(chain_start(run)) {}

Result<> HistoryChecker::take(const DecodedRecord& decoded, std::size_t bytes) {
  const Record& record = decoded.record;
  if (record.previous != tail_)
    return fail(Errc::corrupt,
                fmt::format("the record of event {} does not follow the one before it",
                            record.events.front().sequence));
  tail_ = decoded.hash;
  auto activation = record.activations.begin();
  for (std::size_t i = 0; i < record.events.size(); ++i) {
    for (; activation != record.activations.end() && activation->first_command <= i; ++activation)
      if (Result<> ok = state_.consume(activation->consumed); !ok) return ok;
    if (Result<> ok = take_event(record.events[i]); !ok) return ok;
  }
  for (; activation != record.activations.end(); ++activation)
    if (Result<> ok = state_.consume(activation->consumed); !ok) return ok;
  records_ += 1;
  bytes_ += bytes;
  return {};
}

Result<> HistoryChecker::take_event(const Event& event) {
  if (Result<> ok = state_.apply(event); !ok) return ok;
  if (const auto* started = std::get_if<RunStarted>(&event.body)) {
    const WorkflowType* type = catalog_.find(started->type);
    view_.emplace(state_.run(), type != nullptr ? &type->view : nullptr);
  }
  view_->apply(event);
  return {};
}

}  // namespace reprise
