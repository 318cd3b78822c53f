#include "engine/author/pool.hpp"

#include <algorithm>

namespace reprise {

bool PoolBranches::start(const Scope* parent_scope) {
  parent_scope_ = parent_scope;
  parent_scope_->host->branches_opened();
  fill();
  if (running_ > 0) return true;
  parent_scope_->host->branches_closed();
  return false;
}

void PoolBranches::fill() noexcept {
  filling_ = true;
  try {
    while (!error_ && running_ < places_) {
      std::optional<Workflow<>> part = next_();
      if (!part) break;
      start_branch(std::move(*part));
    }
  } catch (...) {
    fail(std::current_exception());
  }
  filling_ = false;
}

void PoolBranches::start_branch(Workflow<> workflow) {
  std::erase_if(branches_, [this](const Branch& b) { return b.ended && b.index != ending_; });
  Branch& branch = branches_.emplace_back(
      started_++, std::move(workflow), Scope{.host = parent_scope_->host, .parent = parent_scope_});
  PromiseBase& promise = branch.workflow.handle().promise();
  promise.scope = &branch.scope;
  promise.join = this;
  promise.branch_index = branch.index;
  ++running_;
  branch.workflow.handle().resume();
}

std::coroutine_handle<> PoolBranches::branch_done(std::size_t index) noexcept {
  --running_;
  Branch& branch = *std::ranges::find(branches_, index, &Branch::index);
  branch.ended = true;
  if (branch.workflow.handle().promise().error) fail(branch.workflow.handle().promise().error);
  if (filling_) return std::noop_coroutine();
  ending_ = index;
  fill();
  ending_.reset();
  if (running_ > 0) return std::noop_coroutine();
  parent_scope_->host->branches_closed();
  return parent_;
}

void PoolBranches::fail(std::exception_ptr error) noexcept {
  if (error_) return;
  error_ = std::move(error);
  for (Branch& branch : branches_)
    if (!branch.ended) branch.scope.host->cancel(branch.scope);
}

}  // namespace reprise
