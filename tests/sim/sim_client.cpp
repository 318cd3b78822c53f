#include "tests/sim/sim_client.hpp"

#include <algorithm>
#include <array>

#include "engine/core/routing.hpp"
#include "engine/runtime/deletion.hpp"
#include "tests/sim/histories.hpp"
#include "tests/sim/sim_process.hpp"
#include "tests/sim/sim_workflows.hpp"
#include "tests/sim/violation.hpp"

namespace reprise::sim {
namespace {

using std::chrono::seconds;

constexpr std::string_view kTenant = "tenant";

IdempotencyKey key_for(const std::string& name, const std::string& token) {
  return {std::string(kTenant), name, digest_of(token)};
}

bool takes_more(const std::string& type) {
  return type == "counter" || type == "relay" || type == "tally" || type == "desk";
}

// What each kind of request may be refused with.
bool may_be_refused(const Input& input, Errc code) {
  if (code == Errc::io) return true;
  if (std::holds_alternative<StartInput>(input))
    return code == Errc::already_exists || code == Errc::key_reused;
  if (std::holds_alternative<DescribeInput>(input)) return code == Errc::not_found;
  if (std::holds_alternative<DeleteInput>(input))  // not found: another caller was faster
    return code == Errc::unavailable || code == Errc::not_found;
  if (std::holds_alternative<QueryInput>(input) || std::holds_alternative<UpdateInput>(input))
    return code == Errc::not_found || code == Errc::conflict || code == Errc::not_deterministic;
  return code == Errc::not_found || code == Errc::conflict;
}

}  // namespace

SimClient::Call SimClient::new_start() {
  Prng& prng = parts_.prng;
  StartRequest request;
  const std::string token = fmt::format("s{}/{}", ++tokens_, prng.below(30));
  request.type = prng.pick(workflow_types());
  request.input = Payload{token};
  const std::uint64_t kind = prng.below(10);
  if (kind < 3) {
    request.workflow = WorkflowId(fmt::format("own-{}", tokens_));
  } else if (kind < 5) {
    const bool once = prng.percent(50);
    request.workflow = WorkflowId(fmt::format("{}-{}", once ? "once" : "again", prng.below(6)));
    constexpr std::array kReuses = {IdReuse::allow, IdReuse::allow_if_unsuccessful};
    constexpr std::array kConflicts = {IdConflict::fail, IdConflict::use_existing,
                                       IdConflict::terminate_existing};
    request.id_reuse = once ? IdReuse::reject : kReuses.at(prng.below(2));
    request.id_conflict = kConflicts.at(prng.below(3));
  }
  if (prng.percent(10)) request.labels = RunLabels{{{"begun", true}}, {"\"a memo\""}};
  if (prng.percent(10)) request.start_delay = seconds(prng.between(1, 40));
  if (prng.percent(10)) request.run_timeout = seconds(prng.between(1, 40));
  if (prng.percent(5)) request.execution_timeout = seconds(prng.between(1, 60));
  Request& entry = parts_.ledger.starts[token];
  entry.keyed = prng.percent(60);
  Call call{StartInput{.id = {}, .request = request}, token};
  if (!entry.keyed) return call;
  const std::string name = "key-" + token;
  std::get<StartInput>(call.input).request.key = key_for(name, token);
  parts_.ledger.key_of_start[token] = idempotency_key(kTenant, name);
  if (!request.workflow) keyed_starts_.push_back(call);
  return call;
}

// A key that was used before: with the same body, or with another.
SimClient::Call SimClient::start_with_known_key() {
  if (keyed_starts_.empty()) return new_start();
  Call call = parts_.prng.pick(keyed_starts_);
  if (parts_.prng.percent(70)) return call;
  parts_.marks.hit("client.key_with_another_body");
  StartRequest& request = std::get<StartInput>(call.input).request;
  const std::string key = parts_.ledger.key_of_start.at(call.token);
  call.token = fmt::format("s{}/{}", ++tokens_, parts_.prng.below(30));
  request.input = Payload{call.token};
  request.key->request = digest_of(call.token);
  parts_.ledger.starts[call.token].keyed = true;
  parts_.ledger.key_of_start[call.token] = key;
  return call;
}

SimClient::Call SimClient::new_signal() {
  const Known& known =
      known_[known_.size() - 1 - parts_.prng.below(std::min<std::size_t>(known_.size(), 25))];
  const bool keyed = parts_.prng.percent(50);
  SignalRequest request{.workflow = known.workflow,
                        .run = {},
                        .name = known.type == "gate"     ? "go"
                                : takes_more(known.type) ? "more"
                                                         : "noise",
                        .payload = {},
                        .key = {}};
  const std::string token = fmt::format("g{}", ++tokens_);
  request.payload = Payload{token};
  // A key counts within one run, so its run is named.
  if (keyed || parts_.prng.percent(30)) request.run = known.run;
  if (keyed) request.key = key_for("signal-" + token, token);
  parts_.ledger.signals[token].keyed = keyed;
  return {SignalInput{.id = {}, .request = request}, token};
}

SimClient::Call SimClient::new_update() {
  const Known& known = parts_.prng.pick(known_);
  const std::string token = fmt::format("u{}", ++tokens_);
  UpdateRequest request{.workflow = known.workflow,
                        .run = known.run,
                        .id = token,
                        .name = "serve",
                        .input = Payload{token},
                        .request = digest_of(token)};
  return {UpdateInput{.id = {}, .request = std::move(request)}, token};
}

SimClient::Call SimClient::new_control() {
  const Known& known = parts_.prng.pick(known_);
  const std::uint64_t kind = parts_.prng.below(8);
  const Control control = kind == 0  ? Control::terminate
                          : kind < 4 ? Control::pause
                                     : Control::unpause;
  return {ControlInput{.id = {}, .request = {known.workflow, known.run, control, "by hand", {}}},
          {}};
}

SimClient::Call SimClient::new_read() {
  const Known& known = parts_.prng.pick(known_);
  const std::uint64_t kind = parts_.prng.below(10);
  std::optional<RunId> run;
  if (parts_.prng.percent(30)) run = known.run;
  if (kind < 3)
    return {CancelInput{.id = {}, .request = {known.workflow, known.run, "enough", {}}}, {}};
  if (kind < 6) return {QueryInput{.id = {}, .request = {known.workflow, run, "passed", {}}}, {}};
  if (kind == 6) return {DescribeInput{.id = {}, .request = {WorkflowId("nobody"), run}}, {}};
  return {DescribeInput{.id = {}, .request = {known.workflow, run}}, {}};
}

// So few rows that a deletion takes several pages. Some pages are kept as well, to be sent once others
// have overtaken them.
std::optional<SimClient::Call> SimClient::new_deletion(const WorkflowId& workflow,
                                                       const RunId& run) {
  constexpr std::size_t kRowsMax = 8;
  Result<DeleteRequest> page =
      read_deletion_page(parts_.log.durable(), shard_of(workflow.text(), kShardCount),
                         {workflow, run}, 1 + parts_.prng.below(kRowsMax));
  if (!page) return std::nullopt;
  if (parts_.ledger.is_half(parts_.log.durable(), run))
    parts_.marks.hit("delete.half_a_copy");
  else if (parts_.ledger.to_delete.contains(run))
    parts_.marks.hit("delete.goes_on");
  else
    parts_.ledger.to_delete.emplace(run, stored_history(parts_.log.durable(), run));
  const Call call{DeleteInput{.id = {}, .request = std::move(*page)}, {}};
  if (parts_.prng.percent(20)) pages_read_.push_back(call);
  return call;
}

std::optional<SimClient::Call> SimClient::new_reset() {
  const Known& known = parts_.prng.pick(known_);
  if (parts_.ledger.to_delete.contains(known.run)) return std::nullopt;
  const EventLog& log = parts_.log.durable();
  const std::size_t events = stored_events(log, known.run).size();
  ResetRequest request{.workflow = known.workflow,
                       .run = known.run,
                       .event = Sequence(1 + parts_.prng.below(events)),
                       .stage = {},
                       .reason = "by hand",
                       .keep_signals = parts_.prng.percent(80)};
  Result<ForkPlan> plan = find_fork_point(log, known.run, request);
  if (!plan) return std::nullopt;
  auto reset = std::make_shared<SimReset>(log, parts_.catalog, request, std::move(*plan));
  if (reset->is_refused(parts_.clock.utc())) {
    parts_.marks.hit("reset.refused");
    return std::nullopt;
  }
  return Call{reset->termination(), {}, reset};
}

std::optional<SimClient::Call> SimClient::go_on(std::shared_ptr<SimReset> reset) {
  std::optional<ForkInput> page = reset->next_page(parts_.clock.utc(), parts_.prng);
  if (!page) return std::nullopt;
  parts_.ledger.copies.try_emplace(reset->run(), reset->copy());
  return Call{std::move(*page), {}, std::move(reset)};
}

std::optional<SimClient::Call> SimClient::new_change_of_whole_runs() {
  const std::uint64_t kind = parts_.prng.below(100);
  if (!resets_.empty() && kind < 60) {
    auto reset = std::move(parts_.prng.pick(resets_));
    std::erase(resets_, nullptr);
    return go_on(std::move(reset));
  }
  if (!pages_read_.empty() && kind < 75) {
    Call call = std::move(pages_read_.back());
    pages_read_.pop_back();
    return call;
  }
  if (kind % 4 == 0) return new_reset();
  const Known& known = parts_.prng.pick(known_);
  return new_deletion(known.workflow, known.run);
}

SimClient::Sent SimClient::next_request() {
  if (!unknown_.empty() && parts_.prng.percent(60)) {
    parts_.marks.hit("client.sends_again");
    Call call = std::move(unknown_.back());
    unknown_.pop_back();
    return send(std::move(call));
  }
  const std::uint64_t kind = parts_.prng.below(100);
  if (known_.empty() || kind < 25) return send(new_start());
  if (kind < 30) return send(start_with_known_key());
  if (kind < 62) return send(new_signal());
  if (kind < 71) return send(new_update());
  if (kind < 75) return send(new_control());
  if (kind >= 90)
    if (auto call = new_change_of_whole_runs()) return send(std::move(*call));
  if (kind < 80 && !open_.empty()) {
    // Impatient: the same request while the first one is still open. Only keyed ones are safe so.
    const Call& call =
        std::next(open_.begin(), static_cast<std::ptrdiff_t>(parts_.prng.below(open_.size())))
            ->second;
    if (call.reset == nullptr) {
      parts_.marks.hit("client.is_impatient");
      return send(Call(call));
    }
  }
  return send(new_read());
}

SimClient::Sent SimClient::signal(const WorkflowId& workflow, const RunId& run,
                                  const std::string& name) {
  const std::string token = fmt::format("g{}", ++tokens_);
  parts_.ledger.signals[token].keyed = false;
  return send({SignalInput{.id = {}, .request = {workflow, run, name, Payload{token}, {}}}, token});
}

SimClient::Sent SimClient::unpause(const WorkflowId& workflow, const RunId& run) {
  return send({ControlInput{.id = {}, .request = {workflow, run, Control::unpause, {}, {}}}, {}});
}

std::optional<SimClient::Sent> SimClient::delete_some(const WorkflowId& workflow,
                                                      const RunId& run) {
  std::optional<Call> call = new_deletion(workflow, run);
  if (!call) return std::nullopt;
  return send(std::move(*call));
}

SimClient::Sent SimClient::send(Call call) {
  Sent sent{ShardIndex(), call.input};
  const RequestId id(++requests_);
  if (auto* start = std::get_if<StartInput>(&sent.input)) {
    start->entropy_high = parts_.prng.next();
    start->entropy_low = parts_.prng.next();
    sent.shard = route(*start, parts_.clock.utc(), kShardCount);
    ++parts_.ledger.starts[call.token].sent;
  }
  std::visit(
      [&]<typename Message>(Message& message) {
        if constexpr (requires { message.id; }) message.id = id;
        if constexpr (requires { message.request.workflow.text(); })
          sent.shard = shard_of(message.request.workflow.text(), kShardCount);
      },
      sent.input);
  if (std::holds_alternative<SignalInput>(call.input)) ++parts_.ledger.signals[call.token].sent;
  parts_.trace.line("request {} of kind {} {} to shard {}", id, call.input.index(), call.token,
                    sent.shard);
  open_.emplace(id, std::move(call));
  return sent;
}

void SimClient::on_reply(const Reply& reply) {
  const auto found = open_.find(reply.id);
  require(found != open_.end(), "request {} is answered twice, or was never sent", reply.id);
  const Call call = std::move(found->second);
  open_.erase(found);
  parts_.trace.line("reply to {}: {}", reply.id,
                    reply.answer ? "done" : to_string(reply.answer.error()));
  if (reply.answer)
    std::visit(
        [&]<typename Said>(const Said& answer) {
          if constexpr (requires { acknowledged(call, answer); })
            acknowledged(call, answer);
          else
            require(false, "request {} is answered with what only workers ask", reply.id);
        },
        *reply.answer);
  else
    refused(call, reply.answer.error());
  if (call.reset != nullptr) reset_answered(call, reply.answer);
}

// A page is only sent once the one before it is durable.
void SimClient::reset_answered(const Call& call, const Result<Answer>& answer) {
  const auto* page = std::get_if<ForkInput>(&call.input);
  const bool goes_on = page != nullptr
                           ? answer && !page->request.is_last
                           : answer.has_value() || answer.error().code == Errc::conflict;
  if (goes_on) resets_.push_back(call.reset);
  if (page != nullptr && !answer && answer.error().code == Errc::conflict)
    parts_.marks.hit("reset.overtaken");
}

void SimClient::acknowledged(const Call& call, const StartAnswer& answer) {
  const auto events = parts_.ledger.events_of(parts_.log.durable(), answer.run);
  require(!events.empty(), "start {} of {} is acknowledged and not durable", call.token,
          answer.run);
  const auto [first, fresh] = run_of_token_.try_emplace(call.token, answer.run);
  if (parts_.ledger.starts[call.token].keyed)
    require(first->second == answer.run, "start {}: its key gave {} first and {} later", call.token,
            first->second, answer.run);
  if (answer.repeated) parts_.marks.hit("start.repeated");
  const StartRequest& request = std::get<StartInput>(call.input).request;
  if (answer.repeated && request.id_conflict == IdConflict::use_existing) {
    parts_.marks.hit("start.used_existing");
    return;
  }
  parts_.ledger.started.push_back({answer.workflow, answer.run, call.token});
  if (fresh) known_.push_back({answer.workflow, answer.run, request.type});
}

void SimClient::acknowledged(const Call& call, const SignalAnswer& answer) {
  const auto events = parts_.ledger.events_of(parts_.log.durable(), answer.run);
  require(answer.sequence.value() <= events.size(),
          "signal {} is acknowledged as event {} of {} and not durable", call.token,
          answer.sequence, answer.run);
  parts_.ledger.signalled.push_back({answer.run, answer.sequence, call.token});
  if (answer.repeated) parts_.marks.hit("signal.repeated");
}

void SimClient::acknowledged(const Call&, const CancelAnswer& answer) {
  const auto events = parts_.ledger.events_of(parts_.log.durable(), answer.run);
  require(std::ranges::any_of(events,
                              [](const Event& event) {
                                return std::holds_alternative<CancelRequested>(event.body);
                              }),
          "the cancellation of {} is acknowledged and not durable", answer.run);
  parts_.ledger.cancelled.insert(answer.run);
  parts_.marks.hit(answer.repeated ? "cancel.repeated" : "cancel.accepted");
}

void SimClient::acknowledged(const Call& call, const UpdateAnswer& answer) {
  const auto events = parts_.ledger.events_of(parts_.log.durable(), answer.run);
  require(answer.completed.value_or(answer.accepted).value() <= events.size(),
          "update {} of {} is acknowledged and not durable", call.token, answer.run);
  parts_.ledger.updated.push_back({answer.run, answer.accepted, call.token});
  parts_.marks.hit(answer.completed ? "update.completed" : "update.accepted");
  if (answer.repeated) parts_.marks.hit("update.repeated");
}

void SimClient::acknowledged(const Call& call, const ControlAnswer& answer) {
  const Control control = std::get<ControlInput>(call.input).request.control;
  if (control != Control::terminate) {
    if (!answer.repeated)
      parts_.marks.hit(control == Control::pause ? "control.paused" : "control.unpaused");
    return;
  }
  const auto events = parts_.ledger.events_of(parts_.log.durable(), answer.run);
  require(std::holds_alternative<RunTerminated>(events.back().body),
          "the termination of {} is acknowledged and not durable", answer.run);
  parts_.ledger.terminated.insert(answer.run);
}

void SimClient::acknowledged(const Call& call, const DeleteAnswer& answer) {
  const EventLog& log = parts_.log.durable();
  require(log.get(Table::deleted, answer.run.bytes())->has_value(),
          "the deletion of {} is acknowledged and not durable", answer.run);
  if (!std::get<DeleteInput>(call.input).request.is_last) return;
  require(stored_events(log, answer.run).empty(), "{} is deleted, and has records", answer.run);
  parts_.marks.hit("delete.done");
}

void SimClient::acknowledged(const Call& call, const ForkAnswer& answer) {
  const ForkRequest& page = std::get<ForkInput>(call.input).request;
  const EventLog& log = parts_.log.durable();
  const auto events = parts_.ledger.events_of(log, answer.run);
  require(!events.empty(), "a page of {} is acknowledged and not durable", answer.run);
  const bool is_there = !parts_.ledger.is_half(log, answer.run);
  require(is_there == page.is_last, "{} is there, and not whole, or the reverse", answer.run);
  if (!page.is_last) return;
  parts_.ledger.copied.insert(answer.run);
  known_.push_back({page.workflow, answer.run, std::get<RunStarted>(events.front().body).type});
  parts_.marks.hit(page.is_first ? "reset.done" : "reset.done_in_pages");
}

void SimClient::acknowledged(const Call&, const Payload&) { parts_.marks.hit("query.answered"); }

void SimClient::acknowledged(const Call&, const std::shared_ptr<const RunDescription>& described) {
  const RunDescription& answer = *described;
  const auto events = parts_.ledger.events_of(parts_.log.durable(), answer.view.run);
  require(answer.view.last.value() <= events.size(), "a reader of {} saw event {}, not durable yet",
          answer.view.run, answer.view.last);
  parts_.marks.hit(answer.parked ? "describe.parked" : "describe.answered");
}

void SimClient::refused(const Call& call, const Error& error) {
  require(may_be_refused(call.input, error.code), "request {} of kind {} is refused: {}",
          call.token, call.input.index(), to_string(error));
  parts_.marks.hit(fmt::format("refused.{}", to_string(error.code)));
  if (std::holds_alternative<StartInput>(call.input)) ++parts_.ledger.starts[call.token].refused;
  if (std::holds_alternative<SignalInput>(call.input)) ++parts_.ledger.signals[call.token].refused;
}

void SimClient::connection_lost() {
  pages_read_.clear();  // a deletion that was cut short is read again
  resets_.clear();      // what was copied is erased
  for (auto& [id, call] : open_)
    if (std::holds_alternative<StartInput>(call.input) ||
        std::holds_alternative<SignalInput>(call.input) ||
        std::holds_alternative<UpdateInput>(call.input))
      unknown_.push_back(std::move(call));
  open_.clear();
}

}  // namespace reprise::sim
