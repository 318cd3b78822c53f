// The workflow author's API: everything that a workflow may do, in one header.
//
//     Workflow<Answer> solve(Context ctx, Question question) {
//       ctx.stage("analysis");
//       Analysis analysis = co_await ctx.run<AnalyzeTask>({question}, kPatient);
//       std::vector<ActivityCall<AskModel>> calls = …;
//       std::vector<Reply> replies = co_await all(std::move(calls));
//       std::optional<Approval> yes = co_await within(ctx, 24h, ctx.signal<Approval>("approve"));
//       …
//       co_return answer;
//     }
//
// Guarantees: a run is a function of its input and its log: replayed, it issues the same commands
//             in the same order. So: no clock, no random, no thread, no environment, no unordered
//             container, no pointer order; ctx.now(), ctx.random(), ctx.uuid() instead. Awaitables
//             are lazy; each is awaited at most once. Ready continuations resume first in, first out.
// Thread:     the shard's; never block.
// Errors:     a failed activity throws ActivityError from co_await (try_run returns it); a cancelled
//             scope throws Cancelled at each co_await. See engine/author/coroutine.hpp. Why: ADR-0004.
#pragma once

#include <concepts>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "engine/author/activities.hpp"
#include "engine/author/awaiter.hpp"
#include "engine/author/children.hpp"
#include "engine/author/contract.hpp"
#include "engine/author/coroutine.hpp"
#include "engine/author/host.hpp"
#include "engine/author/join.hpp"
#include "engine/author/payload.hpp"

namespace reprise {

// ctx.sleep(d): a durable timer. It fires no earlier than d after the activation that starts it.
class [[nodiscard]] SleepCall {
 public:
  using Value = void;
  explicit SleepCall(Duration duration) : duration_(duration) {}
  class Awaiter : public author_detail::OperationAwaiter {
   public:
    explicit Awaiter(Duration duration) : duration_(duration) {}
    template <std::derived_from<PromiseBase> Promise>
    bool await_suspend(std::coroutine_handle<Promise> waiting) {
      WorkflowHost& host = attach(waiting);
      if (cancelled()) return !host.goes_on();
      host.start_timer(operation_, duration_);
      return true;
    }
    void await_resume() const { throw_if_cancelled(); }

   private:
    Duration duration_;
  };
  Awaiter operator co_await() && { return Awaiter(duration_); }

 private:
  Duration duration_;
};

// ctx.signal<T>(name): the next signal of that name, in the order they were accepted; each is taken
// once. A payload that is no T fails the run (take Payload to judge it yourself).
template <PayloadValue T>
class [[nodiscard]] SignalCall {
 public:
  using Value = T;
  explicit SignalCall(std::string name) : name_(std::move(name)) {}
  class Awaiter : public author_detail::OperationAwaiter {
   public:
    explicit Awaiter(std::string name) : name_(std::move(name)) {}
    template <std::derived_from<PromiseBase> Promise>
    bool await_suspend(std::coroutine_handle<Promise> waiting) {
      WorkflowHost& host = attach(waiting);
      if (cancelled()) return !host.goes_on();
      return !host.wait_signal(operation_, name_);
    }
    T await_resume() {
      throw_if_cancelled();
      return this->template decoded<T>("signal " + name_);
    }

   private:
    std::string name_;
  };
  Awaiter operator co_await() && { return Awaiter(std::move(name_)); }

 private:
  std::string name_;
};

// ctx.until(condition): goes on once the condition holds. It is looked at after each input of the run
// was worked through, the oldest waiter first.
class [[nodiscard]] UntilCall {
 public:
  using Value = void;
  explicit UntilCall(Condition condition) : condition_(std::move(condition)) {}
  class Awaiter : public author_detail::OperationAwaiter {
   public:
    explicit Awaiter(Condition condition) : condition_(std::move(condition)) {}
    template <std::derived_from<PromiseBase> Promise>
    bool await_suspend(std::coroutine_handle<Promise> waiting) {
      WorkflowHost& host = attach(waiting);
      if (cancelled()) return !host.goes_on();
      return !host.wait_until(operation_, condition_);
    }
    void await_resume() const { throw_if_cancelled(); }

