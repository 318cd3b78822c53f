// Resets: what a copy of a run begins with is what the original was.
#include <algorithm>

#include "tests/sim/invariants.hpp"
#include "tests/sim/violation.hpp"

namespace reprise::sim {
namespace {

// A copy has no parent, and says what it is a copy of.
EventBody as_copied(const Copy& copy, const StoredHistory& original, const EventBody& body) {
  const auto* started = std::get_if<RunStarted>(&body);
  if (started == nullptr) return body;
  CommandId last_command;
  for (std::size_t i = 0; i < copy.through.value(); ++i)
    if (class_of(original.events[i].body) == EventClass::command)
      last_command = std::max(last_command, command_of(original.events[i].body));
  RunStarted expected = *started;
  expected.parent = {};
  if (!expected.origins) expected.origins = std::vector<ForkOrigin>();
  expected.origins->push_back({copy.from, last_command});
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
                event.body == as_copied(copy, original, original.events[i].body),
            "{}: event {} is not the one of {}", run, event.sequence, copy.from);
  }
  const auto* forked = std::get_if<RunForked>(&history.events[copied].body);
  require(forked != nullptr && forked->from == copy.from && forked->through == copy.through &&
              forked->shift == history.events[copied].time - original.events[copied - 1].time,
          "{} does not say that it is a copy of {}, or when it was made", run, copy.from);
  const std::vector<EventBody> signals =
      copy.keeps_signals ? signals_behind(original, copy.through) : std::vector<EventBody>();
  require(history.events.size() > copied + signals.size(), "{} misses signals of {}", run,
          copy.from);
  for (std::size_t i = 0; i < signals.size(); ++i)
    require(history.events[copied + 1 + i].body == signals[i],
            "{}: event {} is not signal {} of {}", run, copied + 2 + i, i, copy.from);
  const std::size_t behind = copied + 1 + signals.size();
  const auto* more = behind < history.events.size()
                         ? std::get_if<SignalReceived>(&history.events[behind].body)
                         : nullptr;
  require(more == nullptr || more->carried_from == Sequence(), "{} has signals too many of {}", run,
          copy.from);
}

}  // namespace

void check_copies(const StoreImage& image, const Ledger& ledger) {
  for (const RunId& run : ledger.copied)
    require(image.histories.contains(run), "{} was acknowledged to be whole, and is gone", run);
  for (const auto& [run, copy] : image.copies)
    check_copy(run, copy, image.histories.at(copy.from), image.histories.at(run));
}

}  // namespace reprise::sim
