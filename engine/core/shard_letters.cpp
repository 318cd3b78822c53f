// What runs say to each other: posted once it is durable that it is owed, taken in as requests.
#include <fmt/format.h>

#include "base/passing.hpp"
#include "base/planted.hpp"
#include "engine/core/shard.hpp"
#include "engine/core/shard_slot.hpp"

namespace reprise {
namespace {

constexpr Duration kPostAgain = std::chrono::seconds(1);
constexpr std::uint64_t kLetterIds = std::uint64_t{1} << 63U;  // above those of callers

IdempotencyKey key_of(const RunAddress& from, const Payload& payload) {
  return {.tenant = "\x01run",
          .key = fmt::format("{}/{}", from.run, from.command),
          .request = digest_of(payload.bytes)};
}

StartInput start_of(const RunAddress& from, const ChildScheduled& child,
                    const Boxed<Precedence>& precedence) {
  const IdempotencyKey key = key_of(from, child.input);
  StartInput start{.request = {.type = child.type,
                               .workflow = child.workflow,
                               .input = child.input,
                               .run_timeout = child.run_timeout,
                               .execution_timeout = child.execution_timeout,
                               .precedence = precedence,
                               .key = key}};
  const Digest digest = digest_of(key.key);
  start.entropy_high = leading_u64(digest);
  start.entropy_low = leading_u64(digest_of(digest.view()));
  start.parent = from;
  return start;
}

// Ids and URLs have no character that JSON would write otherwise: the start checked it.
StartInput callback_of(const RunAddress& from, const std::string& url) {
  StartInput start{
      .request = {.type = std::string(kCallbackType),
                  .workflow = WorkflowId(fmt::format("{}{}", kCallbackIdPrefix, from.run)),
                  .input = {fmt::format(R"({{"run_id":"{}","url":"{}","workflow_id":"{}"}})",
                                        from.run, url, from.workflow)},
                  .id_reuse = IdReuse::reject}};
  const Digest digest = digest_of(start.request.workflow->text());
  start.entropy_high = leading_u64(digest);
  start.entropy_low = leading_u64(digest_of(digest.view()));
  return start;
}

}  // namespace

// What is owed and not under way is posted. Done again when the run comes back into memory.
void Shard::post_letters(Turn& turn, Slot& slot) {
  for (const LetterKey& key : slot.owed()) {
    if (!slot.posted.insert(key).second) continue;
    Letter letter = letter_of(slot, key);
    WorkflowId to = std::visit(
        [](const auto& content) { return WorkflowId(*std::optional(content.request.workflow)); },
        *letter.content);
    turn.step.actions.push_back(Post{std::move(to), std::make_shared<Input>(std::move(letter))});
  }
}

Letter Shard::letter_of(const Slot& slot, const LetterKey& key) {
  const RunState& state = slot.run.state();
  const RunStarted& started = *state.started();
  const RunAddress from{started.workflow, state.run(), key.command};
  Letter letter{.from = from, .kind = key.kind, .content = std::make_shared<Letter::Content>()};
  const auto child = [&]() -> const ChildScheduled& {
    return state.children().at(key.command).scheduled;
  };
  const auto cancel = [&] {
    return CancelInput{{}, {child().workflow, {}, "its parent cancelled it", from}};
  };
  switch (key.kind) {
    case LetterKind::start_child:
      *letter.content = start_of(from, child(), started.precedence);
      break;
    case LetterKind::cancel_child: *letter.content = cancel(); break;
    case LetterKind::close_child:
      if (child().on_close == ParentClose::cancel)
        *letter.content = cancel();
      else
        *letter.content = ControlInput{
            {}, {child().workflow, {}, Control::terminate, "its parent has ended", from}};
      break;
    case LetterKind::message: {
      const MessageSent& sent = state.messages().at(key.command);
      if (sent.verb == MessageVerb::cancel)
        *letter.content = CancelInput{{}, {sent.to, {}, sent.payload.bytes, {}}};
      else if (sent.verb == MessageVerb::terminate)
        *letter.content =
            ControlInput{{}, {sent.to, {}, Control::terminate, sent.payload.bytes, {}}};
      else
        *letter.content =
            SignalInput{{}, {sent.to, {}, sent.name, sent.payload, key_of(from, sent.payload)}};
      break;
    }
    case LetterKind::tell_parent:
      *letter.content = ChildEndedInput{{},
                                        {started.parent->workflow, started.parent->run, state.run(),
                                         closed_child(started.parent->command, *state.end())}};
      break;
    case LetterKind::call_back: *letter.content = callback_of(from, *started.callback_url); break;
  }
  return letter;
}

void Shard::on(Turn& turn, Letter& letter) {
  const RequestId id(kLetterIds | ++letters_taken_);
  letters_.emplace(id, LetterFrom{std::move(letter.from), letter.kind});
  std::visit(
      [&](auto& content) {
        content.id = id;
        on(turn, content);
      },
      *letter.content);
}

void Shard::on(Turn& turn, LetterAnswered& input) {
  const auto found = slots_.find(input.from.run);
  if (found == slots_.end()) return;
  Slot& slot = *found->second;
  const LetterKey key{input.kind, input.from.command};
  if (slot.posted.erase(key) == 0) return;  // of an earlier life
  if (!input.answer && is_passing(input.answer.error())) {
    if (!PLANTED(unasked_again))
      expect_due(turn.now.utc + kPostAgain, {slot.run.id(), CommandId()});
    return;
  }
  answered(turn, slot, key, input.answer);
}

// The other run has done, or refused, what was asked. Events say so while the run is open.
void Shard::answered(Turn& turn, Slot& slot, const LetterKey& key, const Result<Answer>& answer) {
  RunState& state = slot.run.state();
  const bool is_open = !state.closed();
  const std::string type(answer ? "" : to_string(answer.error().code));
  const std::string why = answer ? "" : answer.error().detail;
  if (key.kind == LetterKind::start_child && state.children().contains(key.command)) {
    const RunId run = answer ? std::get<StartAnswer>(*answer).run : RunId();
    if (state.children().at(key.command).run) return;  // its end came first
    if (is_open && answer) {
      take_in(turn, slot, ChildStarted{key.command, run});
      return;
    }
    if (is_open) {
      take_in(turn, slot, ChildClosed{key.command, {}, type, why});
      return;
    }
    if (answer)
      state.child_started(key.command, run);
    else
      slot.delivered.insert(key);
  } else if (key.kind == LetterKind::message && is_open) {
    if (state.messages().contains(key.command))
      take_in(turn, slot, MessageAnswered{key.command, type, why});
    return;
  } else {
    slot.delivered.insert(key);
  }
  post_letters(turn, slot);
  if (!slot.owed().empty()) return;
  write_marks(turn, slot);
  if (!is_open) turn.settled.push_back(slot.run.id());
}

}  // namespace reprise