   private:
    Condition condition_;
  };
  Awaiter operator co_await() && { return Awaiter(std::move(condition_)); }

 private:
  Condition condition_;
};

template <typename A>
concept Awaitable = requires { typename A::Value; } && std::movable<A>;

// Keeps a query handler alive; declare it after what the handler looks at.
class [[nodiscard]] QueryHandle {
 public:
  QueryHandle(WorkflowHost& host, std::string name) : host_(&host), name_(std::move(name)) {}
  QueryHandle(QueryHandle&& other) noexcept
      : host_(std::exchange(other.host_, nullptr)), name_(std::move(other.name_)) {}
  QueryHandle& operator=(QueryHandle&&) = delete;
  ~QueryHandle() {
    if (host_ != nullptr) host_->clear_query(name_);
  }

 private:
  WorkflowHost* host_;
  std::string name_;
};

// Keeps a handler of signals or updates in force; declare it after what the handler uses. What has
// begun goes on without it.
class [[nodiscard]] HandlerHandle {
 public:
  HandlerHandle(WorkflowHost& host, MessageKind kind, std::string name)
      : host_(&host), kind_(kind), name_(std::move(name)) {}
  HandlerHandle(HandlerHandle&& other) noexcept
      : host_(std::exchange(other.host_, nullptr)),
        kind_(other.kind_),
        name_(std::move(other.name_)) {}
  HandlerHandle& operator=(HandlerHandle&&) = delete;
  ~HandlerHandle() {
    if (host_ != nullptr) host_->clear_handler(kind_, name_);
  }

 private:
  WorkflowHost* host_;
  MessageKind kind_;
  std::string name_;
};

namespace author_detail {

// A handler's answer as a payload; a plain function's as well as a coroutine's.
template <PayloadValue In, typename Handler>
Workflow<Payload> handled(Handler* handler, Payload message) {
  In input{};
  if (Result<> ok = decode(message, input); !ok)
    throw WorkflowFailure("bad_payload", to_string(ok.error()));
  using Returned = std::invoke_result_t<Handler&, In>;
  if constexpr (std::is_void_v<Returned>) {
    (*handler)(std::move(input));
    co_return Payload{};
  } else if constexpr (!requires { typename Returned::promise_type; }) {
    co_return encode((*handler)(std::move(input)));
  } else if constexpr (std::is_void_v<typename Returned::Value>) {
    co_await (*handler)(std::move(input));
    co_return Payload{};
  } else {
    co_return encode(co_await (*handler)(std::move(input)));
  }
}

template <PayloadValue In, typename Handler>
auto on_message(Handler handler) {
  return [handler = std::make_unique<Handler>(std::move(handler))](const Payload& message) {
    return handled<In>(handler.get(), message);
  };
}

}  // namespace author_detail

// The run as its code sees it. A small value: pass it by value.
class Context {
 public:
  explicit Context(WorkflowHost& host) : host_(&host) {}

  template <ActivityContract C>
  [[nodiscard]] ActivityCall<C> run(const typename C::Input& input,
                                    ActivityOptions options = {}) const {
    return ActivityCall<C>(request<C>(input, std::move(options)));
  }
  template <ActivityContract C>
  [[nodiscard]] TryActivityCall<C> try_run(const typename C::Input& input,
                                           ActivityOptions options = {}) const {
    return TryActivityCall<C>(request<C>(input, std::move(options)));
  }
  // A local step: a function of this process whose result is recorded, without a contract of its own.
  //     const Quote quote = co_await ctx.step("quote", [item] { return price_of(item); });
  // It runs off the engine's threads, once all before it is durable, at least once; like any activity
  // it is tried again when it throws (a WorkflowFailure is final). The body captures by value: the
  // coroutine's frame may be gone while it runs. It must end by itself.
  // Steps that follow one another with `shares_commit` run before the step before them is durable, and
  // are committed together: faster, and a crash runs again all that were not committed yet.
  template <std::copy_constructible Body>
  [[nodiscard]] auto step(std::string_view name, Body body, StepOptions options = {}) const {
    using Value = std::invoke_result_t<Body&>;
    return StepCall<Value>(
        {.name = std::string(kStepPrefix) + std::string(name),
         .version = 1,
         .reuse = Reuse::value,
         .input = {},
         .options = {.retry = std::move(options.retry),
                     .start_to_close = options.start_to_close,
                     .shares_commit = options.shares_commit}},
        std::make_shared<const StepBody>(author_detail::step_body<Value>(std::move(body))));
  }
  [[nodiscard]] SleepCall sleep(Duration duration) const { return SleepCall(duration); }
  template <PayloadValue T = Payload>
  [[nodiscard]] SignalCall<T> signal(std::string name) const {
    return SignalCall<T>(std::move(name));
  }

