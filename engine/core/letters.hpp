// Letters: what a run owes to other runs, wherever those live. The outbox is the history itself.
//
// Guarantees: letters_of() is a function of the run's state, so that what is owed outlives a crash
//             without rows of its own: a run with open letters keeps its busy mark, is loaded at the
//             next start, and posts them again. Every receiver knows a repetition: a start by its key,
//             a signal by its key, an end by the child that is still open; the others change nothing
//             the second time.
// Why:        ADR-0012.
#pragma once

#include <compare>
#include <vector>

#include "engine/core/run_state.hpp"

namespace reprise {

enum class LetterKind : std::uint8_t {
  start_child = 1,   // answered by ChildStarted, or ChildClosed when it is refused
  cancel_child = 2,  // its author asked for it
  close_child = 3,   // the parent has ended: its policy for the child
  message = 4,       // answered by MessageAnswered
  tell_parent = 5,   // how this run ended; command 0
  call_back = 6,     // starts the workflow that tells a receiver elsewhere; command 0
};

struct LetterKey {
  LetterKind kind = LetterKind::message;
  CommandId command;
  friend auto operator<=>(const LetterKey&, const LetterKey&) = default;
};

std::vector<LetterKey> letters_of(const RunState& state);

// How a run ended, as its parent records it.
ChildClosed closed_child(CommandId command, const Event& end);

}  // namespace reprise
