#include "activities/bench/bench_activities.hpp"

#include <utility>

#include "activities/contracts/bench.hpp"

namespace reprise {
namespace {

// The bytes of the output are those of the input.
boost::asio::awaitable<ActivityOutcome> echo(ActivityInvocation invocation) {
  co_return std::move(invocation.input);
}

}  // namespace

void register_bench_activities(ActivityRegistry& registry) { registry.add<BenchStep>(&echo); }

}  // namespace reprise
