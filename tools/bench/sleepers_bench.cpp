#include "tools/bench/sleepers_bench.hpp"

#include <fmt/format.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <fstream>
#include <functional>
#include <future>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/check.hpp"
#include "tools/bench/bench_engine.hpp"
#include "tools/bench/ceiling.hpp"
#include "tools/bench/latencies.hpp"

namespace reprise {
namespace asio = boost::asio;
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kStartersAtOnce = 512;
constexpr Duration kFarAway = std::chrono::hours(1);
constexpr std::size_t kCached = 20'000;

std::uint64_t resident_bytes() {
  std::ifstream pages("/proc/self/statm");
  std::uint64_t total = 0;
  std::uint64_t resident = 0;
  pages >> total >> resident;
  return resident * 4096;
}

std::uintmax_t disk_bytes(const std::filesystem::path& dir) {
  std::uintmax_t bytes = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(dir))
    if (std::error_code gone; entry.is_regular_file(gone)) bytes += entry.file_size(gone);
  return bytes;
}

// How long the n-th of the runs sleeps, asked when it is started.
using SleepOf = std::function<Duration(std::size_t)>;

struct Started {
  std::size_t wanted = 0;
  std::atomic<std::size_t> next = 0;
};

asio::awaitable<void> start_some(Engine* engine, Started* started, const SleepOf* sleep) {
  for (std::size_t n = started->next++; n < started->wanted; n = started->next++) {
    const auto ms = std::chrono::duration_cast<milliseconds>((*sleep)(n)).count();
    const Result<StartAnswer> answer = co_await engine->start(
        {.type = "bench.sleeper", .input = Payload{fmt::format(R"({{"ms":{}}})", ms)}});
    CHECK(answer.has_value(), "{}", to_string(answer.error()));
  }
}

double start_sleepers(Engine& engine, std::size_t count, const SleepOf& sleep) {
  const SteadyTime begin = system_clock().steady();
  Started started{.wanted = count};
  const auto executors = engine.executors();
  std::vector<std::future<void>> starters;
  for (std::size_t i = 0; i < kStartersAtOnce; ++i)
    starters.push_back(asio::co_spawn(executors[i % executors.size()],
                                      start_some(&engine, &started, &sleep), asio::use_future));
  for (std::future<void>& starter : starters) starter.get();
  return static_cast<double>((system_clock().steady() - begin).count()) / 1e6;
}

// One signal after the other to a run of its own, until the time is over.
asio::awaitable<Latencies> probe(Engine* engine, SteadyTime until) {
  const Result<StartAnswer> run =
      co_await engine->start({.type = "bench.signals", .input = Payload{"{}"}});
  CHECK(run.has_value(), "{}", to_string(run.error()));
  Latencies latencies;
  const Clock& clock = system_clock();
  for (SteadyTime begin = clock.steady(); begin < until; begin = clock.steady()) {
    const auto taken = co_await engine->signal(
        {.workflow = run->workflow, .run = run->run, .name = "signal", .payload = Payload{"1"}});
    CHECK(taken.has_value(), "{}", to_string(taken.error()));
    latencies.add(clock.steady() - begin);
  }
  co_return latencies;
}

struct Probe {
  Latencies signals;
  Latencies syncs;  // what the machine gave a bare file meanwhile

  void add(const Probe& other) {
    signals.add(other.signals);
    syncs.add(other.syncs);
  }
};

// Signals, and a bare file now and then, for `time` together.
Probe probe_for(Engine& engine, const std::filesystem::path& dir, Duration time) {
  constexpr Duration kSyncs = seconds(1);
  constexpr Duration kTurn = seconds(5);
  const Clock& clock = system_clock();
  Probe probed;
  for (const SteadyTime until = clock.steady() + time; clock.steady() < until;) {
    const SteadyTime turn = std::min(until, clock.steady() + kTurn);
    probed.signals.add(
        asio::co_spawn(engine.executors().front(), probe(&engine, turn + -kSyncs), asio::use_future)
            .get());
    probed.syncs.add(bare_append_sync(dir, 4096, std::max(turn - clock.steady(), Duration(0))));
  }
  return probed;
}

void print_line(std::string_view what, std::string_view when, Latencies latencies) {
  fmt::print("{:<11} {:<24} {:>7} times, p50 {:>6.0f} µs, p99 {:>6.0f} µs\n", what, when,
             latencies.count(), latencies.percentile(0.5), latencies.percentile(0.99));
}

void print_probe(std::string_view when, const Probe& probed) {
  print_line("a signal", when, probed.signals);
  print_line("a bare sync", when, probed.syncs);
  std::fflush(stdout);
}

