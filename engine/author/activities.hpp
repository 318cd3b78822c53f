// Activities and local steps, as a workflow awaits them: ctx.run(), ctx.try_run(), ctx.step().
//
// Authors do not use this header: engine/author/workflow.hpp is theirs.
// Guarantees: lazy; each is awaited at most once.
// Thread:     the shard's; a step's body runs on another.
// Errors:     ActivityError, Cancelled; WorkflowFailure("bad_payload") for what cannot be decoded.
#pragma once

#include <concepts>
#include <coroutine>
#include <exception>
#include <expected>
#include <memory>
#include <utility>

#include "engine/author/awaiter.hpp"
#include "engine/author/contract.hpp"
#include "engine/author/coroutine.hpp"
#include "engine/author/host.hpp"
#include "engine/author/payload.hpp"

namespace reprise {
namespace author_detail {

class ActivityAwaiter : public OperationAwaiter {
 public:
  explicit ActivityAwaiter(ActivityRequest& request) : request_(request) {}
  template <std::derived_from<PromiseBase> Promise>
  bool await_suspend(std::coroutine_handle<Promise> waiting) {
    WorkflowHost& host = attach(waiting);
    if (cancelled()) return !host.goes_on();
    host.schedule_activity(operation_, std::move(request_));
    return true;
  }

 protected:
  template <typename T>
  std::expected<T, ActivityFailure> outcome() {
    throw_if_cancelled();
    if (operation_.settled == Operation::Settled::failure)
      return std::unexpected(std::move(*operation_.failure));
    return decoded<T>("activity result");
  }

 private:
  ActivityRequest& request_;
};

}  // namespace author_detail

// ctx.run<C>(input): the activity's output, or ActivityError.
template <ActivityContract C>
class [[nodiscard]] ActivityCall {
 public:
  using Value = typename C::Output;
  explicit ActivityCall(ActivityRequest request) : request_(std::move(request)) {}
  struct Awaiter : author_detail::ActivityAwaiter {
    using ActivityAwaiter::ActivityAwaiter;
    Value await_resume() {
      auto result = this->template outcome<Value>();
      if (!result) throw ActivityError(std::move(result.error()));
      return std::move(*result);
    }
  };
  Awaiter operator co_await() && { return Awaiter(request_); }

 private:
  ActivityRequest request_;
};

// ctx.try_run<C>(input): the output or the failure, as a value.
template <ActivityContract C>
class [[nodiscard]] TryActivityCall {
 public:
  using Value = std::expected<typename C::Output, ActivityFailure>;
  explicit TryActivityCall(ActivityRequest request) : request_(std::move(request)) {}
  struct Awaiter : author_detail::ActivityAwaiter {
    using ActivityAwaiter::ActivityAwaiter;
    Value await_resume() { return this->template outcome<typename C::Output>(); }
  };
  Awaiter operator co_await() && { return Awaiter(request_); }

 private:
  ActivityRequest request_;
};

namespace author_detail {

template <PayloadValue Value, typename Body>
StepBody step_body(Body body) {
  return [body = std::move(body)]() mutable -> std::expected<Payload, ActivityFailure> {
    try {
      return encode(static_cast<const Value&>(body()));
    } catch (const WorkflowFailure& failure) {
      return std::unexpected(ActivityFailure{failure.type(), failure.what(), false});
    } catch (const std::exception& thrown) {
      return std::unexpected(ActivityFailure{"exception", thrown.what()});
    }
  };
}

}  // namespace author_detail

// ctx.step(name, body): what the body returns, or ActivityError.
template <PayloadValue T>
class [[nodiscard]] StepCall {
 public:
  using Value = T;
  StepCall(ActivityRequest request, std::shared_ptr<const StepBody> body)
      : request_(std::move(request)), body_(std::move(body)) {}
  struct Awaiter : author_detail::ActivityAwaiter {
    Awaiter(ActivityRequest& request, std::shared_ptr<const StepBody> body)
        : ActivityAwaiter(request) {
      operation_.step = std::move(body);
    }
    Value await_resume() {
      auto result = this->template outcome<Value>();
      if (!result) throw ActivityError(std::move(result.error()));
      return std::move(*result);
    }
  };
  Awaiter operator co_await() && { return {request_, std::move(body_)}; }

 private:
  ActivityRequest request_;
  std::shared_ptr<const StepBody> body_;
};

}  // namespace reprise
