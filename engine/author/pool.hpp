// pool: many parts, a few at once; each is made when a place is free and its turn has come. What
// all() is for a fixed list, for work whose next part depends on what has ended.
//
//     co_await pool(4, [plan] { return plan->next(); });
//
// Guarantees: `next` is asked at the start and whenever a part ends, while places are free, until it
//             gives nothing; the pool ends when nothing runs and `next` has nothing to give. Parts
//             are started in the order in which they were given. The first failure (of a part, or of
//             `next`) cancels the others in that order, starts nothing more, and is thrown when
//             every part has ended. No part outlives the pool.
// Thread:     the shard's. `next` is plain code: deterministic, no co_await.
#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <functional>
#include <list>
#include <optional>
#include <utility>

#include "engine/author/coroutine.hpp"

namespace reprise {

using PoolSource = std::move_only_function<std::optional<Workflow<>>()>;

class PoolBranches final : public Join {
 public:
  // At least one place.
  PoolBranches(std::size_t places, PoolSource next) : places_(places), next_(std::move(next)) {}
  PoolBranches(const PoolBranches&) = delete;
  PoolBranches& operator=(const PoolBranches&) = delete;

  bool await_ready() const noexcept { return false; }
  template <std::derived_from<PromiseBase> Parent>
  bool await_suspend(std::coroutine_handle<Parent> parent) {
    parent_ = parent;
    return start(parent.promise().scope);
  }
  void await_resume() const {
    if (error_) std::rethrow_exception(error_);
  }

  std::coroutine_handle<> branch_done(std::size_t index) noexcept override;

 private:
  struct Branch {
    std::size_t index;
    Workflow<> workflow;
    Scope scope;  // operations point here
    bool ended = false;
  };

  // True when the awaiting coroutine must wait.
  bool start(const Scope* parent_scope);
  void fill() noexcept;
  void start_branch(Workflow<> workflow);
  void fail(std::exception_ptr error) noexcept;

  std::size_t places_;
  PoolSource next_;
  const Scope* parent_scope_ = nullptr;
  std::coroutine_handle<> parent_;
  std::list<Branch> branches_;  // in order of their start
  std::size_t started_ = 0;
  std::size_t running_ = 0;
  std::optional<std::size_t> ending_;  // its branch_done is on the stack: its frame must stay
  bool filling_ = false;
  std::exception_ptr error_;
};

inline Workflow<> pool(std::size_t places, PoolSource next) {
  PoolBranches branches(places, std::move(next));
  co_await branches;
}

}  // namespace reprise
