#include "tools/bench/chain_bench.hpp"

#include <fmt/format.h>

#include <optional>

#include "base/check.hpp"
#include "storage/rocksdb_log.hpp"
#include "tools/bench/bench_engine.hpp"
#include "tools/bench/ceiling.hpp"
#include "tools/bench/http_load.hpp"
#include "tools/bench/in_process.hpp"

namespace reprise {
namespace {

constexpr std::size_t kRecordBytes = 200;

void print_header() {
  fmt::print("{:<8} {:<13} {:>6} {:>12} {:>12} {:>9} {:>9}  {}\n", "path", "workflow", "at once",
             "workflows/s", "steps/s", "p50 µs", "p99 µs", "against this machine's ceiling");
}

// At 1 at once the ceiling is the bare disk, one sync after the other; above, it is a bare loop that
// merges as many records into each write as there are workflows at once.
void print_row(std::string_view path, const Workload& workload, std::size_t concurrency,
               Measured measured, Duration time, const std::filesystem::path& dir, EventLog& log) {
  const double workflows = static_cast<double>(measured.latencies.count()) / measured.seconds;
  const double steps = workflows * static_cast<double>(workload.steps);
  const double p50 = measured.latencies.percentile(0.5);
  std::string against;
  if (concurrency == 1) {
    const double sync = bare_append_sync(dir, kRecordBytes, time / 4).percentile(0.5);
    against =
        fmt::format("{:.2f} × {} syncs of {:.0f} µs",
                    p50 / (static_cast<double>(workload.commits) * sync), workload.commits, sync);
  } else {
    const double ceiling = bare_merged_rate(log, concurrency, kRecordBytes, time / 4);
    against = fmt::format("{:.2f} of {:.0f} records/s", steps / ceiling, ceiling);
  }
  fmt::print("{:<8} {:<13} {:>7} {:>12.0f} {:>12.0f} {:>9.0f} {:>9.0f}  {}\n", path, workload.type,
             concurrency, workflows, steps, p50, measured.latencies.percentile(0.99), against);
  std::fflush(stdout);
}

template <typename Measure>
void print_rows(std::string_view path, const ChainBenchOptions& options, EventLog& ceiling_log,
                Measure measure) {
  for (const Workload& workload : kWorkloads)
    for (const std::size_t concurrency : kConcurrencies)
      if (options.workflow.value_or(std::string(workload.type)) == workload.type &&
          options.at_once.value_or(concurrency) == concurrency)
        print_row(path, workload, concurrency, measure(workload, concurrency), options.time,
                  options.dir, ceiling_log);
}

void run_in_process(const ChainBenchOptions& options, EventLog& ceiling_log) {
  BenchEngine store(options.dir / "in-process");
  print_rows("process", options, ceiling_log,
             [&](const Workload& workload, std::size_t concurrency) {
               return measure_in_process(store.engine(), workload, concurrency, options.time);
             });
}

void run_over_http(const ChainBenchOptions& options, EventLog& ceiling_log) {
  const ServerProcess server(options.server, options.dir / "http");
  print_rows("http", options, ceiling_log, [&](const Workload& workload, std::size_t concurrency) {
    return measure_over_http(server.port(), workload, concurrency, options.time);
  });
}

}  // namespace

void run_chain_bench(const ChainBenchOptions& options) {
  auto ceiling_log = RocksDbLog::open(options.dir / "ceiling");
  CHECK(ceiling_log.has_value(), "{}", to_string(ceiling_log.error()));
  print_header();
  run_in_process(options, **ceiling_log);
  if (!options.server.empty()) run_over_http(options, **ceiling_log);
}

}  // namespace reprise
