#include "engine/author/join.hpp"

namespace reprise {

bool JoinBranches::start(const Scope* parent_scope) {
  WorkflowHost& host = *parent_scope->host;
  scopes_.assign(branches_.size(), Scope{.host = &host, .parent = parent_scope});
  host.branches_opened();
  starting_ = true;
  for (std::size_t i = 0; i < branches_.size() && decisive_ == kNone; ++i) {
    PromiseBase& promise = *branches_[i].promise;
    promise.scope = &scopes_[i];
    promise.join = this;
    promise.branch_index = i;
    ++running_;
    branches_[i].handle.resume();
  }
  starting_ = false;
  if (running_ > 0) return true;
  host.branches_closed();
  return false;
}

std::coroutine_handle<> JoinBranches::branch_done(std::size_t index) noexcept {
  --running_;
  const bool decides = until_ == Until::first_ends || branches_[index].promise->error != nullptr;
  if (decides && decisive_ == kNone) {
    decisive_ = index;
    cancel_others();
  }
  if (running_ > 0 || starting_) return std::noop_coroutine();
  scopes_.front().host->branches_closed();
  return parent_;
}

void JoinBranches::cancel_others() noexcept {
  for (std::size_t i = 0; i < scopes_.size(); ++i)
    if (i != decisive_) scopes_[i].host->cancel(scopes_[i]);
}

}  // namespace reprise
