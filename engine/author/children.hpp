// Other workflows: children that are started and awaited, and any workflow that is spoken to.
//
// Part of engine/author/workflow.hpp, which includes it. Authors call ctx.child, ctx.start_child and
// ctx.external.
// Guarantees: a child starts once, a signal arrives once, whatever crashes meanwhile (ADR-0012).
// Thread:     the shard's.
// Errors:     ChildError: the child ended without a result, or what was asked was refused.
#pragma once

#include <concepts>
#include <coroutine>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "engine/author/awaiter.hpp"

namespace reprise {
namespace author_detail {

// The value, or the failure thrown, of an operation that another run answers.
class AnsweredAwaiter : public OperationAwaiter {
 protected:
  void throw_if_failed() {
    throw_if_cancelled();
    if (operation_.settled == Operation::Settled::failure)
      throw ChildError(std::move(*operation_.failure));
  }
};

}  // namespace author_detail

// ctx.child<Out>(…): another workflow, started as a child; its result, or ChildError. Cancelling the
// await cancels the child, unless it is to be abandoned.
template <typename Out>
class [[nodiscard]] ChildCall {
 public:
  using Value = Out;
  explicit ChildCall(ChildRequest request) : request_(std::move(request)) {}
  class Awaiter : public author_detail::AnsweredAwaiter {
   public:
    explicit Awaiter(ChildRequest& request) : request_(request) {}
    template <std::derived_from<PromiseBase> Promise>
    bool await_suspend(std::coroutine_handle<Promise> waiting) {
      WorkflowHost& host = attach(waiting);
      if (cancelled()) return !host.goes_on();
      host.start_child(operation_, std::move(request_));
      return true;
    }
    Out await_resume() {
      throw_if_failed();
      if constexpr (!std::is_void_v<Out>) return this->template decoded<Out>("child result");
    }

   private:
    ChildRequest& request_;
  };
  Awaiter operator co_await() && { return Awaiter(request_); }

 private:
  ChildRequest request_;
};

// A started child's end: co_await handle.result(), once.
template <typename Out>
class [[nodiscard]] ChildResultCall {
 public:
  using Value = Out;
  explicit ChildResultCall(CommandId child) : child_(child) {}
  class Awaiter : public author_detail::AnsweredAwaiter {
   public:
    explicit Awaiter(CommandId child) : child_(child) {}
    template <std::derived_from<PromiseBase> Promise>
    bool await_suspend(std::coroutine_handle<Promise> waiting) {
      WorkflowHost& host = attach(waiting);
      if (cancelled()) return !host.goes_on();
      return !host.child_result(operation_, child_);
    }
    Out await_resume() {
      throw_if_failed();
      if constexpr (!std::is_void_v<Out>) return this->template decoded<Out>("child result");
    }

   private:
    CommandId child_;
  };
  Awaiter operator co_await() && { return Awaiter(child_); }

 private:
  CommandId child_;
};

template <typename Out>
class ChildHandle {
 public:
  explicit ChildHandle(CommandId child) : child_(child) {}
  [[nodiscard]] ChildResultCall<Out> result() const { return ChildResultCall<Out>(child_); }

 private:
  CommandId child_;
};

// ctx.start_child<Out>(…): a handle of the child once it has started; ChildError when it is refused.
template <typename Out>
class [[nodiscard]] StartChildCall {
 public:
  using Value = ChildHandle<Out>;
  explicit StartChildCall(ChildRequest request) : request_(std::move(request)) {}
  class Awaiter : public author_detail::AnsweredAwaiter {
   public:
    explicit Awaiter(ChildRequest& request) : request_(request) {}
    template <std::derived_from<PromiseBase> Promise>
    bool await_suspend(std::coroutine_handle<Promise> waiting) {
      WorkflowHost& host = attach(waiting);
      if (cancelled()) return !host.goes_on();
      child_ = host.start_child_only(operation_, std::move(request_));
      return true;
    }
    ChildHandle<Out> await_resume() {
      throw_if_failed();
      return ChildHandle<Out>(child_);
    }

   private:
    ChildRequest& request_;
    CommandId child_;
  };
  Awaiter operator co_await() && { return Awaiter(request_); }

 private:
  ChildRequest request_;
};

// A message to another workflow: done once it is accepted there; ChildError when it is refused.
class [[nodiscard]] MessageCall {
 public:
  using Value = void;
  explicit MessageCall(MessageRequest request) : request_(std::move(request)) {}
  class Awaiter : public author_detail::AnsweredAwaiter {
   public:
    explicit Awaiter(MessageRequest& request) : request_(request) {}
    template <std::derived_from<PromiseBase> Promise>
    bool await_suspend(std::coroutine_handle<Promise> waiting) {
      WorkflowHost& host = attach(waiting);
      if (cancelled()) return !host.goes_on();
      host.send_message(operation_, std::move(request_));
      return true;
    }
    void await_resume() { throw_if_failed(); }

   private:
    MessageRequest& request_;
  };
  Awaiter operator co_await() && { return Awaiter(request_); }

 private:
  MessageRequest request_;
};

// Any workflow by its id: ctx.external(id).signal("go", value). Its latest run is meant.
class ExternalWorkflow {
 public:
  explicit ExternalWorkflow(WorkflowId id) : id_(std::move(id)) {}
  // Arrives once, also when this run or its server is restarted meanwhile.
  template <PayloadValue T>
  [[nodiscard]] MessageCall signal(std::string name, const T& value) const {
    return MessageCall({id_, MessageVerb::signal, std::move(name), encode(value)});
  }
  [[nodiscard]] MessageCall cancel(std::string reason = {}) const {
    return MessageCall({id_, MessageVerb::cancel, {}, {std::move(reason)}});
  }
  // Ends it now; its code is not asked.
  [[nodiscard]] MessageCall terminate(std::string reason = {}) const {
    return MessageCall({id_, MessageVerb::terminate, {}, {std::move(reason)}});
  }

 private:
  WorkflowId id_;
};

struct ChildOptions {
  std::optional<WorkflowId> id;  // nothing: made of this run's
  ParentClose on_close = ParentClose::terminate;
  Duration run_timeout{0};        // 0: none
  Duration execution_timeout{0};  // 0: none
};

}  // namespace reprise
