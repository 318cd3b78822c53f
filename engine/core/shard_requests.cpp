// What callers ask, people and other runs: start, signal, update, cancel, control, query, describe.
#include <fmt/format.h>

#include <algorithm>
#include <type_traits>

#include "base/planted.hpp"
#include "engine/core/shard.hpp"
#include "engine/core/shard_slot.hpp"

namespace reprise {
namespace {

constexpr std::size_t kNameBytesMax = 255;
constexpr std::size_t kTextBytesMax = 4096;

// 0, which means "not at all", when the duration is none.
UtcTime after(UtcTime now, Duration duration) {
  return duration > Duration(0) ? now + duration : UtcTime();
}

Boxed<std::string> boxed_unless_empty(std::string text) {
  return text.empty() ? Boxed<std::string>() : Boxed(std::move(text));
}

// It stands in JSON as it is: see callback_of() in shard_letters.cpp.
Result<> check_callback(const std::string& url) {
  constexpr std::size_t kUrlBytesMax = 2000;
  const auto is_plain = [](unsigned char c) {
    return c > ' ' && c < 0x7F && c != '"' && c != '\\';
  };
  if (url.size() <= kUrlBytesMax && std::ranges::all_of(url, is_plain)) return {};
  return fail(
      Errc::invalid_argument,
      fmt::format("a callback's URL has at most {} visible ASCII characters, without \" and \\",
                  kUrlBytesMax),
      "callback_url");
}

Result<> check_labels(const StartRequest& request) {
  if (!request.labels) return {};
  if (request.labels->memo.bytes.size() > kMemoBytesMax)
    return fail(Errc::too_large, fmt::format("a memo has at most {} bytes", kMemoBytesMax), "memo");
  Result<> ok = check_attributes(request.labels->attributes);
  if (!ok)
    ok.error().field = ok.error().field.empty() ? "attributes" : "attributes." + ok.error().field;
  return ok;
}

}  // namespace

void Shard::reply(Turn& turn, RequestId id, Result<Answer> answer) {
  if (const auto letter = letters_.extract(id)) {
    LetterFrom& of = letter.mapped();
    turn.step.actions.push_back(Post{of.from.workflow, std::make_shared<Input>(LetterAnswered{
                                                           of.from, of.kind, std::move(answer)})});
    return;
  }
  turn.step.actions.push_back(Reply{id, std::move(answer)});
}

// The entry of a workflow id that has been looked up; null when `input` now waits for the look-up.
// A page of a copy always has room: a run may have been ended for it, and of each reset one page at
// most is under way.
template <typename Request>
Shard::WorkflowEntry* Shard::known_workflow(Turn& turn, const WorkflowId& workflow,
                                            Request& input) {
  const auto [found, created] = workflows_.try_emplace(workflow);
  WorkflowEntry& entry = found->second;
  if (entry.known) return &entry;
  if (created) turn.step.reads.push_back(LoadWorkflow{workflow});
  constexpr bool kIsPage = std::is_same_v<Request, ForkInput>;
  if (!kIsPage && entry.waiting.size() >= config_.limits.waiting_max)
    reply(turn, input.id,
          fail(Errc::overloaded, "too many requests wait for workflow " + workflow.text()));
  else
    entry.waiting.push_back(std::move(input));
  return nullptr;
}

template <typename Request>
void Shard::wait_for(Turn& turn, Slot& slot, Request& input) {
  if (slot.waiting.size() >= config_.limits.waiting_max)
    return reply(turn, input.id,
                 fail(Errc::overloaded, "too many requests wait for this run to load"));
  slot.waiting.push_back(std::move(input));
  hurry(turn, slot);
}

template void Shard::wait_for(Turn& turn, Slot& slot, AttemptTaken& input);
template void Shard::wait_for(Turn& turn, Slot& slot, DeleteInput& input);
template Shard::WorkflowEntry* Shard::known_workflow(Turn&, const WorkflowId&, DeleteInput&);
template Shard::WorkflowEntry* Shard::known_workflow(Turn&, const WorkflowId&, ForkInput&);

// The live run that a request is for; null when the request waits, or was refused.
template <typename Wanted>
Shard::Slot* Shard::live_run(Turn& turn, Wanted& input) {
  const WorkflowId workflow = input.request.workflow;
  WorkflowEntry* entry = known_workflow(turn, workflow, input);
  if (entry == nullptr) return nullptr;
  if (!entry->row) {
    forget_workflow(workflow);
    reply(turn, input.id, fail(Errc::not_found, "there is no workflow " + workflow.text(), "id"));
    return nullptr;
  }
  Slot& slot = slot_of(turn, input.request.run.value_or(entry->row->run));
  if (!slot.live) {
    wait_for(turn, slot, input);
    return nullptr;
  }
  if (slot.run.state().started()->workflow != workflow) {
    reply(turn, input.id,
          fail(Errc::not_found,
               fmt::format("{} is not a run of workflow {}", slot.run.id(), workflow), "run"));
    return nullptr;
  }
  // What a caller is told about is sealed: local steps that wait to share a commit share this one.
  if (PLANTED(shown_window)) return &slot;
  slot.window = false;
  if (slot.run.unsealed() > 0 && !slot.touched) close_turn(turn, slot);
  recent_.splice(recent_.begin(), recent_, slot.recent);
  return &slot;
}

void Shard::on(Turn& turn, StartInput& input) {
  const StartRequest& request = input.request;
  const WorkflowType* type = catalog_.find(request.type);
  if (type == nullptr)
    return reply(
        turn, input.id,
        fail(Errc::not_found, "this server knows no workflow type " + request.type, "type"));
  if (request.input.bytes.size() > config_.limits.payload_bytes_max)
    return reply(turn, input.id,
                 fail(Errc::too_large,
                      fmt::format("the input has {} bytes; at most {}", request.input.bytes.size(),
                                  config_.limits.payload_bytes_max),
                      "input"));
  if (Result<> ok = type->definition.check(request.input); !ok)
    return reply(turn, input.id, std::unexpected(ok.error()));
  if (Result<> ok = check_labels(request); !ok)
    return reply(turn, input.id, std::unexpected(ok.error()));
  if (Result<> ok = check_callback(request.callback_url); !ok)
    return reply(turn, input.id, std::unexpected(ok.error()));
  if (key_settled(turn, input) && id_settled(turn, input)) create_run(turn, input);
}

// False when the start waits for its key's look-up, or was answered by what the key says.
bool Shard::key_settled(Turn& turn, StartInput& input) {
  if (!input.request.key) return true;
  const std::string key = idempotency_key(input.request.key->tenant, input.request.key->key);
  const auto [found, created] = keys_.try_emplace(key);
  KeyEntry& entry = found->second;
  if (!entry.known) {
    if (created) turn.step.reads.push_back(LoadKey{key});
    if (entry.waiting.size() >= config_.limits.waiting_max)
      reply(turn, input.id, fail(Errc::overloaded, "too many requests carry this Idempotency-Key"));
    else
      entry.waiting.push_back(std::move(input));
    return false;
  }
  if (!entry.row) return true;
  if (entry.row->request != input.request.key->request)
    reply(
        turn, input.id,
        fail(Errc::key_reused,
             "this Idempotency-Key came before with another body: use a new key for a new request",
             "Idempotency-Key"));
  else
    reply(turn, input.id, StartAnswer{entry.row->workflow, entry.row->run, entry.row->at, true});
  return false;
}

// False when the start waits for its id's look-up, or was refused because of what has the id.
bool Shard::id_settled(Turn& turn, StartInput& input) {
  const WorkflowId workflow = *input.request.workflow;
  if (input.fresh_id) {
    workflows_[workflow].known = true;
    return true;
  }
  WorkflowEntry* entry = known_workflow(turn, workflow, input);
  if (entry == nullptr) return false;
  if (!entry->row) return true;
  if (!entry->row->closed) {
    Slot& slot = slot_of(turn, entry->row->run);
    if (!slot.live) {
      wait_for(turn, slot, input);
      return false;
    }
    entry->row->closed = slot.run.state().closed();
  }
  const StartRequest& request = input.request;
  const RunId run = entry->row->run;
  if (!entry->row->closed) return open_run_settled(turn, *slots_.at(run), input);
  if (request.id_reuse == IdReuse::allow) return true;
  std::string_view kind = "a closed";
  if (request.id_reuse == IdReuse::allow_if_unsuccessful) {
    Slot& slot = slot_of(turn, run);
    if (!slot.live) {
      wait_for(turn, slot, input);
      return false;
    }
    if (slot.run.state().status() != RunStatus::completed) return true;
    kind = "a completed";
  }
  refuse_id(turn, input, run, kind);
  return false;
}

void Shard::refuse_id(Turn& turn, const StartInput& input, const RunId& run,
                      std::string_view kind) {
  const WorkflowId& workflow = *input.request.workflow;
  reply(turn, input.id,
        fail(Errc::already_exists, fmt::format("workflow {} has {} run {}", workflow, kind, run),
             "id"));
  forget_workflow(workflow);
}

// The same for an id whose run is open.
bool Shard::open_run_settled(Turn& turn, Slot& slot, StartInput& input) {
  const RunState& state = slot.run.state();
  switch (input.request.id_conflict) {
    case IdConflict::fail: refuse_id(turn, input, state.run(), "an open"); return false;
    case IdConflict::use_existing:
      if (input.request.key)
        remember_key(turn, *input.request.key,
                     {{}, state.started()->workflow, state.run(), state.started_at()});
      reply(turn, input.id,
            StartAnswer{state.started()->workflow, state.run(), state.started_at(), true});
      return false;
    case IdConflict::terminate_existing:
      end_from_outside(turn, slot, RunTerminated{"a new run takes its workflow id"});
      return true;
  }
  return false;
}

// The same key is answered the same from now on.
void Shard::remember_key(Turn& turn, const IdempotencyKey& given, KeyRow row) {
  const std::string key = idempotency_key(given.tenant, given.key);
  row.request = given.request;
  if (!PLANTED(forgotten_key)) turn.step.batch.put(Table::key, key, encode_key_row(row));
  keys_[key].row = std::move(row);
  hold_key(key);
}

void Shard::create_run(Turn& turn, StartInput& input) {
  StartRequest& request = input.request;
  WorkflowEntry& entry = workflows_[*request.workflow];
  entry.known = true;
  UtcTime born = turn.now.utc;  // ids of a workflow's runs sort in their order
  if (entry.row) born = std::max(born, entry.row->run.born() + std::chrono::milliseconds(1));
  const RunId run = RunId::make(born, input.entropy_high, input.entropy_low);
  const RunId first_run = entry.row ? entry.row->first_run : run;
  entry.row = WorkflowRow{run, first_run, false};
  if (request.key) remember_key(turn, *request.key, {{}, *request.workflow, run, turn.now.utc});
  if (request.precedence && !request.precedence->is_given()) request.precedence = {};
  take_in(turn, new_slot(run),
          RunStarted{.workflow = *request.workflow,
                     .type = request.type,
                     .input = std::move(request.input),
                     .seed = input.entropy_high ^ (input.entropy_low * 0x9E3779B97F4A7C15ULL),
                     .first_run = first_run,
                     .not_before = after(turn.now.utc, request.start_delay),
                     .run_timeout = request.run_timeout,
                     .execution_deadline = after(turn.now.utc, request.execution_timeout),
                     .parent = std::move(input.parent),
                     .labels = std::move(request.labels),
                     .precedence = std::move(request.precedence),
                     .callback_url = boxed_unless_empty(std::move(request.callback_url))});
  reply(turn, input.id, StartAnswer{*request.workflow, run, turn.now.utc, false});
}

Shard::Slot& Shard::new_slot(const RunId& run) {
  auto slot = std::make_unique<Slot>(catalog_, run, config_);
  weigh(*slot);
  slot->live = true;
  slot->created = true;
  slot->recent = recent_.insert(recent_.begin(), run);
  return *slots_.emplace(run, std::move(slot)).first->second;
}

// The next run of the workflow begins in the batch that ends this one. Its code runs once that is
// durable: a workflow that continues at once, for ever, costs a commit each time, and no more.
void Shard::continue_as_new(Turn& turn, const Slot& ended, const RunContinued& continued) {
  const RunState& state = ended.run.state();
  const RunStarted& started = *state.started();
  Slot& slot = new_slot(continued.next_run);
  slot.starts_later = true;
  // From now on this is the latest run, whatever a read of the log under way still says.
  if (!PLANTED(second_run)) {
    WorkflowEntry& entry = workflows_[started.workflow];
    entry.known = true;
    entry.row = WorkflowRow{continued.next_run, started.first_run, false};
  }
  starting_.emplace_back(issued_.next(), continued.next_run);
  take_in(turn, slot,
          RunStarted{.workflow = started.workflow,
                     .type = started.type,
                     .input = continued.input,
                     .seed = leading_u64(digest_of(continued.next_run.bytes())) ^ started.seed,
                     .first_run = started.first_run,
                     .continued_from = state.run(),
                     .run_timeout = started.run_timeout,
                     .execution_deadline = started.execution_deadline,
                     .parent = started.parent,
                     .labels = ended.run.labels(),
                     .precedence = started.precedence,
                     .callback_url = started.callback_url});
  if (state.cancel_reason()) take_in(turn, slot, CancelRequested{*state.cancel_reason()});
  if (PLANTED(lost_carried)) return;
  for (EventBody& message : ended.run.untaken_messages()) take_in(turn, slot, std::move(message));
}

// Why a run takes no (further) signal or update; nothing when it does.
std::optional<Error> Shard::message_refused(const Run& run, std::string_view name,
                                            const Payload& payload) const {
  const ShardLimits& limits = config_.limits;
  const RunState& state = run.state();
  const auto refuse = [](Errc code, std::string detail, std::string field = {}) {
    return Error{.code = code, .detail = std::move(detail), .field = std::move(field)};
  };
  if (state.closed())
    return refuse(Errc::conflict, fmt::format("{} is {}: it takes no messages", state.run(),
                                              to_string(state.status())));
  if (name.empty() || name.size() > kNameBytesMax)
    return refuse(Errc::invalid_argument, fmt::format("a name has 1 to {} bytes", kNameBytesMax),
                  "name");
  if (payload.bytes.size() > limits.payload_bytes_max)
    return refuse(Errc::too_large,
                  fmt::format("the payload has over {} bytes", limits.payload_bytes_max),
                  "payload");
  if (run.messages_waiting() >= limits.pending_inputs_max)
    return refuse(
        Errc::limit_exceeded,
        fmt::format("{} messages wait for this run already, its limit: it has to take them "
                    "first",
                    limits.pending_inputs_max));
  if (run.message_bytes_waiting() + payload.bytes.size() > limits.message_bytes_max)
    return refuse(Errc::limit_exceeded,
                  fmt::format("over {} bytes of messages wait for this run already, its limit: it "
                              "has to take them first",
                              limits.message_bytes_max));
  if (state.last().value() >= limits.activation.history_events_max)
    return refuse(
        Errc::limit_exceeded,
        fmt::format("the run's history has {} events, its limit: it should continue as new",
                    limits.activation.history_events_max));
  if (run.history_bytes() >= limits.activation.history_bytes_max)
    return refuse(
        Errc::limit_exceeded,
        fmt::format("the run's history has {} bytes, its limit: it should continue as new",
                    limits.activation.history_bytes_max));
  return std::nullopt;
}

void Shard::on(Turn& turn, SignalInput& input) {
  Slot* slot = live_run(turn, input);
  if (slot == nullptr) return;
  SignalRequest& request = input.request;
  const RunState& state = slot->run.state();
  std::optional<SignalKey> key;
  if (request.key) {
    key = SignalKey{digest_of(idempotency_key(request.key->tenant, request.key->key)),
                    request.key->request};
    if (const auto seen = state.signal_with(key->key)) {
      if (seen->request == key->request)
        return reply(turn, input.id, SignalAnswer{state.run(), seen->sequence, true});
      return reply(turn, input.id,
                   fail(Errc::key_reused, "this Idempotency-Key came before with another body",
                        "Idempotency-Key"));
    }
  }
  if (std::optional<Error> refused = message_refused(slot->run, request.name, request.payload))
    return reply(turn, input.id, std::unexpected(std::move(*refused)));
  const Sequence sequence = take_in(
      turn, *slot, SignalReceived{std::move(request.name), std::move(request.payload), key});
  reply(turn, input.id, SignalAnswer{state.run(), sequence, false});
}

// False, and refused, when only a child of another run was meant.
bool Shard::is_meant(Turn& turn, RequestId id, const Slot& slot,
                     const Boxed<RunAddress>& only_child_of) {
  const RunStarted& started = *slot.run.state().started();
  if (!only_child_of || started.parent == only_child_of) return true;
  reply(turn, id,
        fail(Errc::not_found, fmt::format("{} is another's run by now", started.workflow), "id"));
  return false;
}

void Shard::on(Turn& turn, CancelInput& input) {
  Slot* slot = live_run(turn, input);
  if (slot == nullptr || !is_meant(turn, input.id, *slot, input.request.only_child_of)) return;
  const RunState& state = slot->run.state();
  if (state.closed())
    return reply(turn, input.id,
                 fail(Errc::conflict,
                      fmt::format("{} is {} already", state.run(), to_string(state.status()))));
  const bool repeated = state.cancel_requested();
  if (!repeated) {
    take_in(turn, *slot, CancelRequested{input.request.reason.substr(0, kTextBytesMax)});
  }
  reply(turn, input.id, CancelAnswer{state.run(), repeated});
}

std::optional<Error> Shard::update_refused(const Slot& slot, const UpdateRequest& request) const {
  const RunState& state = slot.run.state();
  if (auto refused = message_refused(slot.run, request.name, request.input)) return refused;
  if (request.id.empty() || request.id.size() > kNameBytesMax)
    return Error{Errc::invalid_argument,
                 fmt::format("an update's id has 1 to {} bytes", kNameBytesMax), "id"};
  if (state.updates() >= config_.limits.updates_max)
    return Error{Errc::limit_exceeded,
                 fmt::format("the run has taken {} updates, its limit: it should continue as new",
                             config_.limits.updates_max),
                 {}};
  if (Result<> ok = slot.run.check_update(request.name, request.input); !ok) return ok.error();
  return std::nullopt;
}

void Shard::on(Turn& turn, UpdateInput& input) {
  Slot* slot = live_run(turn, input);
  if (slot == nullptr) return;
  // The validator sees what the inputs of this very turn have changed.
  if (slot->touched) close_turn(turn, *slot);
  UpdateRequest& request = input.request;
  const RunState& state = slot->run.state();
  const SeenUpdate* seen = state.update(request.id);
  const bool repeated = seen != nullptr;
  if (request.only_look && !repeated)
    return reply(turn, input.id,
                 fail(Errc::not_found, "the run has accepted no update " + request.id, "update"));
  if (repeated && !request.only_look && seen->request != request.request)
    return reply(turn, input.id,
                 fail(Errc::key_reused, "this update's id came before with another body", "id"));
  if (!repeated) {
    if (std::optional<Error> refused = update_refused(*slot, request))
      return reply(turn, input.id, std::unexpected(std::move(*refused)));
    take_in(turn, *slot,
            UpdateAccepted{request.id, request.name, std::move(request.input), request.request});
    if (slot->touched) close_turn(turn, *slot);
    seen = state.update(request.id);
  }
  if (state.closed() && !seen->completed)
    return reply(turn, input.id,
                 fail(Errc::conflict, fmt::format("{} is {}, and the update was not worked through",
                                                  state.run(), to_string(state.status()))));
  reply(turn, input.id,
        UpdateAnswer{state.run(), seen->accepted, seen->completed, state.last(), repeated});
}

void Shard::on(Turn& turn, ControlInput& input) {
  Slot* slot = live_run(turn, input);
  if (slot == nullptr || !is_meant(turn, input.id, *slot, input.request.only_child_of)) return;
  const RunState& state = slot->run.state();
  ControlRequest& request = input.request;
  const RunId run = state.run();
  const bool is_paused = state.paused().has_value();
  if (state.closed()) {
    if (request.control == Control::terminate && state.status() == RunStatus::terminated)
      return reply(turn, input.id, ControlAnswer{run, true});
    return reply(
        turn, input.id,
        fail(Errc::conflict, fmt::format("{} is {} already", run, to_string(state.status()))));
  }
  request.reason.resize(std::min(request.reason.size(), kTextBytesMax));
  bool repeated = false;
  switch (request.control) {
    case Control::terminate:
      end_from_outside(turn, *slot, RunTerminated{std::move(request.reason)});
      break;
    case Control::pause:
      repeated = is_paused;
      if (!repeated) take_in(turn, *slot, RunPaused{std::move(request.reason)});
      break;
    case Control::unpause:
      repeated = !is_paused;
      if (!repeated) take_in(turn, *slot, RunUnpaused{});
      break;
  }
  reply(turn, input.id, ControlAnswer{run, repeated});
}

void Shard::on(Turn& turn, QueryInput& input) {
  Slot* slot = live_run(turn, input);
  if (slot == nullptr) return;
  // The code looks at inputs accepted in this very turn only after it has run on them.
  if (slot->touched) close_turn(turn, *slot);
  Result<Payload> answer = slot->run.query(input.request.name, input.request.arguments);
  if (answer)
    reply(turn, input.id, std::move(*answer));
  else
    reply(turn, input.id, std::unexpected(answer.error()));
}

void Shard::on(Turn& turn, DescribeInput& input) {
  Slot* slot = live_run(turn, input);
  if (slot == nullptr) return;
  if (slot->touched) close_turn(turn, *slot);
  RunDescription description = slot->run.describe();
  const ShardLimits& limits = config_.limits;
  for (const LimitUse& use :
       {LimitUse{"waiting_messages", slot->run.messages_waiting(), limits.pending_inputs_max},
        LimitUse{"waiting_message_bytes", slot->run.message_bytes_waiting(),
                 limits.message_bytes_max},
        LimitUse{"updates", slot->run.state().updates(), limits.updates_max}})
    if (use.is_near()) description.near_limits.push_back(use);
  reply(turn, input.id, std::make_shared<const RunDescription>(std::move(description)));
}

void Shard::on(Turn& turn, ChildEndedInput& input) {
  Slot* slot = live_run(turn, input);
  if (slot == nullptr) return;
  const RunState& state = slot->run.state();
  const CommandId command = input.request.closed.command;
  const auto child = state.children().find(command);
  if (!state.closed() && child != state.children().end()) {
    // Its start is answered later, and then says nothing new.
    if (!child->second.run) take_in(turn, *slot, ChildStarted{command, input.request.child});
    if (state.children().contains(command)) take_in(turn, *slot, std::move(input.request.closed));
  }
  reply(turn, input.id, ControlAnswer{state.run(), false});
}

}  // namespace reprise
