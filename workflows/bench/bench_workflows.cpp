#include "workflows/bench/bench_workflows.hpp"

#include <chrono>
#include <memory>
#include <vector>

#include "activities/contracts/bench.hpp"
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

}  // namespace

void register_bench(Catalog& catalog) {
  catalog.add(define("bench.chain", &chain));
  catalog.add(define("bench.fanout", &fanout));
  catalog.add(define("bench.sleeper", &sleeper));
  catalog.add(define("bench.signals", &signals), signals_view());
}

}  // namespace reprise