  [[nodiscard]] UntilCall until(Condition condition) const {
    return UntilCall(std::move(condition));
  }

  // Another workflow as a child of this run, on any shard.
  template <typename Out, PayloadValue In>
  [[nodiscard]] ChildCall<Out> child(std::string type, const In& input,
                                     ChildOptions options = {}) const {
    return ChildCall<Out>(child_request(std::move(type), encode(input), std::move(options)));
  }
  template <typename Out, PayloadValue In>
  [[nodiscard]] StartChildCall<Out> start_child(std::string type, const In& input,
                                                ChildOptions options = {}) const {
    return StartChildCall<Out>(child_request(std::move(type), encode(input), std::move(options)));
  }
  [[nodiscard]] ExternalWorkflow external(WorkflowId id) const {
    return ExternalWorkflow(std::move(id));
  }

  // Ends this run, and starts the next one of its workflow with this input, in the same commit:
  // a loop without end in histories of bounded length. Signals that were not taken, and a request to
  // cancel, go over to it; open work is cancelled. Root branch only.
  template <PayloadValue In>
  [[noreturn]] void continue_as_new(const In& input) const {
    throw ContinueAsNew(encode(input));
  }
  // Events before this activation: above some ten thousand, a loop should continue as new.
  [[nodiscard]] std::uint64_t history_events() const { return host_->history_events(); }

  // Guards a change of the code: true in runs that come here first with this build or a later one,
  // false in those whose history went past without it. The same answer each time, for one run.
  //     if (ctx.patched("ask-twice")) co_await ctx.run<Ask>(…);
  [[nodiscard]] bool patched(const std::string& id) const { return host_->patched(id); }

  // Changes what lists of runs show and find this one by; a name without a value is removed.
  //     ctx.upsert({{"customer", "acme"}, {"items", 3}, {"draft", std::nullopt}});
  void upsert(AttributeChanges changes) const { host_->upsert(std::move(changes)); }
  [[nodiscard]] Attributes attributes() const {
    return info().labels ? info().labels->attributes : Attributes();
  }
  // What the caller gave with the start, and nobody reads but people and this code.
  [[nodiscard]] Payload memo() const { return info().labels ? info().labels->memo : Payload(); }

  // The time of the input that this activation runs on; never goes back.
  [[nodiscard]] UtcTime now() const { return host_->now(); }
  // The n-th call with a name gives the same number in each replay, whatever other names do.
  [[nodiscard]] std::uint64_t random(std::string_view name) const { return host_->random(name); }
  // A UUID (version 8, RFC 9562) made from random(name).
  [[nodiscard]] std::string uuid(std::string_view name) const;

  // A fact of the business as an event of its own, for views and for people.
  template <PayloadValue T>
  void record(std::string name, const T& fact) const {
    host_->record_fact(std::move(name), encode(fact));
  }
  // A named point to resume from. Root branch only; visits are numbered.
  void stage(std::string name) const { host_->enter_stage(std::move(name)); }

