// Execution: one run's coroutine, and the host that it talks to. Inputs in, commands out.
//
// Guarantees: a function of the definition, the run's identity and the activations given so far; the
//             same activations issue the same commands in the same order, live or replayed. Inputs of
//             an activation are delivered one by one: each is fully worked through before the next.
// Thread:     one at a time.
// Errors:     activate() fails when the run must be parked: the code threw what is neither
//             ActivityError, Cancelled nor WorkflowFailure (internal), or went over a limit
//             (limit_exceeded). The execution is then of no more use.
// Why:        ADR-0004.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "engine/author/definition.hpp"
#include "engine/core/event.hpp"

namespace reprise {

// What one activation may use, and how long a history it may add to. Above it the run is parked and
// nothing of the activation is written.
struct ActivationLimits {
  std::size_t commands_max = 10'000;
  std::size_t command_bytes_max = 32U << 20U;
  std::size_t frame_bytes_max = 64U << 20U;
  std::size_t resumes_max = 1'000'000;
  std::size_t open_per_kind_max = 10'000;  // activities, timers, children, messages: of each
  std::size_t history_events_max = 1'000'000;
  std::size_t history_bytes_max = 1U << 30U;
};

// What replay knows of the activation that it runs again.
struct LoggedActivation {
  std::set<std::string, std::less<>> patches;  // that the log says it took
};

class Execution final : public WorkflowHost, private Join {
 public:
  Execution(const WorkflowDefinition& definition, const RunId& run, const RunStarted& started,
            ActivationLimits limits = {});
  Execution(const Execution&) = delete;
  Execution& operator=(const Execution&) = delete;
  ~Execution() override;

  // Delivers the inputs in order and returns the commands that the code issued. The first input of
  // a run is its RunStarted.
  // `logged`: what the log has of it; null when it is live.
  Result<std::vector<EventBody>> activate(std::span<const Event> inputs, UtcTime now,
                                          const LoggedActivation* logged = nullptr);

  // The run has issued its last command (completed, failed or cancelled).
  [[nodiscard]] bool finished() const { return finished_; }

  // The signals and updates that the code did not take, for the run that it continued as, in the
  // order they were accepted; once it has finished.
  [[nodiscard]] std::vector<EventBody> untaken_messages() const;

  // Those that it has not taken yet, and the bytes of their payloads.
  [[nodiscard]] std::size_t messages_waiting() const { return inbox_count_; }
  [[nodiscard]] std::size_t message_bytes_waiting() const { return inbox_bytes_; }

  // What an open local step does; null for any other command.
  [[nodiscard]] std::shared_ptr<const StepBody> step(CommandId command) const;

  // Asks the running code. not_found when it registered no such query; conflict when it has ended.
  Result<Payload> query(const std::string& name, const Payload& arguments);

  // Asks the update's validator. not_found when no handler takes it; else the validator's error.
  Result<> check_update(const std::string& name, const Payload& input) const;

  // WorkflowHost:
  void schedule_activity(Operation& operation, ActivityRequest&& request) noexcept override;
  void start_timer(Operation& operation, Duration duration) noexcept override;
  bool wait_signal(Operation& operation, const std::string& name) noexcept override;
  void start_child(Operation& operation, ChildRequest request) noexcept override;
  CommandId start_child_only(Operation& operation, ChildRequest request) noexcept override;
  bool child_result(Operation& operation, CommandId child) noexcept override;
  void send_message(Operation& operation, MessageRequest request) noexcept override;
  bool wait_until(Operation& operation, const Condition& condition) noexcept override;
  void forget(Operation& operation) noexcept override;
  bool goes_on() noexcept override;
  void cancel(Scope& scope) noexcept override;
  void cancel_scope(Scope& scope) override;
  void record_fact(std::string name, Payload payload) override;
  void enter_stage(std::string name) override;
  bool patched(const std::string& id) override;
  void upsert(AttributeChanges changes) override;
  [[nodiscard]] UtcTime now() const noexcept override { return now_; }
  [[nodiscard]] std::uint64_t history_events() const noexcept override { return events_; }
  std::uint64_t random(std::string_view name) override;
  [[nodiscard]] const RunInfo& info() const noexcept override { return info_; }
  void set_query(const std::string& name, QueryHandler handler) override;
  void clear_query(const std::string& name) noexcept override;
  void set_handler(MessageKind kind, const std::string& name, MessageHandler handler) override;
  void clear_handler(MessageKind kind, const std::string& name) noexcept override;
  [[nodiscard]] std::size_t handlers_running() const noexcept override { return handled_.size(); }
  void branches_opened() noexcept override { ++branches_open_; }
  void branches_closed() noexcept override { --branches_open_; }

