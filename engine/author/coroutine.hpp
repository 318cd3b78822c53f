// Workflow<T>: a deterministic piece of work as a coroutine, the whole run or a part of one.
//
// Guarantees: lazy: nothing happens before it is awaited or handed to all / any. Move-only; the
//             owner's destructor destroys the frame, which issues no command.
// Thread:     the shard's.
// Errors:     an exception leaves through co_await. ActivityError, Cancelled and WorkflowFailure
//             fail (or cancel) the run when they leave the root; any other exception parks it.
#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "engine/author/host.hpp"

namespace reprise {

// An activity gave no result, its retries included.
class ActivityError : public std::runtime_error {
 public:
  explicit ActivityError(ActivityFailure failure)
      : std::runtime_error(failure.type + ": " + failure.message), failure_(std::move(failure)) {}
  [[nodiscard]] const ActivityFailure& failure() const { return failure_; }

 private:
  ActivityFailure failure_;
};

// A child ended without a result, or a message was refused: failure().type is "cancelled",
// "terminated", "timed_out", what the child failed with, or why it was refused ("already_exists").
class ChildError : public ActivityError {
 public:
  using ActivityError::ActivityError;
};

// The scope was cancelled. Every later co_await in the same scope throws it again.
class Cancelled : public std::runtime_error {
 public:
  Cancelled() : std::runtime_error("cancelled") {}
};

// Thrown by an author to fail the run for a reason of the business.
class WorkflowFailure : public std::runtime_error {
 public:
  WorkflowFailure(std::string type, const std::string& message)
      : std::runtime_error(message), type_(std::move(type)) {}
  [[nodiscard]] const std::string& type() const { return type_; }

 private:
  std::string type_;
};

// Thrown by ctx.continue_as_new(); not to be caught. The run ends, and its successor starts with
// this input.
class ContinueAsNew {
 public:
  explicit ContinueAsNew(Payload input) : input_(std::move(input)) {}
  [[nodiscard]] const Payload& input() const { return input_; }

 private:
  Payload input_;
};

// Who is told that a branch ended.
class Join {
 public:
  // Returns the coroutine to go on with (std::noop_coroutine() for none).
  virtual std::coroutine_handle<> branch_done(std::size_t index) noexcept = 0;

 protected:
  ~Join() = default;
};

struct PromiseBase {
  const Scope* scope = nullptr;
  std::coroutine_handle<> continuation;  // the awaiting coroutine, or
  Join* join = nullptr;                  // the combinator (or root) that started this branch
  std::size_t branch_index = 0;
  std::exception_ptr error;

  std::suspend_always initial_suspend() noexcept { return {}; }

  struct Final {
    bool await_ready() noexcept { return false; }
    template <typename Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> self) noexcept {
      PromiseBase& promise = self.promise();
      return promise.join != nullptr ? promise.join->branch_done(promise.branch_index)
                                     : promise.continuation;
    }
    void await_resume() noexcept {}
  };
  Final final_suspend() noexcept { return {}; }
  void unhandled_exception() { error = std::current_exception(); }

  static void* operator new(std::size_t bytes) {
    if (FrameBudget* budget = FrameBudget::current(); budget != nullptr) {
      if (bytes > budget->bytes_left) {
        budget->exceeded = true;
        throw std::bad_alloc();
      }
      budget->bytes_left -= bytes;
    }
    return ::operator new(bytes);
  }
  static void operator delete(void* frame, std::size_t bytes) { ::operator delete(frame, bytes); }
};

template <typename T>
class Workflow;

namespace author_detail {

template <typename T>
struct Promise : PromiseBase {
  std::optional<T> value;
  Workflow<T> get_return_object();
  template <typename U>
  void return_value(U&& result) {
    value.emplace(std::forward<U>(result));
  }
  T take() {
    if (error) std::rethrow_exception(error);
    return std::move(*value);
  }
};

template <>
struct Promise<void> : PromiseBase {
  Workflow<void> get_return_object();
  void return_void() {}
  void take() {
    if (error) std::rethrow_exception(error);
  }
};

}  // namespace author_detail

template <typename T = void>
class [[nodiscard]] Workflow {
 public:
  using promise_type = author_detail::Promise<T>;
  using Value = T;
  using Handle = std::coroutine_handle<promise_type>;

  explicit Workflow(Handle handle) : handle_(handle) {}
  Workflow(Workflow&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Workflow& operator=(Workflow&& other) noexcept {
    if (this != &other) {
      reset();
      handle_ = std::exchange(other.handle_, {});
    }
    return *this;
  }
  ~Workflow() { reset(); }

  [[nodiscard]] Handle handle() const { return handle_; }

  struct Awaiter {
    Handle child;
    bool await_ready() noexcept { return false; }
    template <std::derived_from<PromiseBase> Parent>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Parent> parent) noexcept {
      child.promise().scope = parent.promise().scope;
      child.promise().continuation = parent;
      return child;
    }
    T await_resume() { return child.promise().take(); }
  };
  Awaiter operator co_await() && noexcept { return Awaiter{handle_}; }

 private:
  void reset() noexcept {
    if (handle_) handle_.destroy();
    handle_ = {};
  }
  Handle handle_;
};

namespace author_detail {

template <typename T>
Workflow<T> Promise<T>::get_return_object() {
  return Workflow<T>(std::coroutine_handle<Promise<T>>::from_promise(*this));
}
inline Workflow<void> Promise<void>::get_return_object() {
  return Workflow<void>(std::coroutine_handle<Promise<void>>::from_promise(*this));
}

}  // namespace author_detail
}  // namespace reprise
