#include "workflows/bench/bench_workflows.hpp"

#include <chrono>
#include <memory>
#include <utility>
#include <vector>

#include "activities/contracts/bench.hpp"
#include "activities/contracts/remote_bench.hpp"
#include "workflows/bench/signals_view.hpp"

namespace reprise {
namespace {

Workflow<BenchIndex> chain(Context ctx, ChainInput input) {
  BenchIndex last;
  for (std::uint32_t i = 1; i <= input.n; ++i) last = co_await ctx.run<BenchStep>({.i = i});
  co_return last;
}

Workflow<BenchIndex> fanout(Context ctx, FanoutInput input) {
  std::vector<ActivityCall<BenchStep>> calls;
  calls.reserve(input.n);
  for (std::uint32_t i = 1; i <= input.n; ++i) calls.push_back(ctx.run<BenchStep>({.i = i}));
  const std::vector<BenchIndex> done = co_await all(std::move(calls));
  co_return BenchIndex{static_cast<std::uint32_t>(done.size())};
}

Workflow<BenchIndex> sleeper(Context ctx, SleeperInput input) {
  co_await ctx.sleep(std::chrono::milliseconds(input.ms));
  co_return BenchIndex{1};
}

// Records each signal as it comes; both branches share the count, which outlives them.
Workflow<> take_signals(Context ctx, std::uint32_t count_max,
                        std::shared_ptr<std::uint32_t> taken) {
  while (count_max == 0 || *taken < count_max) {
    const Payload payload = co_await ctx.signal("signal");
    ++*taken;
    ctx.record("signal", payload);
  }
}

Workflow<> wait_for_end(Context ctx) { co_await ctx.signal("end"); }

Workflow<BenchIndex> signals(Context ctx, SignalsInput input) {
  const auto taken = std::make_shared<std::uint32_t>(0);
  std::vector<Workflow<>> race;
  race.push_back(take_signals(ctx, input.count, taken));
  race.push_back(wait_for_end(ctx));
  co_await any(std::move(race));
  co_return BenchIndex{*taken};
}

Workflow<Amount> account(Context ctx, Amount balance) {
  const QueryHandle asking = ctx.query(
      "balance", [&balance](const Payload&) -> Result<Payload> { return encode(balance); });
  const HandlerHandle depositing = ctx.on_update<Amount>(
      "deposit",
      [ctx, &balance](Amount amount) -> Workflow<Amount> {
        co_await ctx.run<BenchStep>({.i = amount.cents});
        balance.cents += amount.cents;
        co_return balance;
      },
      [](const Amount& amount) -> Result<> {
        if (amount.cents > 0) return {};
        return fail(Errc::invalid_argument, "must be above 0", "cents");
      });
  co_await ctx.signal("close");
  co_await ctx.until([ctx] { return ctx.handlers_idle(); });
  co_return balance;
}

Workflow<BenchIndex> hold(Context ctx, BenchIndex held) {
  bool is_closing = false;
  const QueryHandle asking =
      ctx.query("value", [&held](const Payload&) -> Result<Payload> { return encode(held); });
  const HandlerHandle told =
      ctx.on_signal<BenchIndex>("add", [&held](BenchIndex more) { held.i += more.i; });
  const HandlerHandle adding = ctx.on_update<BenchIndex>("add", [&held](BenchIndex more) {
    held.i += more.i;
    return held;
  });
  const HandlerHandle swapping = ctx.on_update<BenchIndex>(
      "swap", [&held](BenchIndex next) { return std::exchange(held, next); });
  const HandlerHandle closing = ctx.on_update<Payload>("close", [&](const Payload&) {
    is_closing = true;
    return held;
  });
  co_await ctx.until([&is_closing] { return is_closing; });
  co_return held;
}

// Never waits, and never ends: what the watchdog is for.
Workflow<BenchIndex> spin(Context, BenchIndex) {
  for (volatile bool on = true; on;) {
  }
  co_return BenchIndex{};
}

Workflow<BenchIndex> family(Context ctx, FamilyInput input) {
  std::vector<ChildCall<BenchIndex>> children;
  for (std::uint32_t i = 0; i < input.children; ++i)
    children.push_back(ctx.child<BenchIndex>("bench.chain", ChainInput{3}));
  const std::vector<BenchIndex> ended = co_await all(std::move(children));
  co_return BenchIndex{static_cast<std::uint32_t>(ended.size())};
}

ActivityOptions options_of(const RemoteBenchInput& input) {
  using std::chrono::milliseconds;
  return {.retry = {.initial = milliseconds(50), .coefficient_percent = 100, .attempts_max = 0},
          .start_to_close = milliseconds(input.start_to_close_ms),
          .queue = input.queue,
          .schedule_to_close = milliseconds(input.schedule_to_close_ms),
          .schedule_to_start = milliseconds(input.schedule_to_start_ms),
          .heartbeat_timeout = milliseconds(input.heartbeat_ms),
          .in_process = input.here};
}

Workflow<BenchIndex> remote(Context ctx, RemoteBenchInput input) {
  std::vector<ActivityCall<RemoteStep>> calls;
  for (std::uint32_t i = 1; i <= input.n; ++i)
    calls.push_back(ctx.run<RemoteStep>({.i = i, .work_ms = input.work_ms}, options_of(input)));
  const std::vector<RemoteStepDone> done = co_await all(std::move(calls));
  co_return BenchIndex{static_cast<std::uint32_t>(done.size())};
}

}  // namespace

void register_bench(Catalog& catalog) {
  catalog.add(define("bench.chain", &chain));
  catalog.add(define("bench.fanout", &fanout));
  catalog.add(define("bench.remote", &remote));
  catalog.add(define("bench.sleeper", &sleeper));
  catalog.add(define("bench.signals", &signals), signals_view());
  catalog.add(define("bench.account", &account));
  catalog.add(define("bench.register", &hold));
  catalog.add(define("bench.family", &family));
  catalog.add(define("bench.spin", &spin));
}

}  // namespace reprise
