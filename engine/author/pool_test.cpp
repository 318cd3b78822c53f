#include "engine/author/pool.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "engine/author/workflow.hpp"

namespace reprise {
namespace {

// A host whose only commands are timers; a test fires them by their duration in microseconds.
class TimerHost final : public WorkflowHost, private Join {
 public:
  void run(Workflow<> root) {
    root_.emplace(std::move(root));
    root_->handle().promise().scope = &scope_;
    root_->handle().promise().join = this;
    ready_.push_back(root_->handle());
    drain();
  }
  void fire(int micros) {
    for (auto it = open_.begin(); it != open_.end(); ++it) {
      if (it->micros != micros) continue;
      settle(*it->operation, Operation::Settled::value);
      open_.erase(it);
      return drain();
    }
    FAIL() << "no timer " << micros;
  }
  void cancel_root() {
    cancel(scope_);
    drain();
  }
  [[nodiscard]] std::vector<int> open() const {
    std::vector<int> all;
    for (const Timer& timer : open_) all.push_back(timer.micros);
    return all;
  }
  [[nodiscard]] bool done() const { return done_; }
  std::exception_ptr error() { return root_->handle().promise().error; }
  std::vector<int> cancelled;
  int branches = 0;

  void start_timer(Operation& operation, Duration duration) noexcept override {
    operation.host = this;
    open_.push_back({static_cast<int>(duration.count()), &operation});
  }
  void cancel(Scope& scope) noexcept override {
    scope.cancelled = true;
    std::erase_if(open_, [&](const Timer& timer) {
      if (!timer.operation->scope->within(scope)) return false;
      cancelled.push_back(timer.micros);
      settle(*timer.operation, Operation::Settled::cancelled);
      return true;
    });
  }
  void forget(Operation& operation) noexcept override {
    std::erase_if(open_, [&](const Timer& timer) { return timer.operation == &operation; });
  }
  bool goes_on() noexcept override { return true; }
  void branches_opened() noexcept override { ++branches; }
  void branches_closed() noexcept override { --branches; }

  void schedule_activity(Operation&, ActivityRequest&&) noexcept override {}
  bool wait_signal(Operation&, const std::string&) noexcept override { return false; }
  void start_child(Operation&, ChildRequest) noexcept override {}
  CommandId start_child_only(Operation&, ChildRequest) noexcept override { return {}; }
  bool child_result(Operation&, CommandId) noexcept override { return false; }
  void send_message(Operation&, MessageRequest) noexcept override {}
  bool wait_until(Operation&, const Condition&) noexcept override { return false; }
  void cancel_scope(Scope& scope) override { cancel(scope); }
  bool patched(const std::string&) override { return true; }
  void upsert(AttributeChanges) override {}
  [[nodiscard]] std::uint64_t history_events() const noexcept override { return 0; }
  void record_fact(std::string, Payload) override {}
  void enter_stage(std::string) override {}
  [[nodiscard]] UtcTime now() const noexcept override { return {}; }
  std::uint64_t random(std::string_view) override { return 0; }
  [[nodiscard]] const RunInfo& info() const noexcept override { return info_; }
  void set_query(const std::string&, QueryHandler) override {}
  void clear_query(const std::string&) noexcept override {}
  void set_handler(MessageKind, const std::string&, MessageHandler) override {}
  void clear_handler(MessageKind, const std::string&) noexcept override {}
  [[nodiscard]] std::size_t handlers_running() const noexcept override { return 0; }

