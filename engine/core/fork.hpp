// Fork: a run whose history begins as a copy of another run's, up to a point, and goes on by itself.
//
//     ForkPoint point(at); point.take(record)…; point.through()      where the history is cut
//     Forker fork(catalog, {…});  fork.take(record)…; fork.finish()  what the copy consists of
// A cut lies at the start of an activation: the events before it stand, with the inputs that it
// consumed waiting again, and the code runs on from there. So "reset to event n" means: what the
// activation that n belongs to did is done anew.
// Guarantees: the copy is a history of its own, with a chain of its own: it replays to the state that
//             the original had at the cut. Behind it stand a RunForked and, as new inputs, the signals
//             that the original got behind the cut.
// Thread:     one at a time.
// Errors:     not_found (the event, the stage), conflict (children or messages are under way at the
//             cut), limit_exceeded, corrupt.        Why: ADR-0020.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "engine/core/catalog.hpp"
#include "engine/core/codec.hpp"
#include "engine/core/history_checker.hpp"

namespace reprise {

// Where to cut: at an event, or where a stage was entered.
struct ForkAt {
  std::optional<Sequence> event;
  std::string stage;
  std::uint32_t visit = 1;  // of the stage
};

// Looks for the cut in the records of a run, in order.
class ForkPoint {
 public:
  explicit ForkPoint(ForkAt at) : at_(std::move(at)) {}

  // True once the cut is known.
  bool take(const Record& record);
  // The last event that stays, once all records that are needed were taken.
  [[nodiscard]] Result<Sequence> through() const;
  [[nodiscard]] CommandId last_command() const { return last_command_; }

 private:
  void find_cut(const Record& record);
  [[nodiscard]] bool is_meant(const Event& event) const;

  ForkAt at_;
  std::optional<Sequence> target_;
  std::optional<Sequence> cut_;  // the first event that goes
  Sequence last_;
  CommandId last_command_;  // before the cut
};

struct ForkPlan {
  RunId from;
  RunId to;
  Sequence through;
  CommandId last_command;  // that stays
  std::string reason;
  bool keep_signals = true;
};

struct ForkedRecord {
  Sequence first;
  EncodedRecord encoded;
};

class Forker {
 public:
  Forker(const Catalog& catalog, ForkPlan plan);

  // The original's next record; gives the copy's, as far as it stands before the cut.
  Result<std::optional<ForkedRecord>> take(const Record& record);
  // What stands behind the copy. Called once, after the last record of the original.
  Result<ForkedRecord> finish(UtcTime now);

  // Of the fork, once it is finished.
  [[nodiscard]] const RunState& state() const { return copy_.state(); }
  [[nodiscard]] RunView view() const { return copy_.view(); }
  [[nodiscard]] std::size_t signals() const { return signals_.size(); }

 private:
  Result<ForkedRecord> follow(Record record);
  void rename(RunStarted& started) const;

  ForkPlan plan_;
  HistoryChecker copy_;
  UtcTime last_time_;               // of what was copied
  std::vector<EventBody> signals_;  // behind the cut
};

}  // namespace reprise
