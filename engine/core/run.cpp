#include "engine/core/run.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.hpp"

namespace reprise {
namespace {

// Of most records: an input, and the command that answers it.
constexpr std::size_t kEventsUsual = 2;

std::string short_digest(const Payload& payload) {
  return to_hex(digest_of(payload.bytes)).substr(0, 12);
}

// Does what the code issued stand for what the log has? Options and logged times may differ.
bool matches(const EventBody& logged, const EventBody& issued) {
  if (logged.index() != issued.index()) return false;
  return std::visit(
      [&]<typename Body>(const Body& log) {
        const Body& code = std::get<Body>(issued);
        if constexpr (std::same_as<Body, ActivityScheduled>)
          return log.command == code.command && log.name == code.name &&
                 log.version == code.version && log.input == code.input;
        else if constexpr (std::same_as<Body, TimerStarted>)
          return log.command == code.command;
        else
          return log == code;
      },
      logged);
}

LoggedActivation logged_of(const Record& record, const Activation& activation) {
  LoggedActivation logged;
  for (std::uint32_t i = 0; i < activation.command_count; ++i)
    if (const auto* patch =
            std::get_if<PatchApplied>(&record.events[activation.first_command + i].body))
      logged.patches.insert(patch->id);
  return logged;
}

}  // namespace

std::string to_text(const EventBody& body) {
  std::string text(to_string(kind_of(body)));
  if (const CommandId command = command_of(body); command.value() != 0)
    text += fmt::format(" {}", command);
  std::visit(
      [&]<typename Body>(const Body& b) {
        if constexpr (std::same_as<Body, ActivityScheduled>)
          text += fmt::format(" {} v{}, input {}", b.name, b.version, short_digest(b.input));
        else if constexpr (std::same_as<Body, TimerStarted>)
          text += fmt::format(
              ", {} ms", std::chrono::duration_cast<std::chrono::milliseconds>(b.duration).count());
        else if constexpr (std::same_as<Body, FactRecorded>)
          text += fmt::format(" {}, fact {}", b.name, short_digest(b.fact));
        else if constexpr (std::same_as<Body, StageEntered>)
          text += fmt::format(" {}#{}", b.name, b.visit);
        else if constexpr (std::same_as<Body, RunCompleted>)
          text += fmt::format(", result {}", short_digest(b.result));
        else if constexpr (std::same_as<Body, PatchApplied>)
          text += fmt::format(" {}", b.id);
        else if constexpr (std::same_as<Body, AttributesChanged>)
          for (const auto& [name, value] : b.changes) text += (value ? " " : " -") + name;
        else if constexpr (std::same_as<Body, UpdateCompleted>)
          text += fmt::format(" of event {}, {}", b.update,
                              b.error_type.empty() ? short_digest(b.result) : b.error_type);
        else if constexpr (std::same_as<Body, RunContinued>)
          text += fmt::format(", input {}", short_digest(b.input));
        else if constexpr (std::same_as<Body, RunFailed>)
          text += fmt::format(" {}: {}", b.type, b.message);
        else if constexpr (requires { b.reason; })
          text += fmt::format(" {}", b.reason);
      },
      body);
  return text;
}

Run::Run(const Catalog& catalog, RunId id, std::string build, ActivationLimits limits)
    : catalog_(catalog),
      build_(std::move(build)),
      limits_(limits),
      state_(id),
      tail_(chain_start(id)) {
  record_.run = id;
}

void Run::learn_type(const RunStarted& started) {
  const WorkflowType* type = catalog_.find(started.type);
  view_.emplace(id(), type != nullptr ? &type->view : nullptr);
  if (type == nullptr)
    return park(Sequence(1), "workflow type " + started.type, "no such type in this build");
  if (stuck_)
    return park(Sequence(1), "code that waits or ends",
                "stuck: it ran on without waiting, and the watchdog ended the process");
  execution_ = std::make_unique<Execution>(type->definition, id(), started, limits_);
}

Result<> Run::replay(std::string_view bytes, const BlobSource& blobs) {
  Result<DecodedRecord> decoded = decode_record(id(), bytes, blobs);
  if (!decoded) return std::unexpected(std::move(decoded.error()));
  const Record& record = decoded->record;
  if (record.previous != tail_)
    return fail(Errc::corrupt,
                fmt::format("the record of event {} does not follow the hash of the one before it: "
                            "a record is missing, changed or out of order",
                            record.events.front().sequence));
  auto activation = record.activations.begin();
  for (std::uint32_t i = 0; i <= record.events.size();) {
    if (activation != record.activations.end() && activation->first_command == i) {
      if (Result<> ok = replay_activation(record, *activation); !ok) return ok;
      i += activation->command_count;
      ++activation;
      continue;
    }
    if (i == record.events.size()) break;
    const EventBody& body = record.events[i].body;
    // What a newer build wrote may well be an input: applying it says "unsupported".
    if (class_of(body) == EventClass::command && !std::holds_alternative<UnknownEvent>(body))
      return fail(Errc::corrupt, fmt::format("event {} is a command outside of an activation",
                                             record.events[i].sequence));
    if (Result<> ok = replay_event(record.events[i]); !ok) return ok;
    ++i;
  }
  if (activation != record.activations.end())
    return fail(Errc::corrupt, "a record's activations overlap");
  tail_ = decoded->hash;
  history_bytes_ += decoded->bytes;
  return {};
}

Result<> Run::replay_event(const Event& event) {
  if (Result<> ok = state_.apply(event); !ok) return ok;
  if (const auto* started = std::get_if<RunStarted>(&event.body)) learn_type(*started);
  view_changed_ |= view_->apply(event);
  return {};
}

Result<> Run::replay_activation(const Record& record, const Activation& activation) {
  if (activation.consumed.empty()) return fail(Errc::corrupt, "an activation consumes nothing");
  const std::size_t consumed = std::min(activation.consumed.size(), state_.pending().size());
  const std::vector<Event> inputs(state_.pending().begin(),
                                  state_.pending().begin() + static_cast<std::ptrdiff_t>(consumed));
  if (Result<> ok = state_.consume(activation.consumed); !ok) return ok;
  last_now_ = activation.now;
  if (execution_ && !parked_) {
    ++activations_;
    const LoggedActivation logged = logged_of(record, activation);
    Result<std::vector<EventBody>> issued = execution_->activate(inputs, activation.now, &logged);
    if (issued)
      compare(*issued, record, activation);
    else
      park(inputs.front().sequence, "an activation that ends", to_string(issued.error()));
  }
  for (std::uint32_t i = 0; i < activation.command_count; ++i)
    if (Result<> ok = replay_event(record.events[activation.first_command + i]); !ok) return ok;
  return {};
}

void Run::compare(const std::vector<EventBody>& issued, const Record& record,
                  const Activation& activation) {
  const std::size_t count = std::max<std::size_t>(issued.size(), activation.command_count);
  for (std::size_t i = 0; i < count; ++i) {
    const Event* logged =
        i < activation.command_count ? &record.events[activation.first_command + i] : nullptr;
    if (logged != nullptr && i < issued.size() && matches(logged->body, issued[i])) continue;
    const Sequence first = record.events.front().sequence;
    return park(Sequence(first.value() + activation.first_command + i),
                logged != nullptr ? to_text(logged->body) : "no further command",
                i < issued.size() ? to_text(issued[i]) : "no further command");
  }
}

void Run::park(Sequence at, std::string expected, std::string found) {
  parked_ = ParkedReason{.at = at,
                         .expected = std::move(expected),
                         .found = std::move(found),
                         .build = build_,
                         .since = last_now_};
  execution_.reset();
}

void Run::accept(EventBody body, UtcTime time) {
  Event event{state_.last().next(), time, std::move(body)};
  const Result<> ok = replay_event(event);
  CHECK(ok.has_value(), "run {}: {}", id(), ok.error().detail);
  if (record_.events.empty()) record_.events.reserve(kEventsUsual);
  record_.events.push_back(std::move(event));
}

// Which limit the history has reached.
std::string Run::over_history() const {
  constexpr std::string_view kAdvice = "terminate the run, or serve it with a higher limit";
  if (state_.last().value() >= limits_.history_events_max)
    return fmt::format("limit_exceeded: the history has {} events: {}", state_.last(), kAdvice);
  if (history_bytes_ >= limits_.history_bytes_max)
    return fmt::format("limit_exceeded: the history has {} bytes: {}", history_bytes_, kAdvice);
  return {};
}

// Adds one activation to the record under way; false when the code does not stay within its limits.
bool Run::activate(UtcTime now) {
  last_now_ = std::max(last_now_, now);
  if (const std::string over = over_history(); !over.empty()) {
    park(state_.pending().front().sequence, "a history within its limit", over);
    return false;
  }
  Result<std::vector<EventBody>> issued = execution_->activate(state_.pending(), last_now_);
  if (!issued) {
    park(state_.pending().front().sequence, "an activation within limits, without a defect",
         to_string(issued.error()));
    return false;
  }
  Activation activation{.now = last_now_,
                        .first_command = static_cast<std::uint32_t>(record_.events.size()),
                        .command_count = static_cast<std::uint32_t>(issued->size())};
  for (const Event& input : state_.pending()) activation.consumed.push_back(input.sequence);
  Sequence sequence = state_.last();
  record_.events.reserve(record_.events.size() + issued->size());
  for (EventBody& body : *issued) {
    sequence = sequence.next();
    record_.events.emplace_back(sequence, now, std::move(body));
  }
  record_.activations.push_back(std::move(activation));
  return true;
}

// Folds the activation into the state, once it is known to fit a record.
void Run::apply_activation() {
  const Activation& activation = record_.activations.back();
  CHECK(state_.consume(activation.consumed).has_value());
  for (std::size_t i = activation.first_command; i < record_.events.size(); ++i) {
    const Result<> ok = replay_event(record_.events[i]);
    CHECK(ok.has_value(), "run {}: {}", id(), ok.error().detail);
  }
}

// Takes the activation back out of the record: it leaves no trace but the reason.
void Run::drop_activation(const Error& why) {
  record_.events.resize(record_.activations.back().first_command);
  record_.activations.pop_back();
  park(state_.pending().front().sequence, "an activation within limits", to_string(why));
}

std::optional<Run::Sealed> Run::seal(UtcTime now, Activate activate) {
  record_.previous = tail_;
  bool activated = std::exchange(unfolded_, false) ||
                   (activate == Activate::if_it_can && can_activate(now) && this->activate(now));
  if (record_.events.empty()) {
    if (activated) apply_activation();
    return std::nullopt;
  }
  Result<EncodedRecord> encoded = encode_record(record_);
  if (!encoded && activated) {
    drop_activation(encoded.error());
    activated = false;
    if (record_.events.empty()) return std::nullopt;
    encoded = encode_record(record_);
  }
  CHECK(encoded.has_value(), "run {}: the accepted inputs of one step are over a record", id());
  if (activated) apply_activation();
  Sealed sealed{.first = record_.events.front().sequence,
                .record = std::move(*encoded),
                .events = std::move(record_.events),
                .view_changed = std::exchange(view_changed_, false)};
  tail_ = sealed.record.hash;
  history_bytes_ += sealed.record.bytes.size();
  for (const Blob& blob : sealed.record.blobs) history_bytes_ += blob.bytes.size();
  record_.events.clear();
  record_.activations.clear();
  return sealed;
}

Boxed<RunLabels> Run::labels() const {
  Boxed<RunLabels> labels = state_.started()->labels;
  Attributes attributes = view().attributes;
  if (!labels && attributes.empty()) return labels;
  if (!labels) labels = RunLabels();
  labels->attributes = std::move(attributes);
  return labels;
}

bool Run::begin_steps(UtcTime now, std::vector<CommandId>& begun) {
  if (!can_activate(now) || !activate(now)) return false;
  unfolded_ = true;
  for (std::size_t i = record_.activations.back().first_command; i < record_.events.size(); ++i) {
    const auto* step = std::get_if<ActivityScheduled>(&record_.events[i].body);
    if (step == nullptr || !step->options.shares_commit) return false;
    begun.push_back(step->command);
  }
  if (begun.empty()) return false;
  apply_activation();
  unfolded_ = false;
  return true;
}

std::size_t Run::message_bytes_waiting() const {
  std::size_t bytes = execution_ ? execution_->message_bytes_waiting() : 0;
  for (const Event& input : state_.pending()) bytes += payload_bytes(input.body);
  return bytes;
}

RunDescription Run::describe() const {
  RunDescription description{
      .view = view(),
      .memo = state_.started()->labels ? state_.started()->labels->memo : Payload(),
      .inputs_pending = state_.pending().size(),
      .cancel_requested = state_.cancel_requested(),
      .paused = state_.paused(),
      .starts_at = state_.starts_at(),
      .deadline = state_.deadline(),
      .parked = parked_ ? std::optional(*parked_) : std::nullopt};
  for (const auto& [command, open] : state_.activities())
    description.activities.push_back({.command = command,
                                      .name = open.scheduled.name,
                                      .attempt = open.attempt,
                                      .scheduled_at = open.scheduled_at,
                                      .next_attempt_at = open.next_attempt_at,
                                      .last_failure = open.last_failure});
  for (const auto& [command, fire_at] : state_.timers())
    description.timers.push_back({command, fire_at});
  for (const auto& [command, child] : state_.children())
    description.children.push_back(
        {command, child.scheduled.type, child.scheduled.workflow, child.run});
  description.updates_open = state_.updates_open();
  const std::uint64_t open_max = limits_.open_per_kind_max;
  for (const LimitUse& use :
       {LimitUse{"history_events", state_.last().value(), limits_.history_events_max},
        LimitUse{"history_bytes", history_bytes_, limits_.history_bytes_max},
        LimitUse{"pending_activities", state_.activities().size(), open_max},
        LimitUse{"pending_timers", state_.timers().size(), open_max},
        LimitUse{"pending_children", state_.children().size(), open_max},
        LimitUse{"pending_messages", state_.messages().size(), open_max}})
    if (use.is_near()) description.near_limits.push_back(use);
  return description;
}

Result<> Run::must_be_running() const {
  if (state_.closed())
    return fail(Errc::conflict, "the run has ended: read its result or its history");
  if (!execution_)
    return fail(Errc::not_deterministic, "the run is parked and its code does not run: " +
                                             (parked_ ? parked_->found : std::string()));
  return {};
}

Result<Payload> Run::query(const std::string& name, const Payload& arguments) {
  if (Result<> ok = must_be_running(); !ok) return std::unexpected(std::move(ok.error()));
  return execution_->query(name, arguments);
}

Result<> Run::check_update(const std::string& name, const Payload& input) const {
  if (Result<> ok = must_be_running(); !ok) return ok;
  return execution_->check_update(name, input);
}

}  // namespace reprise