  // Answers reads of the present state while the handle lives; const, and never replayed.
  [[nodiscard]] QueryHandle query(std::string name, QueryHandler handler) const {
    host_->set_query(name, std::move(handler));
    return QueryHandle(*host_, std::move(name));
  }

  // Signals of the name go to the handler, in the order they were accepted: each starts it, without
  // waiting for the one before. A function, or a coroutine that runs beside the root. What it
  // throws ends the run as if the root had thrown it. A name that has a handler is not awaited.
  //     const auto adding = ctx.on_signal<Item>("add", [&](Item item) { items.push_back(item); });
  template <PayloadValue In, typename Handler>
  [[nodiscard]] HandlerHandle on_signal(std::string name, Handler handler) const {
    host_->set_handler(MessageKind::signal, name,
                       {.run = author_detail::on_message<In>(std::move(handler)), .check = {}});
    return HandlerHandle(*host_, MessageKind::signal, std::move(name));
  }
  // Updates of the name: signals that are answered. The validator looks at the present state and may
  // refuse, before anything is written; what the handler returns, or the ActivityError or
  // WorkflowFailure that it throws, is the caller's answer.
  //     const auto setting = ctx.on_update<Limit>("set_limit",
  //         [&](Limit limit) -> Workflow<Limit> { …; co_return old; },
  //         [&](const Limit& limit) -> Result<> { … });
  template <PayloadValue In, typename Handler>
  [[nodiscard]] HandlerHandle on_update(std::string name, Handler handler) const {
    return on_update<In>(std::move(name), std::move(handler),
                         [](const In&) -> Result<> { return {}; });
  }
  template <PayloadValue In, typename Handler, typename Validator>
  [[nodiscard]] HandlerHandle on_update(std::string name, Handler handler,
                                        Validator validator) const {
    auto check = [validator = std::move(validator)](const Payload& message) -> Result<> {
      In input{};
      if (Result<> ok = decode(message, input); !ok) return ok;
      return validator(std::as_const(input));
    };
    host_->set_handler(
        MessageKind::update, name,
        {.run = author_detail::on_message<In>(std::move(handler)), .check = std::move(check)});
    return HandlerHandle(*host_, MessageKind::update, std::move(name));
  }
  // For until(): a run that returns while handlers are under way cuts them off.
  [[nodiscard]] bool handlers_idle() const { return host_->handlers_running() == 0; }

  [[nodiscard]] const RunInfo& info() const { return host_->info(); }

