// What stands between a workflow coroutine and the engine: WorkflowHost, Operation, Scope.
//
// Authors do not use this header: engine/author/workflow.hpp is theirs.
// Guarantees: a host call issues at most one command, in call order, and never throws; what is over
//             a limit is noted by the host and parks the run after the activation.
// Thread:     the shard's; a run is never on two threads at once.
#pragma once

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/boxed.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"
#include "engine/author/attributes.hpp"
#include "engine/author/contract.hpp"
#include "engine/author/payload.hpp"

namespace reprise {

class WorkflowHost;
template <typename T>
class Workflow;

// A part of a workflow that can be cancelled as one. The root scope belongs to the host, the others
// to the all / any / shield / CancelScope that runs the part, which outlives it.
struct Scope {
  WorkflowHost* host = nullptr;
  const Scope* parent = nullptr;
  bool cancelled = false;
  bool shielded = false;  // what cancels the scopes around it does not reach it

  // Does cancelling `ancestor` reach this scope?
  [[nodiscard]] bool within(const Scope& ancestor) const {
    for (const Scope* scope = this; scope != nullptr; scope = scope->outer())
      if (scope == &ancestor) return true;
    return false;
  }
  [[nodiscard]] bool is_cancelled() const {
    for (const Scope* scope = this; scope != nullptr; scope = scope->outer())
      if (scope->cancelled) return true;
    return false;
  }
  [[nodiscard]] const Scope* outer() const { return shielded ? nullptr : parent; }
};

// The body of a local step: runs off the shard's thread, and owns all that it uses.
using StepBody = std::function<std::expected<Payload, ActivityFailure>()>;

// Names of local steps begin with it, among those of activities.
inline constexpr std::string_view kStepPrefix = "step:";

// What a suspended coroutine waits for. Lives in the coroutine's frame; the host points to it until
// it settles or dies.
class Operation {
 public:
  enum class Settled : std::uint8_t { open, value, failure, cancelled };

  Operation() = default;
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;
  ~Operation();

  WorkflowHost* host = nullptr;  // set while the host points here
  const Scope* scope = nullptr;
  std::coroutine_handle<> continuation;
  Settled settled = Settled::open;
  Payload value;
  Boxed<ActivityFailure> failure{};        // set once it has settled as one
  std::shared_ptr<const StepBody> step{};  // of a local step: what it does
};

struct ActivityRequest {
  std::string name;
  std::uint32_t version = 1;
  Reuse reuse = Reuse::never;
  Payload input;
  ActivityOptions options;
};

struct ChildRequest {
  std::string type;
  std::optional<WorkflowId> workflow;  // nothing: made of the parent's run and the command
  Payload input;
  ParentClose on_close = ParentClose::terminate;
  Duration run_timeout{0};
  Duration execution_timeout{0};
};

struct MessageRequest {
  WorkflowId to;
  MessageVerb verb = MessageVerb::signal;
  std::string name;  // of the signal
  Payload payload;   // the signal's; else the reason
};

struct RunInfo {
  WorkflowId workflow;
  RunId run;
  std::string type;
  Boxed<RunLabels> labels{};  // as they are now; empty: it has none
};

// A condition that a workflow waits for: reads the workflow's own state, and changes nothing.
using Condition = std::move_only_function<bool() const>;

using QueryHandler = std::move_only_function<Result<Payload>(const Payload&) const>;

// What the workflow does on a message (a signal, an update): a coroutine beside its root. Its result
// is the update's; a signal's is empty.
struct MessageHandler {
  std::move_only_function<Workflow<Payload>(const Payload&)> run;
  // Of an update: looks at the present state before it is accepted, and refuses it with an error.
  std::move_only_function<Result<>(const Payload&) const> check;
};
enum class MessageKind : std::uint8_t { signal = 1, update = 2 };

class WorkflowHost {
 public:
  virtual ~WorkflowHost() = default;

  // Each takes an operation and settles it later (wait_signal perhaps at once: then it returns true
  // and the coroutine goes on without suspending).
  virtual void schedule_activity(Operation& operation, ActivityRequest&& request) noexcept = 0;
  virtual void start_timer(Operation& operation, Duration duration) noexcept = 0;
  virtual bool wait_signal(Operation& operation, const std::string& name) noexcept = 0;
  // Settles with the child's result, or its failure.
  virtual void start_child(Operation& operation, ChildRequest request) noexcept = 0;
  // Settles when the child has started, with its command; child_result() settles with its end.
  virtual CommandId start_child_only(Operation& operation, ChildRequest request) noexcept = 0;
  virtual bool child_result(Operation& operation, CommandId child) noexcept = 0;
  // Settles when the message is accepted, or refused.
  virtual void send_message(Operation& operation, MessageRequest request) noexcept = 0;
  // Settles the operation once the condition holds: looked at after each input was worked through.
  virtual bool wait_until(Operation& operation, const Condition& condition) noexcept = 0;
  // The frame dies with the operation open (eviction): no command.
  virtual void forget(Operation& operation) noexcept = 0;
  // A coroutine is about to go on without having been suspended. False: it did so too often in this
  // activation, and stays where it is.
  virtual bool goes_on() noexcept = 0;

  // Settles every open operation within `scope` as cancelled: commands in issue order, then waits
  // for signals in the order of their names.
  virtual void cancel(Scope& scope) noexcept = 0;
  // The same, by the author's code; throws where it may change nothing (a query).
  virtual void cancel_scope(Scope& scope) = 0;

  virtual void record_fact(std::string name, Payload payload) = 0;
  virtual void enter_stage(std::string name) = 0;
  virtual bool patched(const std::string& id) = 0;
  // invalid_argument is thrown when the run would have attributes over their bounds.
  virtual void upsert(AttributeChanges changes) = 0;

  [[nodiscard]] virtual UtcTime now() const noexcept = 0;
  [[nodiscard]] virtual std::uint64_t history_events() const noexcept = 0;
  virtual std::uint64_t random(std::string_view name) = 0;
  [[nodiscard]] virtual const RunInfo& info() const noexcept = 0;

  virtual void set_query(const std::string& name, QueryHandler handler) = 0;
  virtual void clear_query(const std::string& name) noexcept = 0;

  // Messages of the name go to the handler from now on, those that wait first.
  virtual void set_handler(MessageKind kind, const std::string& name, MessageHandler handler) = 0;
  virtual void clear_handler(MessageKind kind, const std::string& name) noexcept = 0;
  // Handlers that have begun and not ended.
  [[nodiscard]] virtual std::size_t handlers_running() const noexcept = 0;

  // Branches are open between these two: `stage` is refused there.
  virtual void branches_opened() noexcept = 0;
  virtual void branches_closed() noexcept = 0;
};

inline Operation::~Operation() {
  if (host != nullptr) host->forget(*this);
}

// Bytes of coroutine frames that the run on this thread may still allocate. The engine sets it
// around each activation; above it, a coroutine's start throws std::bad_alloc and the run parks.
struct FrameBudget {
  std::size_t bytes_left = 0;
  bool exceeded = false;  // remembered: code that swallows the bad_alloc does not hide it
  static FrameBudget*& current() noexcept {
    thread_local FrameBudget* budget = nullptr;
    return budget;
  }
};

}  // namespace reprise
