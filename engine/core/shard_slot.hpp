// The inner structures of Shard, shared by its sources only.
#pragma once

#include <set>
#include <vector>

#include "engine/core/letters.hpp"
#include "engine/core/shard.hpp"

namespace reprise {

// A run in memory, or on its way there.
struct Shard::Slot {
  Slot(const Catalog& catalog, const RunId& id, const ShardConfig& config)
      : run(catalog, id, config.build, config.limits.activation) {
    if (config.stuck && config.stuck->contains(id)) run.keep_from_running();
  }

  Run run;
  bool live = false;              // its history is here to the end
  bool touched = false;           // has something to seal at the end of this turn
  bool created = false;           // its first record is not sealed yet
  bool starts_later = false;      // continues another run, whose end is not durable yet
  bool recovering = false;        // its load counts against waking_max
  bool hurried = false;           // and yet callers wait for it
  bool holds_marks = false;       // the next busy marks are read behind its load
  UtcTime due{};                  // of a load that nobody waits for: when it was to be called
  std::uint64_t load = 0;         // the answers to earlier loads are of no use
  bool deleted = false;           // its load may have seen a part of it
  bool window = false;            // what is unsealed are local steps that share a commit
  std::size_t weight = 0;         // its part of cached_bytes_
  std::vector<Input> waiting;     // for the load
  BatchNumber last_batch;         // holds its latest record
  std::set<LetterKey> posted;     // and not answered yet
  std::set<LetterKey> delivered;  // answered, without an event that says so
  // What stands in the tables for it.
  std::optional<UtcTime> wake_row;
  bool busy_row = false;  // a busy mark is there, for certain
  bool parked_row = false;
  std::list<RunId>::iterator recent;

  // The letters that nobody has answered.
  [[nodiscard]] std::vector<LetterKey> owed() const {
    std::vector<LetterKey> letters = letters_of(run.state());
    std::erase_if(letters, [this](const LetterKey& key) { return delivered.contains(key); });
    return letters;
  }
  [[nodiscard]] bool has_open_work() const {
    if (!owed().empty()) return true;
    const RunState& state = run.state();
    const bool inputs_wait = !state.pending().empty() && !state.paused() && !state.starts_at();
    return !state.closed() &&
           (!state.activities().empty() || inputs_wait || run.has_unwritten_activation());
  }
  // A closed run is served as it is, whether this build would replay it or not.
  [[nodiscard]] bool wants_parked_row() const {
    return run.parked().has_value() && !run.state().closed();
  }
};

// What is known of a workflow id.
struct Shard::WorkflowEntry {
  bool known = false;
  BatchNumber held_until;          // before it is durable, the log does not say it
  std::optional<WorkflowRow> row;  // nothing: no run has this id
  std::vector<Input> waiting;
};

struct Shard::KeyEntry {
  bool known = false;
  BatchNumber held_until;
  std::optional<KeyRow> row;
  std::vector<Input> waiting;
};

struct Shard::Turn {
  Moment now;
  Step step;
  std::vector<RunId> touched;  // in the order they were
  std::vector<RunId> settled;  // closed runs that owe nothing any more
  std::size_t woken = 0;       // of those that count against waking_max
};

}  // namespace reprise