 private:
  friend class CancelScope;
  static ChildRequest child_request(std::string type, Payload input, ChildOptions options) {
    return {.type = std::move(type),
            .workflow = std::move(options.id),
            .input = std::move(input),
            .on_close = options.on_close,
            .run_timeout = options.run_timeout,
            .execution_timeout = options.execution_timeout};
  }
  template <ActivityContract C>
  static ActivityRequest request(const typename C::Input& input, ActivityOptions options) {
    return {.name = std::string(C::kName),
            .version = C::kVersion,
            .reuse = C::kReuse,
            .input = encode(input),
            .options = std::move(options)};
  }
  WorkflowHost* host_;
};

namespace author_detail {

template <typename T>
Workflow<T> as_branch(Workflow<T> workflow) {
  return workflow;
}
template <Awaitable A>
Workflow<typename A::Value> as_branch(A awaitable) {
  co_return co_await std::move(awaitable);
}

template <typename V>
struct Collected {
  using Type = std::vector<V>;
};
template <>
struct Collected<void> {
  using Type = void;
};

template <Awaitable A>
std::vector<Workflow<typename A::Value>> as_branches(std::vector<A> parts, JoinBranches& join) {
  std::vector<Workflow<typename A::Value>> branches;
  branches.reserve(parts.size());
  for (A& part : parts) branches.push_back(as_branch(std::move(part)));
  for (const auto& branch : branches) join.add(branch);
  return branches;
}

}  // namespace author_detail

// Runs all parts at once. Their values in index order; or the first failure by log order, after the
// rest is cancelled and has ended.
template <Awaitable A>
Workflow<typename author_detail::Collected<typename A::Value>::Type> all(std::vector<A> parts) {
  JoinBranches join(JoinBranches::Until::all_end);
  auto branches = author_detail::as_branches(std::move(parts), join);
  co_await join;
  if (join.decisive() != JoinBranches::kNone) branches[join.decisive()].handle().promise().take();
  if constexpr (!std::is_void_v<typename A::Value>) {
    std::vector<typename A::Value> values;
    values.reserve(branches.size());
    for (auto& branch : branches) values.push_back(branch.handle().promise().take());
    co_return values;
  }
}

// The same for parts of different types: co_await all(ctx.run<A>(a), ctx.run<B>(b)).
template <Awaitable... As>
  requires(sizeof...(As) > 1 && (!std::is_void_v<typename As::Value> && ...))
Workflow<std::tuple<typename As::Value...>> all(As... parts) {
  JoinBranches join(JoinBranches::Until::all_end);
  auto branches = std::tuple(author_detail::as_branch(std::move(parts))...);
  std::apply([&](const auto&... branch) { (join.add(branch), ...); }, branches);
  co_await join;
  if (join.decisive() != JoinBranches::kNone)
    std::apply(
        [&, index = std::size_t{0}](auto&... branch) mutable {
          const auto rethrow = [&](auto& promise) {
            if (index++ == join.decisive()) promise.take();
          };
          (rethrow(branch.handle().promise()), ...);
        },
        branches);
  co_return std::apply(
      [](auto&... branch) { return std::tuple(branch.handle().promise().take()...); }, branches);
}

template <typename T>
struct First {
  std::size_t index = 0;
  T value;
};
template <>
struct First<void> {
  std::size_t index = 0;
};

// Runs all parts at once; the first to end decides (its failure throws), the others are cancelled in
// index order and their late results refused. At least one part.
template <Awaitable A>
Workflow<First<typename A::Value>> any(std::vector<A> parts) {
  if (parts.empty()) throw std::logic_error("any() of nothing never ends");
  JoinBranches join(JoinBranches::Until::first_ends);
  auto branches = author_detail::as_branches(std::move(parts), join);
  co_await join;
  const std::size_t index = join.decisive();
  auto& winner = branches[index].handle().promise();
  if constexpr (std::is_void_v<typename A::Value>) {
    winner.take();
    co_return First<void>{index};
  } else {
    co_return First<typename A::Value>{index, winner.take()};
  }
}

namespace author_detail {

template <Awaitable A>
Workflow<std::optional<typename A::Value>> some(A part) {
  co_return co_await std::move(part);
}
template <typename V>
Workflow<std::optional<V>> none_after(SleepCall sleep) {
  co_await std::move(sleep);
  co_return std::nullopt;
}
template <Awaitable A>
Workflow<bool> yes(A part) {
  co_await std::move(part);
  co_return true;
}
inline Workflow<bool> no_after(SleepCall sleep) {
  co_await std::move(sleep);
  co_return false;
}

}  // namespace author_detail

// The part's value, or nothing when `limit` passes first (then the part is cancelled).
template <Awaitable A>
  requires(!std::is_void_v<typename A::Value>)
Workflow<std::optional<typename A::Value>> within(Context ctx, Duration limit, A part) {
  std::vector<Workflow<std::optional<typename A::Value>>> race;
  race.push_back(author_detail::some(std::move(part)));
  race.push_back(author_detail::none_after<typename A::Value>(ctx.sleep(limit)));
  auto first = co_await any(std::move(race));
  co_return std::move(first.value);
}

// The same for a part without a value: false when `limit` passed first.
template <Awaitable A>
  requires(std::is_void_v<typename A::Value>)
Workflow<bool> within(Context ctx, Duration limit, A part) {
  std::vector<Workflow<bool>> race;
  race.push_back(author_detail::yes(std::move(part)));
  race.push_back(author_detail::no_after(ctx.sleep(limit)));
  const First<bool> first = co_await any(std::move(race));
  co_return first.value;
}

}  // namespace reprise

#include "engine/author/cancellation.hpp"
