#include "engine/core/letters.hpp"

#include "base/planted.hpp"
#include "engine/core/describe.hpp"

namespace reprise {
namespace {

std::optional<LetterKind> letter_to(const OpenChild& child, bool parent_closed) {
  if (!child.run) return LetterKind::start_child;
  if (parent_closed && child.scheduled.on_close != ParentClose::abandon)
    return LetterKind::close_child;
  if (child.cancel_requested) return LetterKind::cancel_child;
  return std::nullopt;
}

}  // namespace

std::vector<LetterKey> letters_of(const RunState& state) {
  std::vector<LetterKey> letters;
  for (const auto& [command, child] : state.children())
    if (const auto kind = letter_to(child, state.closed())) letters.push_back({*kind, command});
  for (const auto& [command, message] : state.messages())
    letters.push_back({LetterKind::message, command});
  const bool has_ended = state.closed() && state.status() != RunStatus::continued;
  if (has_ended && state.started()->parent && !PLANTED(untold_parent))
    letters.push_back({LetterKind::tell_parent, CommandId()});
  if (has_ended && state.started()->callback_url)
    letters.push_back({LetterKind::call_back, CommandId()});
  return letters;
}

ChildClosed closed_child(CommandId command, const Event& end) {
  RunOutcome outcome = outcome_of({}, end);
  ChildClosed closed{.command = command, .result = std::move(outcome.result)};
  if (outcome.status == RunStatus::completed) return closed;
  closed.error_type = outcome.status == RunStatus::failed ? std::move(outcome.error_type)
                                                          : std::string(to_string(outcome.status));
  closed.message = std::move(outcome.message);
  return closed;
}

}  // namespace reprise