 private:
  enum class Awaited : std::uint8_t { activity, timer, child_start, child_end, message };
  struct OpenCommand {
    CommandId id;
    Awaited what;
    Operation* operation;
  };
  struct Child {
    bool abandoned = false;  // by its policy: not cancelled with what awaits it
    bool cancel_asked = false;
    std::optional<ChildClosed> closed;  // and nobody has asked for its result yet
  };

  struct Message {
    Sequence sequence;
    EventBody event;
  };
  // A handler under way; what it was started from outlives it.
  struct Handled {
    std::shared_ptr<MessageHandler> handler;
    Workflow<Payload> body;
    std::optional<Sequence> update;
  };
  using HandlerName = std::pair<MessageKind, std::string>;
  using Inbox = std::map<HandlerName, std::deque<Message>>;

  static std::string_view plural(Awaited what);
  void check_open_commands();
  std::coroutine_handle<> branch_done(std::size_t index) noexcept override;
  void deliver(const Event& input);
  void start_root(const Payload& input);
  void settle_command(CommandId id, Operation::Settled how, const Payload* value,
                      const ActivityFailure* failure);
  void settle(Operation& operation, Operation::Settled how) noexcept;
  [[nodiscard]] const RunId& issuer(CommandId command) const;
  CommandId schedule_child(Operation& operation, ChildRequest request, Awaited what) noexcept;
  void child_started(const ChildStarted& started);
  void child_closed(const ChildClosed& closed);
  void wait_for(CommandId id, Awaited what, Operation& operation);
  void drain();
  void resume_ready();
  void clear_ready();
  bool wake_waiter();
  bool holds(const Condition& condition) noexcept;
  void finish();
  void continue_as_new(const Payload& input);
  void take_message(MessageKind kind, const std::string& name, const Event& input);
  Message take_first(Inbox::iterator messages);
  void start_handler(const std::shared_ptr<MessageHandler>& handler, const Message& message);
  void end_handlers();
  void end_handler(Handled& handled);
  void close_open_commands();
  void issue_cancel(const OpenCommand& open) noexcept;
  void cancel_child(CommandId id) noexcept;
  [[nodiscard]] bool is_in_hand(CommandId command) const;
  template <typename Body>
  CommandId issue(Body body) noexcept {
    issued_.emplace_back(std::move(body));
    return take_issued();
  }
  CommandId take_issued() noexcept;
  void must_be_activating(std::string_view what) const;
  void fault(Errc code, std::string detail) noexcept;

  const WorkflowDefinition& definition_;
  const RunId run_;
  RunInfo info_;  // as the code sees it: a fork keeps the name of the run that it began as
  Boxed<std::vector<ForkOrigin>> origins_;
  std::uint64_t seed_;
  ActivationLimits limits_;

  Scope root_scope_;
  std::optional<Workflow<Payload>> root_;
  bool root_done_ = false;
  bool finished_ = false;
  std::string cancel_reason_;
  std::size_t branches_open_ = 0;

  std::vector<OpenCommand> open_;  // in issue order
  std::map<CommandId, Child> children_;
  Inbox inbox_;  // messages that nobody took yet; no list is empty
  std::size_t inbox_count_ = 0;
  std::size_t inbox_bytes_ = 0;
  std::map<HandlerName, std::shared_ptr<MessageHandler>> handlers_;
  std::map<std::size_t, Handled> handled_;
  std::size_t last_handled_ = 0;
  std::vector<std::size_t> handled_ended_;  // in the order they ended
  std::exception_ptr handler_error_;        // what a signal's handler let out
  std::map<std::string, std::vector<Operation*>, std::less<>> signal_waits_;  // oldest first
  struct Waiter {
    Operation* operation;
    const Condition* condition;
  };
  std::vector<Waiter> waiters_;  // for conditions, oldest first
  std::map<std::string, QueryHandler, std::less<>> queries_;
  // What the code has asked for by name: many runs never do.
  struct Named {
    std::map<std::string, bool, std::less<>> patches;
    std::map<std::string, std::uint64_t, std::less<>> random_draws;
    std::map<std::string, std::uint32_t, std::less<>> stage_visits;
  };
  Named& named() {
    if (!named_) named_ = Named();
    return *named_;
  }
  Boxed<Named> named_;
  std::vector<std::coroutine_handle<>> ready_;  // from next_ready_ on
  std::size_t next_ready_ = 0;

  UtcTime now_;
  CommandId last_command_;
  std::uint64_t events_ = 0;  // before the activation under way
  const LoggedActivation* logged_ = nullptr;
  // Of the activation under way:
  std::vector<CommandId> outcomes_in_hand_;  // commands that its inputs settle: not to be cancelled
  std::vector<EventBody> issued_;
  std::size_t issued_bytes_ = 0;
  std::size_t resumes_ = 0;
  bool activating_ = false;
  Boxed<Error> fault_;
};

}  // namespace reprise
