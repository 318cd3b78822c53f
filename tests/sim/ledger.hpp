// Ledger: what callers were promised and what activities answered, kept outside of the engine and
// over all its lives. What the log says is held against it.
#pragma once

#include <expected>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "engine/core/messages.hpp"
#include "tests/sim/histories.hpp"

namespace reprise::sim {

using AttemptName = std::tuple<RunId, CommandId, Attempt>;
using Outcome = std::expected<Payload, ActivityFailure>;

// How the copies of one request fared. Every request carries a token of its own in its payload.
struct Request {
  bool keyed = false;
  int sent = 0;
  int refused = 0;  // answered with an error: not applied
};

struct AcknowledgedStart {
  WorkflowId workflow;
  RunId run;
  std::string token;
};
struct AcknowledgedSignal {
  RunId run;
  Sequence sequence;
  std::string token;
};

struct AcknowledgedUpdate {
  RunId run;
  Sequence sequence;
  std::string id;
};

// A copy of a run that a reset makes. It is there with its last page, or never.
struct Copy {
  RunId from;
  Sequence through;  // the last event that was copied
  bool keeps_signals = true;
};

struct Ledger {
  std::map<std::string, Request> starts;            // by token
  std::map<std::string, Request> signals;           // by token
  std::map<std::string, std::string> key_of_start;  // token → key row's key
  std::vector<AcknowledgedStart> started;
  std::vector<AcknowledgedSignal> signalled;
  std::vector<AcknowledgedUpdate> updated;
  std::set<RunId> terminated;
  std::set<RunId> cancelled;
  std::map<RunId, StoredHistory> to_delete;  // closed runs whose deletion was asked, as they were
  std::map<RunId, Copy> copies;
  std::set<RunId> copied;  // those of them that were acknowledged to be whole
  // The first outcome that the engine was given for an attempt, in each of its lives.
  std::map<AttemptName, std::vector<Outcome>> outcomes;
  std::set<AttemptName> given;     // in this life
  std::set<AttemptName> recorded;  // workers were told that the outcome is durable

  // A copy that came to nothing: what there is of it waits to be erased.
  [[nodiscard]] bool is_half(const EventLog& log, const RunId& run) const {
    return copies.contains(run) && !copied.contains(run) && !to_delete.contains(run) &&
           log.get(Table::deleted, run.bytes())->has_value();
  }
  // Of a run as they are durable, or were when its deletion began.
  [[nodiscard]] std::vector<Event> events_of(const EventLog& log, const RunId& run) const {
    const auto deleted = to_delete.find(run);
    return deleted != to_delete.end() ? deleted->second.events : stored_events(log, run);
  }

  void gave(const AttemptName& attempt, const Outcome& outcome) {
    if (given.insert(attempt).second) outcomes[attempt].push_back(outcome);
  }
};

}  // namespace reprise::sim