 private:
  struct Timer {
    int micros;
    Operation* operation;
  };
  std::coroutine_handle<> branch_done(std::size_t) noexcept override {
    done_ = true;
    return std::noop_coroutine();
  }
  void settle(Operation& operation, Operation::Settled how) {
    operation.settled = how;
    operation.host = nullptr;
    ready_.push_back(operation.continuation);
  }
  void drain() {
    while (!ready_.empty()) {
      const std::coroutine_handle<> next = ready_.front();
      ready_.pop_front();
      next.resume();
    }
  }
  Scope scope_{.host = this};
  RunInfo info_;
  std::vector<Timer> open_;
  std::deque<std::coroutine_handle<>> ready_;
  std::optional<Workflow<>> root_;
  bool done_ = false;
};

// 0 ends at once; a negative number fails at once; else sleeps, and fails when it is odd.
Workflow<> part(Context ctx, int micros) {
  if (micros < 0) throw WorkflowFailure("negative", std::to_string(micros));
  if (micros > 0) co_await ctx.sleep(Duration(micros));
  if (micros % 2 == 1) throw WorkflowFailure("odd", std::to_string(micros));
}

PoolSource in_turn(Context ctx, std::vector<int> parts) {
  return [ctx, parts = std::move(parts), next = std::size_t{0}]() mutable {
    return next < parts.size() ? std::optional(part(ctx, parts[next++])) : std::nullopt;
  };
}

std::string failure(TimerHost& host) {
  try {
    if (host.error()) std::rethrow_exception(host.error());
  } catch (const std::exception& error) {
    return error.what();
  }
  return {};
}

TEST(Pool, RunsNoMoreThanItsPlacesAndRefillsEach) {
  TimerHost host;
  host.run(pool(2, in_turn(Context(host), {2, 4, 6, 8})));
  EXPECT_EQ(host.open(), (std::vector{2, 4}));
  host.fire(4);
  EXPECT_EQ(host.open(), (std::vector{2, 6}));
  host.fire(2);
  host.fire(6);
  EXPECT_FALSE(host.done());
  host.fire(8);
  EXPECT_TRUE(host.done());
  EXPECT_EQ(failure(host), "");
  EXPECT_EQ(host.branches, 0);
}

TEST(Pool, APoolOfNothingEndsAtOnce) {
  TimerHost host;
  host.run(pool(3, in_turn(Context(host), {})));
  EXPECT_TRUE(host.done());
}

TEST(Pool, PartsThatNeverWaitNeedNoPlaceForLong) {
  TimerHost host;
  host.run(pool(1, in_turn(Context(host), std::vector<int>(10'000, 0))));
  EXPECT_TRUE(host.done());
}

TEST(Pool, ASourceMayHoldBackUntilAPartHasEnded) {
  TimerHost host;
  const auto allowed = std::make_shared<int>(1);
  const auto given = std::make_shared<int>(0);
  const Context ctx(host);
  host.run(pool(4, [=]() -> std::optional<Workflow<>> {
    if (*given == *allowed) return std::nullopt;
    return part(ctx, 2 * ++*given);
  }));
  EXPECT_EQ(host.open(), (std::vector{2}));
  *allowed = 3;
  host.fire(2);
  EXPECT_EQ(host.open(), (std::vector{4, 6}));
}

TEST(Pool, TheFirstFailureCancelsTheRestAndStartsNothing) {
  TimerHost host;
  host.run(pool(3, in_turn(Context(host), {2, 3, 4, 6})));
  host.fire(3);
  EXPECT_EQ(host.cancelled, (std::vector{2, 4}));
  EXPECT_TRUE(host.done());
  EXPECT_EQ(failure(host), "3");
}

TEST(Pool, APartThatFailsAtItsStartIsAFailure) {
  TimerHost host;
  host.run(pool(3, in_turn(Context(host), {2, -1, 4})));
  EXPECT_TRUE(host.done());
  EXPECT_EQ(host.cancelled, (std::vector{2}));
  EXPECT_EQ(failure(host), "-1");
}

TEST(Pool, ASourceThatThrowsIsAFailure) {
  TimerHost host;
  const Context ctx(host);
  host.run(pool(2, [ctx, first = true]() mutable -> std::optional<Workflow<>> {
    if (!std::exchange(first, false)) throw WorkflowFailure("source", "no more");
    return part(ctx, 2);
  }));
  EXPECT_TRUE(host.done());
  EXPECT_EQ(failure(host), "no more");
}

TEST(Pool, ACancelReachesEveryPart) {
  TimerHost host;
  host.run(pool(2, in_turn(Context(host), {2, 4, 6})));
  host.cancel_root();
  EXPECT_TRUE(host.done());
  EXPECT_EQ(host.cancelled, (std::vector{2, 4}));
  EXPECT_EQ(failure(host), "cancelled");
}

TEST(Pool, DestroyingARunningPoolIssuesNothing) {
  TimerHost outer;
  {
    auto host = std::make_unique<TimerHost>();
    host->run(pool(2, in_turn(Context(*host), {2, 4})));
    EXPECT_EQ(host->open().size(), 2U);
  }
  EXPECT_TRUE(outer.cancelled.empty());
}

}  // namespace
}  // namespace reprise
