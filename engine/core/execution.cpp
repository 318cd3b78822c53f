#include "engine/core/execution.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <typeinfo>

#include "base/check.hpp"
#include "engine/core/activation_mark.hpp"

namespace reprise {
namespace {

// Coroutine frames allocated while it lives count against the limit.
class FrameBudgetGuard {
 public:
  explicit FrameBudgetGuard(std::size_t bytes)
      : budget_{.bytes_left = bytes}, outer_(FrameBudget::current()) {
    FrameBudget::current() = &budget_;
  }
  FrameBudgetGuard(const FrameBudgetGuard&) = delete;
  FrameBudgetGuard& operator=(const FrameBudgetGuard&) = delete;
  ~FrameBudgetGuard() { FrameBudget::current() = outer_; }
  [[nodiscard]] bool exceeded() const { return budget_.exceeded; }

 private:
  FrameBudget budget_;
  FrameBudget* outer_;
};

}  // namespace

std::string_view Execution::plural(Awaited what) {
  switch (what) {
    case Awaited::activity: return "activities";
    case Awaited::timer: return "timers";
    case Awaited::child_start:
    case Awaited::child_end: return "children";
    case Awaited::message: return "messages to other workflows";
  }
  return "commands";
}

Execution::Execution(const WorkflowDefinition& definition, const RunId& run,
                     const RunStarted& started, ActivationLimits limits)
    : definition_(definition),
      run_(run),
      info_{started.workflow, started.origins ? started.origins->front().run : run, started.type,
            started.labels},
      origins_(started.origins),
      seed_(started.seed),
      limits_(limits) {
  root_scope_.host = this;
}

Execution::~Execution() {
  handled_.clear();  // handlers refer to what is the root's
  root_.reset();
}

Result<std::vector<EventBody>> Execution::activate(std::span<const Event> inputs, UtcTime now,
                                                   const LoggedActivation* logged) {
  const FrameBudgetGuard budget(limits_.frame_bytes_max);
  const ActivationMarking mark(run_);
  now_ = std::max(now_, now);
  issued_.clear();
  issued_bytes_ = 0;
  resumes_ = 0;
  activating_ = true;
  logged_ = logged;
  events_ = inputs.back().sequence.value();
  outcomes_in_hand_.clear();
  for (const Event& input : inputs)
    if (!std::holds_alternative<ChildStarted>(input.body))
      outcomes_in_hand_.push_back(command_of(input.body));
  try {
    for (const Event& input : inputs) {
      if (fault_) break;
      deliver(input);
      drain();
    }
  } catch (const std::exception& error) {
    fault(Errc::internal, fmt::format("the engine caught {} while the workflow ran: {}",
                                      typeid(error).name(), error.what()));
  }
  activating_ = false;
  check_open_commands();
  // In place of what the code made of it: how large a frame is differs from build to build.
  if (budget.exceeded())
    fault_ = Error{.code = Errc::limit_exceeded,
                   .detail = fmt::format("over {} bytes of coroutine frames in one activation",
                                         limits_.frame_bytes_max)};
  if (fault_) return std::unexpected(*fault_);
  return std::move(issued_);
}

void Execution::check_open_commands() {
  if (open_.size() <= limits_.open_per_kind_max) return;
  std::map<Awaited, std::size_t> counts;
  for (const OpenCommand& open : open_) ++counts[open.what];
  for (const auto& [what, count] : counts)
    if (count > limits_.open_per_kind_max)
      fault(Errc::limit_exceeded, fmt::format("{} {} are open, and a run may have {}", count,
                                              plural(what), limits_.open_per_kind_max));
}

void Execution::deliver(const Event& input) {
  if (const auto* signal = std::get_if<SignalReceived>(&input.body))
    return take_message(MessageKind::signal, signal->name, input);
  if (const auto* update = std::get_if<UpdateAccepted>(&input.body))
    return take_message(MessageKind::update, update->name, input);
  if (finished_) return;
  std::visit(
      [this]<typename Body>(const Body& body) {
        if constexpr (std::same_as<Body, RunStarted>) {
          start_root(body.input);
        } else if constexpr (std::same_as<Body, ActivityCompleted>) {
          settle_command(body.command, Operation::Settled::value, &body.result, nullptr);
        } else if constexpr (std::same_as<Body, ActivityFailed>) {
          settle_command(body.command, Operation::Settled::failure, nullptr, &body.failure);
        } else if constexpr (std::same_as<Body, TimerFired>) {
          settle_command(body.command, Operation::Settled::value, nullptr, nullptr);
        } else if constexpr (std::same_as<Body, ChildStarted>) {
          child_started(body);
        } else if constexpr (std::same_as<Body, ChildClosed>) {
          child_closed(body);
        } else if constexpr (std::same_as<Body, MessageAnswered>) {
          const ActivityFailure refused{body.error_type, body.message, false, {}};
          if (body.error_type.empty())
            settle_command(body.command, Operation::Settled::value, nullptr, nullptr);
          else
            settle_command(body.command, Operation::Settled::failure, nullptr, &refused);
        } else if constexpr (std::same_as<Body, CancelRequested>) {
          cancel_reason_ = body.reason;
          cancel(root_scope_);
        }
      },
      input.body);
}

void Execution::start_root(const Payload& input) {
  CHECK(!root_, "run {} is started twice", run_);
  root_.emplace(definition_.start(Context(*this), input));
  PromiseBase& promise = root_->handle().promise();
  promise.scope = &root_scope_;
  promise.join = this;
  ready_.push_back(root_->handle());
}

std::coroutine_handle<> Execution::branch_done(std::size_t index) noexcept {
  if (index == 0)
    root_done_ = true;
  else
    handled_ended_.push_back(index);
  return std::noop_coroutine();
}

void Execution::drain() {
  do {
    resume_ready();
    end_handlers();
  } while (!handler_error_ && wake_waiter());
  if ((root_done_ || handler_error_) && !finished_ && !fault_) finish();
}

void Execution::resume_ready() {
  while (next_ready_ < ready_.size() && !root_done_ && !fault_) {
    if (++resumes_ > limits_.resumes_max)
      return fault(Errc::limit_exceeded,
                   fmt::format("one activation resumed its coroutines more than {} times",
                               limits_.resumes_max));
    const std::coroutine_handle<> next = ready_[next_ready_++];
    next.resume();
  }
  if (next_ready_ == ready_.size()) clear_ready();
}

bool Execution::holds(const Condition& condition) noexcept {
  try {
    return condition();
  } catch (const std::exception& error) {
    fault(Errc::internal, fmt::format("a condition threw: {}", error.what()));
  }
  return false;
}

// Settles the oldest wait whose condition holds.
bool Execution::wake_waiter() {
  if (root_done_ || fault_) return false;
  const auto found = std::ranges::find_if(
      waiters_, [this](const Waiter& waiter) { return holds(*waiter.condition); });
  if (found == waiters_.end() || fault_) return false;
  Operation& operation = *found->operation;
  waiters_.erase(found);
  settle(operation, Operation::Settled::value);
  return true;
}

void Execution::finish() {
  finished_ = true;
  close_open_commands();
  try {
    if (handler_error_) std::rethrow_exception(handler_error_);
    issue(RunCompleted{.result = root_->handle().promise().take()});
  } catch (const Cancelled&) {
    if (root_scope_.cancelled)
      issue(RunCancelled{.reason = cancel_reason_});
    else
      issue(RunFailed{.type = "cancelled",
                      .message = "the workflow let a branch's cancellation out"});
  } catch (const ContinueAsNew& next) {
    continue_as_new(next.input());
  } catch (const ActivityError& error) {
    issue(RunFailed{.type = error.failure().type, .message = error.failure().message});
  } catch (const WorkflowFailure& error) {
    issue(RunFailed{.type = error.type(), .message = error.what()});
  } catch (const std::bad_alloc&) {
    fault(Errc::limit_exceeded, "out of memory");
  } catch (const std::exception& error) {
    fault(Errc::internal,
          fmt::format("the workflow's code threw {}: {}", typeid(error).name(), error.what()));
  } catch (...) {
    fault(Errc::internal, "the workflow's code threw something that is no std::exception");
  }
  queries_.clear();
  handled_.clear();
  root_.reset();
  clear_ready();
}

// Room that a burst needed is given back.
void Execution::clear_ready() {
  constexpr std::size_t kKeptMax = 16;
  if (ready_.capacity() > kKeptMax)
    ready_ = {};
  else
    ready_.clear();
  next_ready_ = 0;
}

// What handlers still wait for, when the root returns.
void Execution::close_open_commands() {
  for (const OpenCommand& open : std::exchange(open_, {})) {
    open.operation->host = nullptr;
    const bool ends_with_the_run = open.what == Awaited::activity || open.what == Awaited::timer;
    if (ends_with_the_run && !is_in_hand(open.id)) issue_cancel(open);
  }
}

void Execution::issue_cancel(const OpenCommand& open) noexcept {
  switch (open.what) {
    case Awaited::activity: issue(ActivityCancelled{.command = open.id}); break;
    case Awaited::timer: issue(TimerCancelled{.command = open.id}); break;
    case Awaited::message: break;  // it is on its way
    case Awaited::child_start:
    case Awaited::child_end: cancel_child(open.id); break;
  }
}

void Execution::continue_as_new(const Payload& input) {
  const UtcTime born = std::max(now_, run_.born() + std::chrono::milliseconds(1));
  const Digest digest = digest_of(fmt::format("{}/{}/next", run_, seed_));
  const RunId next = RunId::make(born, leading_u64(digest), leading_u64(digest_of(digest.view())));
  issue(RunContinued{.input = input, .next_run = next});
}

void Execution::settle_command(CommandId id, Operation::Settled how, const Payload* value,
                               const ActivityFailure* failure) {
  const auto found = std::ranges::lower_bound(open_, id, {}, &OpenCommand::id);
  if (found == open_.end() || found->id != id) return;  // cancelled before: nobody waits
  Operation& operation = *found->operation;
  open_.erase(found);
  if (value != nullptr) operation.value = *value;
  if (failure != nullptr) operation.failure = *failure;
  settle(operation, how);
}

void Execution::settle(Operation& operation, Operation::Settled how) noexcept {
  operation.settled = how;
  operation.host = nullptr;
  ready_.push_back(operation.continuation);
}

void Execution::schedule_activity(Operation& operation, ActivityRequest&& request) noexcept {
  operation.host = this;
  const CommandId id = issue(ActivityScheduled{.command = last_command_.next(),
                                               .name = std::move(request.name),
                                               .version = request.version,
                                               .reuse = request.reuse,
                                               .input = std::move(request.input),
                                               .options = std::move(request.options)});
  open_.push_back({id, Awaited::activity, &operation});
}

std::shared_ptr<const StepBody> Execution::step(CommandId command) const {
  const auto found = std::ranges::lower_bound(open_, command, {}, &OpenCommand::id);
  return found != open_.end() && found->id == command ? found->operation->step : nullptr;
}

void Execution::start_timer(Operation& operation, Duration duration) noexcept {
  operation.host = this;
  const Duration length = std::max(duration, Duration(0));
  const CommandId id = issue(
      TimerStarted{.command = last_command_.next(), .duration = length, .fire_at = now_ + length});
  open_.push_back({id, Awaited::timer, &operation});
}

bool Execution::wait_signal(Operation& operation, const std::string& name) noexcept {
  const auto waiting = inbox_.find({MessageKind::signal, name});
  if (waiting != inbox_.end()) {
    operation.value = std::move(std::get<SignalReceived>(take_first(waiting).event).payload);
    operation.settled = Operation::Settled::value;
    return goes_on();
  }
  operation.host = this;
  signal_waits_[name].push_back(&operation);
  return false;
}

bool Execution::wait_until(Operation& operation, const Condition& condition) noexcept {
  if (holds(condition)) {
    operation.settled = Operation::Settled::value;
    return goes_on();
  }
  operation.host = this;
  waiters_.push_back({&operation, &condition});
  return false;
}

// A loop over buffered signals, or one that catches Cancelled, never returns to drain(): it is
// counted here.
bool Execution::goes_on() noexcept {
  if (++resumes_ > limits_.resumes_max)
    fault(
        Errc::limit_exceeded,
        fmt::format("one activation went on more than {} times without waiting: does a loop catch "
                    "Cancelled?",
                    limits_.resumes_max));
  return !fault_;
}

void Execution::forget(Operation& operation) noexcept {
  const auto is_this = [&](const OpenCommand& open) { return open.operation == &operation; };
  if (std::erase_if(open_, is_this) > 0) return;
  if (std::erase_if(waiters_,
                    [&](const Waiter& waiter) { return waiter.operation == &operation; }) > 0)
    return;
  for (auto& [name, waits] : signal_waits_) std::erase(waits, &operation);
}

void Execution::cancel(Scope& scope) noexcept {
  if (scope.cancelled) return;
  scope.cancelled = true;
  std::vector<OpenCommand> cancelled;
  std::erase_if(open_, [&](const OpenCommand& open) {
    if (!open.operation->scope->within(scope)) return false;
    cancelled.push_back(open);
    return true;
  });
  for (const OpenCommand& open : cancelled) {
    // What has ended, and is only not delivered yet, cannot be cancelled any more.
    if (!is_in_hand(open.id)) issue_cancel(open);
    settle(*open.operation, Operation::Settled::cancelled);
  }
  for (auto& [name, waits] : signal_waits_) {
    std::erase_if(waits, [&](Operation* operation) {
      if (!operation->scope->within(scope)) return false;
      settle(*operation, Operation::Settled::cancelled);
      return true;
    });
  }
  std::erase_if(waiters_, [&](const Waiter& waiter) {
    if (!waiter.operation->scope->within(scope)) return false;
    settle(*waiter.operation, Operation::Settled::cancelled);
    return true;
  });
}

void Execution::cancel_scope(Scope& scope) {
  must_be_activating("it cancels a scope");
  cancel(scope);
}

bool Execution::patched(const std::string& id) {
  must_be_activating("it asks for a patch");
  auto& patches = named().patches;
  const auto known = patches.find(id);
  if (known != patches.end()) return known->second;
  const bool taken = logged_ == nullptr || logged_->patches.contains(id);
  patches.emplace(id, taken);
  if (taken) issue(PatchApplied{.command = last_command_.next(), .id = id});
  return taken;
}

void Execution::upsert(AttributeChanges changes) {
  must_be_activating("it changes attributes");
  RunLabels labels = info_.labels ? *info_.labels : RunLabels();
  change(labels.attributes, changes);
  if (Result<> ok = check_attributes(labels.attributes); !ok)
    throw std::invalid_argument(to_string(ok.error()));
  info_.labels = std::move(labels);
  issue(AttributesChanged{.command = last_command_.next(), .changes = std::move(changes)});
}

// Plain calls come from queries as well, which may change nothing; and a loop of them never waits.
void Execution::must_be_activating(std::string_view what) const {
  if (!activating_) throw std::logic_error(fmt::format("a query may only read: {}", what));
  if (fault_) throw std::length_error(fault_->detail);
}

void Execution::record_fact(std::string name, Payload payload) {
  must_be_activating("it records a fact");
  issue(FactRecorded{
      .command = last_command_.next(), .name = std::move(name), .fact = std::move(payload)});
}

void Execution::enter_stage(std::string name) {
  must_be_activating("it enters a stage");
  if (branches_open_ > 0) {
    fault(Errc::internal, "stage(" + name + ") inside a branch of all/any: root branch only");
    throw std::logic_error(fault_->detail);
  }
  const std::uint32_t visit = ++named().stage_visits[name];
  issue(StageEntered{.command = last_command_.next(), .name = std::move(name), .visit = visit});
}

std::uint64_t Execution::random(std::string_view name) {
  must_be_activating("it draws a random number");
  auto& draws = named().random_draws;
  auto found = draws.find(name);
  if (found == draws.end()) found = draws.emplace(name, 0).first;
  return leading_u64(digest_of(fmt::format("{}/{}/{}", seed_, name, ++found->second)));
}

void Execution::set_query(const std::string& name, QueryHandler handler) {
  queries_.insert_or_assign(name, std::move(handler));
}

void Execution::clear_query(const std::string& name) noexcept { queries_.erase(name); }

Result<Payload> Execution::query(const std::string& name, const Payload& arguments) {
  if (finished_) return fail(Errc::conflict, "the run has ended: read its result or its history");
  const auto found = queries_.find(name);
  if (found == queries_.end())
    return fail(Errc::not_found, "the workflow answers no query " + name + " now", "name");
  try {
    return found->second(arguments);
  } catch (const std::exception& error) {
    return fail(Errc::internal, fmt::format("query {} threw: {}", name, error.what()));
  }
}

bool Execution::is_in_hand(CommandId command) const {
  return std::ranges::find(outcomes_in_hand_, command) != outcomes_in_hand_.end();
}

// Commands that name no new id (cancellations, the end) pass through here as well.
CommandId Execution::take_issued() noexcept {
  const CommandId named = command_of(issued_.back());
  if (named == last_command_.next()) last_command_ = named;
  if (fault_) {
    issued_.pop_back();
    return named;
  }
  issued_bytes_ += payload_bytes(issued_.back());
  if (issued_.size() > limits_.commands_max)
    fault(Errc::limit_exceeded,
          fmt::format("one activation issued more than {} commands", limits_.commands_max));
  if (issued_bytes_ > limits_.command_bytes_max)
    fault(Errc::limit_exceeded, fmt::format("the commands of one activation are over {} bytes",
                                            limits_.command_bytes_max));
  return named;
}

void Execution::fault(Errc code, std::string detail) noexcept {
  if (!fault_) fault_ = Error{.code = code, .detail = std::move(detail), .field = {}};
}

}  // namespace reprise
