#include "activities/bench/bench_activities.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <utility>

#include "activities/contracts/bench.hpp"
#include "activities/contracts/remote_bench.hpp"

namespace reprise {
namespace {

// The bytes of the output are those of the input.
boost::asio::awaitable<ActivityOutcome> echo(ActivityInvocation invocation) {
  co_return std::move(invocation.input);
}

// What a remote worker would do, here.
boost::asio::awaitable<ActivityOutcome> wait_here(ActivityInvocation invocation) {
  RemoteStepInput input;
  if (Result<> ok = decode(invocation.input, input); !ok)
    co_return std::unexpected(ActivityFailure{"bad_input", ok.error().detail, false});
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor,
                                  std::chrono::milliseconds(input.work_ms));
  co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  co_return encode(RemoteStepDone{input.i});
}

}  // namespace

void register_bench_activities(ActivityRegistry& registry) {
  registry.add<BenchStep>(&echo);
  registry.add<RemoteStep>(&wait_here);
}

}  // namespace reprise