// Completed runs of bench.sleeper among all views, each counted once by its id.
std::size_t completed(Engine& engine) {
  std::size_t count = 0;
  ViewScan scan{.type = "bench.sleeper", .id_prefix = {}, .after = {}, .limit = 5000};
  for (;;) {
    const auto views =
        asio::co_spawn(engine.executors().front(), engine.views(scan), asio::use_future).get();
    CHECK(views.has_value(), "{}", to_string(views.error()));
    for (const RunView& view : *views) count += view.status == RunStatus::completed ? 1 : 0;
    if (views->size() < scan.limit) return count;
    scan.after = views->back().workflow;
  }
}

void fill(const SleepersBench& bench, const std::filesystem::path& dir) {
  const std::uint64_t before = resident_bytes();
  BenchEngine store(dir, {.runs_cached_max = kCached});
  const double took =
      start_sleepers(store.engine(), bench.runs, [](std::size_t) { return kFarAway; });
  CHECK(store.log().flush().has_value());
  const auto count = static_cast<double>(bench.runs);
  const std::uint64_t after = resident_bytes();
  fmt::print("{} runs asleep, {} of them cached: started in {:.1f} s, {:.0f} a second\n",
             bench.runs, std::min(bench.runs, kCached), took, count / took);
  fmt::print("disk     {:>8.0f} bytes a run\n", static_cast<double>(disk_bytes(dir)) / count);
  fmt::print("memory   {:>8.1f} MiB resident, {:.1f} before\n",
             static_cast<double>(after) / (1U << 20U), static_cast<double>(before) / (1U << 20U));
  std::fflush(stdout);
}

// Memory of a cached run, from a store that keeps all of them.
void weigh(const std::filesystem::path& dir) {
  constexpr std::size_t kRuns = 200'000;
  BenchEngine store(dir, {.runs_cached_max = 2 * kRuns});
  start_sleepers(store.engine(), 1000, [](std::size_t) { return kFarAway; });
  const std::uint64_t before = resident_bytes();
  start_sleepers(store.engine(), kRuns, [](std::size_t) { return kFarAway; });
  CHECK(store.log().flush().has_value());       // what memtables held is no part of a run
  probe_for(store.engine(), dir, seconds(15));  // the allocator gives back what is free
  fmt::print("memory   {:>8.0f} bytes for each cached run\n",
             static_cast<double>(resident_bytes() - before) / kRuns);
  std::fflush(stdout);
}

void wake(const SleepersBench& bench, const std::filesystem::path& dir) {
  const SteadyTime opening = system_clock().steady();
  BenchEngine store(dir, {.runs_cached_max = kCached});
  fmt::print("opened   {:>8.1f} ms with {} runs asleep\n",
             static_cast<double>((system_clock().steady() - opening).count()) / 1000, bench.runs);
  print_probe("before", probe_for(store.engine(), dir, seconds(10)));

  // So many more, due within a time that begins once all of them are there.
  const Duration filling = seconds(10) + microseconds(static_cast<std::int64_t>(60 * bench.runs));
  const UtcTime due = system_clock().utc() + filling;
  start_sleepers(store.engine(), bench.runs, [&](std::size_t n) {
    const double share = static_cast<double>(n) / static_cast<double>(bench.runs);
    const Duration into(
        static_cast<std::int64_t>(share * static_cast<double>(bench.within.count())));
    return due + into - system_clock().utc();
  });
  const Duration left = due - system_clock().utc();
  fmt::print("{} more, due from {:.1f} s on, within {:.0f} s\n", bench.runs,
             static_cast<double>(left.count()) / 1e6,
             static_cast<double>(bench.within.count()) / 1e6);
  std::fflush(stdout);
  if (left > Duration(0)) probe_for(store.engine(), dir, left);
  print_probe("while all of them wake", probe_for(store.engine(), dir, bench.within));
  const SteadyTime all_due = system_clock().steady();
  Probe later;
  for (std::size_t ended = 0, last = 1; ended < bench.runs && ended != last;) {
    last = std::exchange(ended, completed(store.engine()));
    later.add(probe_for(store.engine(), dir, seconds(5)));
  }
  print_probe("until all are awake", later);
  fmt::print("fired    {:>8} timers, the last within {:.0f} s of its time\n",
             completed(store.engine()),
             static_cast<double>((system_clock().steady() - all_due).count()) / 1e6);
}

}  // namespace

void run_sleepers_bench(const SleepersBench& bench) {
  fill(bench, bench.dir / "sleepers");
  wake(bench, bench.dir / "sleepers");
  weigh(bench.dir / "weighed");
}

}  // namespace reprise
