#include "tools/bench/in_process.hpp"

#include <boost/asio/co_spawn.hpp>

#include <future>
#include <vector>

#include "base/check.hpp"

namespace reprise {
namespace asio = boost::asio;
namespace {

struct Loop {
  Engine* engine;
  Workload workload;
  SteadyTime end;
  Latencies* latencies;
};

asio::awaitable<void> run_loop(Loop loop) {
  const Clock& clock = system_clock();
  for (SteadyTime begin = clock.steady(); begin < loop.end; begin = clock.steady()) {
    const Result<StartAnswer> started = co_await loop.engine->start(
        StartRequest{.type = std::string(loop.workload.type),
                     .input = Payload{std::string(loop.workload.input)}});
    CHECK(started.has_value(), "{}", to_string(started.error()));
    const auto outcome =
        co_await loop.engine->result({started->workflow, started->run}, std::chrono::minutes(1));
    CHECK(outcome && *outcome && (*outcome)->status == RunStatus::completed, "{} did not complete",
          started->run);
    loop.latencies->add(clock.steady() - begin);
  }
}

}  // namespace

Measured measure_in_process(Engine& engine, const Workload& workload, std::size_t concurrency,
                            Duration time) {
  const auto executors = engine.executors();
  std::vector<Latencies> latencies(concurrency);
  std::vector<std::promise<void>> ends(concurrency);
  const SteadyTime begin = system_clock().steady();
  for (std::size_t i = 0; i < concurrency; ++i)
    asio::co_spawn(executors[i % executors.size()],
                   run_loop({&engine, workload, begin + time, &latencies[i]}),
                   [&end = ends[i]](const std::exception_ptr& error) {
                     CHECK(!error, "a loop threw");
                     end.set_value();
                   });
  for (std::promise<void>& end : ends) end.get_future().wait();
  Measured measured;
  measured.seconds = static_cast<double>((system_clock().steady() - begin).count()) / 1e6;
  for (const Latencies& one : latencies) measured.latencies.add(one);
  return measured;
}

}  // namespace reprise
