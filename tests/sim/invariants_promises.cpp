// What the engine promised, held against what the log has.
#include <algorithm>

#include "engine/core/retry.hpp"
#include "engine/core/rows.hpp"
#include "tests/sim/invariants.hpp"
#include "tests/sim/sim_workflows.hpp"
#include "tests/sim/violation.hpp"

namespace reprise::sim {
namespace {

// How often each token stands in the histories, and where.
struct Found {
  std::map<std::string, std::vector<RunId>> starts;
  std::map<std::string, int> signals;
};

Found find_tokens(const StoreImage& image) {
  Found found;
  for (const auto& [run, history] : image.histories)
    for (const Event& event : history.events) {
      if (!image.is_own(run, event)) continue;
      if (const auto* started = std::get_if<RunStarted>(&event.body);
          started != nullptr && started->continued_from == RunId() && !started->parent)
        found.starts[started->input.bytes].push_back(run);
      if (const auto* signal = std::get_if<SignalReceived>(&event.body);
          signal != nullptr && signal->carried_from == Sequence() &&
          !signal->payload.bytes.starts_with(kOwnMessage))
        ++found.signals[signal->payload.bytes];
    }
  return found;
}

void check_count(const std::string& token, const Request& request, std::size_t count) {
  require(count <= static_cast<std::size_t>(request.sent),
          "{} was sent {} times and stands {} times", token, request.sent, count);
  if (request.keyed) require(count <= 1, "{} has a key and stands {} times", token, count);
  if (request.refused == request.sent)
    require(count == 0, "{} was refused and stands {} times", token, count);
}

void check_starts(const EventLog& log, const Found& found, const Ledger& ledger) {
  std::map<std::string, std::size_t> runs_of_key;
  for (const auto& [token, runs] : found.starts) {
    check_count(token, ledger.starts.at(token), runs.size());
    const auto key = ledger.key_of_start.find(token);
    if (key == ledger.key_of_start.end()) continue;
    require((runs_of_key[key->second] += runs.size()) <= 1, "two runs were started with one key");
    const auto row = log.get(Table::key, key->second);
    require(row->has_value(), "start {} has no key row", token);
    require(decode_key_row(**row)->run == runs.front(), "start {}: its key row names another run",
            token);
  }
  for (const AcknowledgedStart& start : ledger.started) {
    const auto runs = found.starts.find(start.token);
    require(runs != found.starts.end() && std::find(runs->second.begin(), runs->second.end(),
                                                    start.run) != runs->second.end(),
            "start {} of {} was acknowledged and is gone", start.token, start.run);
  }
}

void check_signals(const StoreImage& image, const Found& found, const Ledger& ledger) {
  for (const auto& [token, count] : found.signals)
    check_count(token, ledger.signals.at(token), static_cast<std::size_t>(count));
  for (const AcknowledgedSignal& signal : ledger.signalled) {
    const auto history = image.histories.find(signal.run);
    require(history != image.histories.end() &&
                signal.sequence.value() <= history->second.events.size(),
            "signal {} was acknowledged and is gone", signal.token);
    const Event& event = history->second.events[signal.sequence.value() - 1];
    const auto* received = std::get_if<SignalReceived>(&event.body);
    require(received != nullptr && received->payload.bytes == signal.token,
            "signal {} was acknowledged as event {}, which is something else", signal.token,
            signal.sequence);
  }
}

// Only what an attempt answered first is recorded of it, and only if it was asked.
void check_outcomes(const StoreImage& image, const Ledger& ledger) {
  for (const auto& [run, history] : image.histories)
    for (const Event& event : history.events) {
      const auto* completed = std::get_if<ActivityCompleted>(&event.body);
      if (completed == nullptr || !image.is_own(run, event)) continue;
      const auto given = ledger.outcomes.find({run, completed->command, completed->attempt});
      require(given != ledger.outcomes.end(), "{}: command {} has a result that nobody gave", run,
              completed->command);
      require(std::ranges::any_of(
                  given->second,
                  [&](const Outcome& outcome) { return outcome && *outcome == completed->result; }),
              "{}: command {} has a result that is not the first of its attempt", run,
              completed->command);
    }
}

// What a worker was told is recorded stands in the history.
void check_recorded(const StoreImage& image, const Ledger& ledger) {
  for (const AttemptName& name : ledger.recorded) {
    const auto& [run, command, attempt] = name;
    const auto history = image.histories.find(run);
    require(history != image.histories.end() && has_outcome(history->second.events, name),
            "{}: the outcome of attempt {} of command {} was called recorded and is gone", run,
            attempt, command);
  }
}

// What a run did not take goes over to the run that it continues as, once and in its order.
void check_continued(const StoreImage& image) {
  for (const auto& [run, history] : image.histories) {
    const auto& started = image.states.at(run).started();
    if (started->continued_from == RunId() || image.copies.contains(run)) continue;
    const auto before = image.histories.find(started->continued_from);
    require(before != image.histories.end(), "{} continues a run that is gone", run);
    const auto* end = std::get_if<RunContinued>(&before->second.events.back().body);
    require(end != nullptr && end->next_run == run && end->input == started->input,
            "{} continues {}, which ended otherwise", run, started->continued_from);
    Sequence last;
    for (const Event& event : history.events) {
      const auto* signal = std::get_if<SignalReceived>(&event.body);
      if (signal == nullptr || signal->carried_from == Sequence()) continue;
      require(last < signal->carried_from, "{}: carried signals are out of order", run);
      last = signal->carried_from;
      const auto* original =
          std::get_if<SignalReceived>(&before->second.events[last.value() - 1].body);
      require(original != nullptr && original->payload == signal->payload,
              "{}: event {} is not what was carried", run, event.sequence);
    }
  }
}

}  // namespace

bool has_outcome(const std::vector<Event>& events, const AttemptName& attempt) {
  const auto& [run, command, number] = attempt;
  if (number.value() > kAttemptEventsMax) return true;
  const auto says = [&]<typename Body>(const Body& body) {
    if constexpr (std::same_as<Body, ActivityCompleted> || std::same_as<Body, ActivityFailed> ||
                  std::same_as<Body, ActivityAttemptFailed>)
      return body.command == command && body.attempt == number;
    else
      return false;
  };
  return std::ranges::any_of(events,
                             [&](const Event& event) { return std::visit(says, event.body); });
}

// An update's id is taken once in a run, and an acknowledged one is there.
void check_updates(const StoreImage& image, const Ledger& ledger) {
  std::map<std::string, int> taken;
  for (const auto& [run, history] : image.histories)
    for (const Event& event : history.events)
      if (const auto* update = std::get_if<UpdateAccepted>(&event.body);
          update != nullptr && update->carried_from == Sequence() && image.is_own(run, event))
        require(++taken[update->id] == 1, "update {} was accepted twice", update->id);
  for (const AcknowledgedUpdate& update : ledger.updated) {
    const auto history = image.histories.find(update.run);
    require(history != image.histories.end() &&
                update.sequence.value() <= history->second.events.size(),
            "update {} was acknowledged and is gone", update.id);
    const auto* accepted =
        std::get_if<UpdateAccepted>(&history->second.events[update.sequence.value() - 1].body);
    require(accepted != nullptr && accepted->id == update.id,
            "update {} was acknowledged as an event that is something else", update.id);
  }
}

void check_promises(const EventLog& log, const StoreImage& image, const Ledger& ledger) {
  const Found found = find_tokens(image);
  check_starts(log, found, ledger);
  check_signals(image, found, ledger);
  check_outcomes(image, ledger);
  check_recorded(image, ledger);
  check_continued(image);
  check_copies(image, ledger);
  check_updates(image, ledger);
  check_families(image);
  for (const RunId& run : ledger.terminated)
    require(image.states.at(run).status() == RunStatus::terminated,
            "the termination of {} was acknowledged and is gone", run);
  for (const RunId& run : ledger.cancelled) {
    const auto state = image.states.find(run);
    require(state != image.states.end() && state->second.cancel_requested(),
            "the cancellation of {} was acknowledged and is gone", run);
  }
}

}  // namespace reprise::sim
