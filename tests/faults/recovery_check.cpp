#include "tests/faults/recovery_check.hpp"

#include <fmt/format.h>

#include "engine/runtime/recovery.hpp"
#include "engine/runtime/verify.hpp"

namespace reprise::testing {
namespace {

Verdict refused(const Error& error) { return {Verdict::Kind::refused, to_string(error)}; }
Verdict wrong(std::string why) { return {Verdict::Kind::wrong, std::move(why)}; }

// After how many of its appends a store is as `log` is.
Result<std::size_t> appends_in(const EventLog& log, const StoreStates& states) {
  const Result<Digest> content = content_of(log);
  if (!content) return std::unexpected(content.error());
  if (const auto found = states.find(*content)) return *found;
  return fail(Errc::corrupt, "it holds a state that it never had");
}

std::optional<std::string> wrong_state(const EventLog& log, const StoreStates& states,
                                       const StoreStates::Range& range) {
  const Result<std::size_t> found = appends_in(log, states);
  if (!found) return to_string(found.error());
  if (*found >= range.acknowledged && *found <= range.begun) return std::nullopt;
  return fmt::format("it holds {} appends; {} were acknowledged, {} begun", *found,
                     range.acknowledged, range.begun);
}

}  // namespace

Verdict RecoveryCheck::check(const StoreImage& image, const Promise& promise) {
  files_.install(image);
  return look({states_, ledger_, promise});
}

Verdict RecoveryCheck::check_and_live(const StoreImage& image, const Promise& promise) {
  files_.install(image);
  const Expected expected{states_, ledger_, promise};
  if (Verdict seen = look_as_a_reader(expected); seen.kind != Verdict::Kind::whole) return seen;
  if (Verdict seen = look(expected); seen.kind != Verdict::Kind::whole) return seen;
  files_.install(image);
  return live(promise);
}

// What is there before the check of the store writes anything, then the check itself.
Verdict RecoveryCheck::look(const Expected& expected) const {
  const auto& [states, ledger, promise] = expected;
  const DataDir& data = files_.data();
  Result<DurableFloor> floor = open_floor(data.floor(), RocksDbLog::exists(data.log(), options()));
  if (!floor) return refused(floor.error());
  const auto log = RocksDbLog::open(data.log(), options());
  if (!log) return refused(log.error());
  if (auto fault = wrong_state(**log, states, promise.appends)) return wrong(std::move(*fault));
  if (const auto checked = check_store(**log, *floor, kShards); !checked)
    return refused(checked.error());
  if (const auto report = verify_store(**log, catalog_, floor->mark()); !report.faults.empty())
    return wrong("verification: " + to_string(report.faults.front()));
  if (auto missing = ledger.missing_in(**log, promise.entries)) return wrong(std::move(*missing));
  return {};
}

Verdict RecoveryCheck::look_as_a_reader(const Expected& expected) const {
  if (!RocksDbLog::exists(files_.data().log(), options())) return {};
  const auto log = RocksDbLog::open_read_only(files_.data().log(), options());
  if (!log) return refused(log.error());
  if (auto fault = wrong_state(**log, expected.states, expected.promise.appends))
    return wrong("to a reader " + *fault);
  return {};
}

// Each run that was sent signals takes one more.
Verdict RecoveryCheck::live(const Promise& promise) const {
  StoreStates states(states_);
  Ledger ledger = ledger_.first(promise.entries);
  {
    const auto log = RocksDbLog::open(files_.data().log(), options());
    if (!log) return refused(log.error());
    const Result<std::size_t> appends = appends_in(**log, states);
    if (!appends) return wrong(to_string(appends.error()));
    if (const auto resumed = states.resume_at(*appends, **log); !resumed)
      return wrong(to_string(resumed.error()));
  }
  {
    auto store = ServedStore::open(files_.data(), files_.env(), states, ledger);
    if (!store) return refused(store.error());
    for (const WorkflowId& workflow : ledger.signalled_workflows())
      (*store)->signal(workflow.text(), "one more");
    (*store)->stop();
  }
  return look({states, ledger, {.appends = states.range(), .entries = ledger.size()}});
}

}  // namespace reprise::testing
