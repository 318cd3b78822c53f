// reprise-sim: runs seeds of the simulation, and says what they reached.
//
//     reprise-sim --seed 7 --verbose        one seed, every line of its trace
//     reprise-sim --seed 1 --seeds 20000    many; stops at the first that fails, with exit status 1
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include <chrono>

#include "tests/sim/simulation.hpp"

int main(int argc, char** argv) {
  using namespace reprise::sim;
  SimOptions options;
  std::uint64_t seeds = 1;
  CLI::App app{"Simulates the engine under faults. A failing seed says how to replay it."};
  app.add_option("--seed", options.seed, "the first seed")->capture_default_str();
  app.add_option("--seeds", seeds, "how many, one after another")->capture_default_str();
  app.add_option("--requests", options.requests, "requests in each seed")->capture_default_str();
  app.add_flag("--verbose", options.verbose, "print every line of the trace");
  CLI11_PARSE(app, argc, argv);

  const auto begin = std::chrono::steady_clock::now();
  Marks marks;
  std::size_t runs = 0;
  std::size_t events = 0;
  for (std::uint64_t i = 0; i < seeds; ++i, ++options.seed) {
    const SimReport report = simulate(options);
    marks.add(report.marks);
    runs += report.runs;
    events += report.events;
    if (!report.violation) continue;
    fmt::print(stderr, "{}", failure_text(report));
    return 1;
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  fmt::print("{} seeds, {} runs, {} events, {:.1f} s: {:.1f} seeds/s\n", seeds, runs, events,
             took.count(), static_cast<double>(seeds) / took.count());
  for (const auto& [name, count] : marks.counts()) fmt::print("{:>10}  {}\n", count, name);
  for (const std::string_view name : required_marks())
    if (marks.count(name) == 0) fmt::print("{:>10}  {} (not reached)\n", 0, name);
  return 0;
}
