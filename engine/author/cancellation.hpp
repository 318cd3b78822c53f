// Cancellation under the author's control: shield and CancelScope.
//
// Part of engine/author/workflow.hpp, which includes it.
// Guarantees: a part ends before the coroutine that runs it goes on; cancelling reaches everything
//             that the part runs, except what is shielded.
// Thread:     the shard's.
#pragma once

#include <optional>
#include <stdexcept>
#include <utility>

#include "engine/author/workflow.hpp"

namespace reprise {
namespace author_detail {

// Runs a branch in `scope` and gives its value.
template <typename T>
struct InScope {
  Workflow<T>& branch;
  Scope& scope;

  bool await_ready() const noexcept { return false; }
  template <std::derived_from<PromiseBase> Parent>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<Parent> parent) noexcept {
    scope.host = parent.promise().scope->host;
    scope.parent = parent.promise().scope;
    PromiseBase& promise = branch.handle().promise();
    promise.scope = &scope;
    promise.continuation = parent;
    return branch.handle();
  }
  T await_resume() { return branch.handle().promise().take(); }
};

}  // namespace author_detail

// Runs a part that goes on when what is around it is cancelled, even if that was before.
template <Awaitable A>
Workflow<typename A::Value> shield(A part) {
  Scope scope{.shielded = true};
  Workflow<typename A::Value> branch = author_detail::as_branch(std::move(part));
  co_return co_await author_detail::InScope<typename A::Value>{branch, scope};
}

// Runs a part; when it fails or is cancelled, runs what compensate() gives, shielded, and then throws
// what the part threw. A saga's step, and clean-up with a deadline:
//     co_await with_compensation(book(ctx), [&] { return within(ctx, 30s, unbook(ctx)); });
template <Awaitable A, typename Compensate>
Workflow<typename A::Value> with_compensation(A part, Compensate compensate) {
  Workflow<typename A::Value> branch = author_detail::as_branch(std::move(part));
  std::exception_ptr error;
  try {
    co_return co_await std::move(branch);
  } catch (const ContinueAsNew&) {
    throw;
  } catch (...) {
    error = std::current_exception();  // nothing can be awaited here
  }
  co_await shield(compensate());
  std::rethrow_exception(error);
}

// A part that its author cancels, from another branch or before it starts.
//     CancelScope search(ctx);
//     … all(search.run(find(ctx)), stop_when_told(ctx, search)) …
// It outlives run().
class CancelScope {
 public:
  explicit CancelScope(Context ctx) { scope_.host = ctx.host_; }
  CancelScope(const CancelScope&) = delete;
  CancelScope& operator=(const CancelScope&) = delete;

  // The part's value, or nothing when cancel() ended it. Once.
  template <Awaitable A>
    requires(!std::is_void_v<typename A::Value>)
  Workflow<std::optional<typename A::Value>> run(A part) {
    use();
    Workflow<typename A::Value> branch = author_detail::as_branch(std::move(part));
    try {
      co_return co_await author_detail::InScope<typename A::Value>{branch, scope_};
    } catch (const Cancelled&) {
      if (cancelled_from_outside()) throw;
    }
    co_return std::nullopt;
  }
  // False when cancel() ended it.
  template <Awaitable A>
    requires(std::is_void_v<typename A::Value>)
  Workflow<bool> run(A part) {
    use();
    Workflow<> branch = author_detail::as_branch(std::move(part));
    try {
      co_await author_detail::InScope<void>{branch, scope_};
      co_return true;
    } catch (const Cancelled&) {
      if (cancelled_from_outside()) throw;
    }
    co_return false;
  }

  void cancel() { scope_.host->cancel_scope(scope_); }
  [[nodiscard]] bool cancelled() const { return scope_.cancelled; }

 private:
  void use() {
    if (std::exchange(used_, true)) throw std::logic_error("a CancelScope runs one part");
  }
  [[nodiscard]] bool cancelled_from_outside() const {
    return !scope_.cancelled || (scope_.parent != nullptr && scope_.parent->is_cancelled());
  }

  Scope scope_;
  bool used_ = false;
};

}  // namespace reprise
