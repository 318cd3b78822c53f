// Resets: what a copy of a run begins with is what the original was.
#include <algorithm>

#include "tests/sim/invariants.hpp"
#include "tests/sim/violation.hpp"

namespace reprise::sim {
namespace {

// A copy has no parent, and says what it is a copy of.
EventBody as_copied(const EventBody& body, const EventBody& copy) {
  const auto* started = std::get_if<RunStarted>(&body);
  const auto* of_copy = std::get_if<RunStarted>(&copy);
  if (started == nullptr || of_copy == nullptr) return body;
  RunStarted expected = *started;
  expected.parent.reset();
  expected.origins = of_copy->origins;
  return expected;
}

std::vector<EventBody> signals_behind(const StoredHistory& history, Sequence through) {
  std::vector<EventBody> signals;
  for (const Event& event : history.events) {
    const auto* signal = std::get_if<SignalReceived>(&event.body);
    if (signal == nullptr || event.sequence <= through) continue;
    SignalReceived again = *signal;
    again.carried_from = event.sequence;
    signals.emplace_back(std::move(again));
  }
  return signals;
}

void check_copy(const RunId& run, const Copy& copy, const StoredHistory& original,
                const StoredHistory& history) {
  const std::size_t copied = copy.through.value();
  require(history.events.size() > copied && original.events.size() >= copied,
          "{} has {} events, and its copy of them {}", copy.from, original.events.size(), run);
  for (std::size_t i = 0; i < copied; ++i) {
    const Event& event = history.events[i];
    require(event.time == original.events[i].time &&
                event.body == as_copied(original.events[i].body, event.body),
            "{}: event {} is not the one of {}", run, event.sequence, copy.from);
  }
  const auto* forked = std::get_if<RunForked>(&history.events[copied].body);
  require(forked != nullptr && forked->from == copy.from && forked->through == copy.through,
          "{} does not say that it is a copy of {}", run, copy.from);
  const std::vector<EventBody> signals =
      copy.keeps_signals ? signals_behind(original, copy.through) : std::vector<EventBody>();
  require(history.events.size() > copied + signals.size(), "{} misses signals of {}", run,
          copy.from);
  for (std::size_t i = 0; i < signals.size(); ++i)
    require(history.events[copied + 1 + i].body == signals[i],
            "{}: event {} is not signal {} of {}", run, copied + 2 + i, i, copy.from);
}

}  // namespace

void check_copies(const StoreImage& image) {
  for (const auto& [run, copy] : image.copies)
    check_copy(run, copy, image.histories.at(copy.from), image.histories.at(run));
}

}  // namespace reprise::sim
