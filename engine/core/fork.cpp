#include "engine/core/fork.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace reprise {

bool ForkPoint::is_meant(const Event& event) const {
  if (at_.event) return event.sequence == *at_.event;
  const auto* stage = std::get_if<StageEntered>(&event.body);
  return stage != nullptr && stage->name == at_.stage && stage->visit == at_.visit;
}

bool ForkPoint::take(const Record& record) {
  find_cut(record);
  for (const Event& event : record.events) {
    if (cut_ && event.sequence >= *cut_) break;
    if (class_of(event.body) == EventClass::command)
      last_command_ = std::max(last_command_, command_of(event.body));
  }
  last_ = record.events.back().sequence;
  return cut_.has_value();
}

void ForkPoint::find_cut(const Record& record) {
  const auto meant =
      std::ranges::find_if(record.events, [this](const Event& event) { return is_meant(event); });
  if (!target_ && meant != record.events.end()) target_ = meant->sequence;
  if (!target_ || cut_) return;
  const Sequence first = record.events.front().sequence;
  for (const Activation& activation : record.activations) {
    const Sequence begins(first.value() + activation.first_command);
    if (begins.value() + activation.command_count <= target_->value()) continue;
    cut_ = begins;
    return;
  }
  // What ended the run from outside belongs to no activation: without it the run goes on.
  for (const Event& event : record.events)
    if (event.sequence >= *target_ && is_ended_from_outside(event.body)) cut_ = event.sequence;
}

Result<Sequence> ForkPoint::through() const {
  if (!target_ && at_.event)
    return fail(Errc::not_found,
                fmt::format("there is no event {}: the history has {}", *at_.event, last_),
                "event");
  if (!target_)
    return fail(Errc::not_found,
                fmt::format("the run did not enter stage {} (visit {})", at_.stage, at_.visit),
                "stage");
  // Where no code has run on it yet, all of the history stands.
  return cut_ ? Sequence(cut_->value() - 1) : last_;
}

Forker::Forker(const Catalog& catalog, ForkPlan plan)
    : plan_(std::move(plan)), copy_(catalog, plan_.to) {}

// The code goes on seeing the names that it saw; nobody waits for the fork as for a child.
void Forker::rename(RunStarted& started) const {
  if (!started.origins) started.origins = std::vector<ForkOrigin>();
  started.origins->push_back({plan_.from, plan_.last_command});
  started.parent = {};
}

Result<std::optional<ForkedRecord>> Forker::take(const Record& record) {
  Record copy{.run = plan_.to, .previous = {}, .events = {}, .activations = {}};
  for (const Event& event : record.events) {
    const auto* signal = std::get_if<SignalReceived>(&event.body);
    if (event.sequence <= plan_.through) {
      copy.events.push_back(event);
    } else if (signal != nullptr && plan_.keep_signals) {
      signals_.emplace_back(*signal);
      std::get<SignalReceived>(signals_.back()).carried_from = event.sequence;
    }
  }
  if (copy.events.empty()) return std::optional<ForkedRecord>();
  for (const Activation& activation : record.activations)
    if (record.events.front().sequence.value() + activation.first_command <= plan_.through.value())
      copy.activations.push_back(activation);
  if (auto* started = std::get_if<RunStarted>(&copy.events.front().body)) rename(*started);
  last_time_ = copy.events.back().time;
  Result<ForkedRecord> forked = follow(std::move(copy));
  if (!forked) return std::unexpected(std::move(forked.error()));
  return std::optional(std::move(*forked));
}

Result<ForkedRecord> Forker::finish(UtcTime now) {
  const RunState& state = copy_.state();
  if (!state.children().empty() || !state.messages().empty())
    return fail(Errc::conflict,
                fmt::format("behind event {} children or messages to other workflows were under "
                            "way, which cannot be had twice: choose another event",
                            plan_.through),
                "event");
  Record record{.run = plan_.to, .previous = {}, .events = {}, .activations = {}};
  Sequence next = plan_.through.next();
  const auto add = [&](EventBody body) {
    record.events.push_back({next, now, std::move(body)});
    next = next.next();
  };
  add(RunForked{plan_.from, plan_.through, now - last_time_, plan_.reason});
  for (EventBody& signal : signals_) add(std::move(signal));
  return follow(std::move(record));
}

Result<ForkedRecord> Forker::follow(Record record) {
  record.previous = copy_.tail();
  Result<EncodedRecord> encoded = encode_record(record);
  if (!encoded) return std::unexpected(std::move(encoded.error()));
  const Sequence first = record.events.front().sequence;
  if (Result<> ok = copy_.take({std::move(record), encoded->hash}, encoded->bytes.size()); !ok)
    return std::unexpected(std::move(ok.error()));
  return ForkedRecord{first, std::move(*encoded)};
}

}  // namespace reprise
