// Run: one run in memory. Its history's fold, its coroutine, its view, and the record under way.
//
// Life:       Run → replay(record)* → live → { accept(event)* → seal() → … }
// Guarantees: replay runs the code at the recorded activations only and compares every command with
//             the log; at the first difference the run is parked: both sides are kept, the history is
//             not touched, inputs are still accepted, and the code runs no more in this process.
//             seal() gives what accept() and one activation added as one record that follows the hash
//             of the record before; an activation over a limit leaves no trace but the parked reason.
// Thread:     its shard's.
// Errors:     replay: corrupt (the chain, the bytes, an illegal history), unsupported (a kind newer
//             than this build): the run cannot be served. Why: ADR-0003, ADR-0004.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "engine/core/catalog.hpp"
#include "engine/core/codec.hpp"
#include "engine/core/describe.hpp"
#include "engine/core/execution.hpp"
#include "engine/core/run_state.hpp"
#include "engine/core/view.hpp"

namespace reprise {

enum class Activate : bool { not_yet, if_it_can };

class Run {
 public:
  Run(const Catalog& catalog, RunId id, std::string build, ActivationLimits limits = {});

  // The next record of the history.
  Result<> replay(std::string_view record, const BlobSource& blobs);

  // Takes a fact in: it is part of the next sealed record. The caller has checked that it is legal.
  void accept(EventBody body, UtcTime time);
  [[nodiscard]] std::size_t unsealed() const { return record_.events.size(); }
  // Pending inputs wait, and the code may run on them.
  [[nodiscard]] bool can_activate(UtcTime now) const {
    return !parked_ && state_.may_activate(now);
  }

  struct Sealed {
    Sequence first;
    EncodedRecord record;
    std::vector<Event> events;
    bool view_changed = false;
  };
  // Activates if it can, and encodes what is new; nothing when nothing is new. An activation without
  // any event to stand with (of inputs that waited while the run was parked, and no command came) is
  // written with the next event: until then the log has its inputs as pending, which is as true.
  std::optional<Sealed> seal(UtcTime now, Activate activate = Activate::if_it_can);
  // Of a run that has just continued as new: what goes over to the next one.
  [[nodiscard]] std::vector<EventBody> untaken_messages() const {
    return execution_ ? execution_->untaken_messages() : std::vector<EventBody>{};
  }
  [[nodiscard]] bool has_unwritten_activation() const { return !record_.activations.empty(); }

  [[nodiscard]] const RunId& id() const { return state_.run(); }
  [[nodiscard]] const RunState& state() const { return state_; }
  [[nodiscard]] RunState& state() { return state_; }
  [[nodiscard]] const std::optional<ParkedReason>& parked() const { return parked_; }
  [[nodiscard]] RunView view() const { return view_->view(); }
  [[nodiscard]] RunDescription describe() const;
  [[nodiscard]] const Digest& tail() const { return tail_; }
  // How often replay has run the code.
  [[nodiscard]] std::uint64_t activations() const { return activations_; }
  Result<Payload> query(const std::string& name, const Payload& arguments);
  // May the update be accepted? Asks its validator.
  Result<> check_update(const std::string& name, const Payload& input) const;

 private:
  [[nodiscard]] Result<> must_be_running() const;
  void learn_type(const RunStarted& started);
  Result<> replay_event(const Event& event);
  Result<> replay_activation(const Record& record, const Activation& activation);
  void compare(const std::vector<EventBody>& issued, const Record& record,
               const Activation& activation);
  bool activate(UtcTime now);
  void apply_activation();
  void drop_activation(const Error& why);
  void park(Sequence at, std::string expected, std::string found);

  const Catalog& catalog_;
  std::string build_;
  ActivationLimits limits_;
  RunState state_;
  std::optional<RunViewFolder> view_;
  std::unique_ptr<Execution> execution_;
  std::optional<ParkedReason> parked_;
  UtcTime last_now_;
  std::uint64_t activations_ = 0;
  Digest tail_;
  Record record_;  // accepted, not yet sealed
  bool view_changed_ = false;
};

// One line for a person: "activity_scheduled 3 task.review v1, input 9f3c…".
std::string to_text(const EventBody& body);

}  // namespace reprise
