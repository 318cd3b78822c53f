// JoinBranches: starts branches in index order and waits until each has ended. What all and any
// are made of.
//
// Guarantees: the first decisive branch (any: the first to end; all: the first to fail) cancels the
//             others in index order, in the same activation; the awaiting coroutine goes on only
//             when every branch has ended, so no branch outlives its scope. Branches that were not
//             started when the decision fell are never started.
// Thread:     the shard's.
#pragma once

#include <coroutine>
#include <cstddef>
#include <vector>

#include "engine/author/coroutine.hpp"

namespace reprise {

class JoinBranches final : public Join {
 public:
  enum class Until : bool { all_end, first_ends };
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  explicit JoinBranches(Until until) : until_(until) {}
  JoinBranches(const JoinBranches&) = delete;
  JoinBranches& operator=(const JoinBranches&) = delete;

  // Before it is awaited. The workflow stays the caller's, and outlives the join.
  template <typename T>
  void add(const Workflow<T>& branch) {
    branches_.push_back({branch.handle(), &branch.handle().promise()});
  }

  // The branch whose end decided; kNone when all ended well.
  [[nodiscard]] std::size_t decisive() const { return decisive_; }

  bool await_ready() const noexcept { return branches_.empty(); }
  template <std::derived_from<PromiseBase> Parent>
  bool await_suspend(std::coroutine_handle<Parent> parent) {
    parent_ = parent;
    return start(parent.promise().scope);
  }
  void await_resume() const noexcept {}

  std::coroutine_handle<> branch_done(std::size_t index) noexcept override;

 private:
  struct Branch {
    std::coroutine_handle<> handle;
    PromiseBase* promise;
  };

  // True when the awaiting coroutine must wait.
  bool start(const Scope* parent_scope);
  void cancel_others() noexcept;

  Until until_;
  std::vector<Branch> branches_;
  std::vector<Scope> scopes_;  // sized once: operations point into it
  std::coroutine_handle<> parent_;
  std::size_t running_ = 0;
  std::size_t decisive_ = kNone;
  bool starting_ = false;
};

}  // namespace reprise
