// OperationAwaiter: what co_await of one operation of the host is made of.
//
// Authors do not use this header: engine/author/workflow.hpp is theirs.
// Guarantees: the operation belongs to the scope of the coroutine that awaits it; in a cancelled
//             scope nothing is issued, and co_await throws Cancelled. An awaiter points at the call
//             that it was made of, which outlives it: a part of the co_await, or of the frame.
// Thread:     the shard's.
#pragma once

#include <concepts>
#include <coroutine>
#include <string>
#include <string_view>

#include "engine/author/coroutine.hpp"
#include "engine/author/host.hpp"
#include "engine/author/payload.hpp"

namespace reprise::author_detail {

// The common part of leaf awaiters: hooks the operation into the awaiting coroutine's scope.
class OperationAwaiter {
 public:
  bool await_ready() const noexcept { return false; }

 protected:
  template <std::derived_from<PromiseBase> Promise>
  WorkflowHost& attach(std::coroutine_handle<Promise> waiting) {
    operation_.scope = waiting.promise().scope;
    operation_.continuation = waiting;
    return *operation_.scope->host;
  }
  // Nothing is issued in a cancelled scope: the coroutine goes on at once, and throws.
  bool cancelled() {
    if (!operation_.scope->is_cancelled()) return false;
    operation_.settled = Operation::Settled::cancelled;
    return true;
  }
  void throw_if_cancelled() const {
    if (operation_.settled == Operation::Settled::cancelled) throw Cancelled();
  }
  template <typename T>
  T decoded(std::string_view what) const {
    T value{};
    if (Result<> ok = decode(operation_.value, value); !ok)
      throw WorkflowFailure("bad_payload", std::string(what) + ": " + to_string(ok.error()));
    return value;
  }

  Operation operation_;
};

}  // namespace reprise::author_detail
