// reprise-sim: runs seeds of the simulation, and says what they reached.
//
//     reprise-sim --seed 7 --verbose        one seed, every line of its trace
//     reprise-sim --seed 1 --seeds 20000    many; stops at the first that fails, with exit status 1
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include <chrono>

#include "tests/sim/shrink.hpp"
#include "tests/sim/simulation.hpp"

namespace {

using namespace reprise::sim;

int shrink_and_say(const SimOptions& options) {
  const std::optional<Shrunk> shrunk = shrink(options);
  if (!shrunk) {
    fmt::print("seed {} does not fail: there is nothing to shrink\n", options.seed);
    return 0;
  }
  SimOptions smallest = options;
  smallest.excerpt = shrunk->excerpt;
  fmt::print("seed {} fails with {}\n      instead of {}, found by {} tries\nreplay with: {}\n",
             options.seed, to_string(shrunk->deeds), to_string(shrunk->deeds_at_first),
             shrunk->tries, replay_command(smallest));
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  SimOptions options;
  std::uint64_t seeds = 1;
  bool shrinks = false;
  CLI::App app{"Simulates the engine under faults. A failing seed says how to replay it."};
  app.add_option("--seed", options.seed, "the first seed")->capture_default_str();
  app.add_option("--seeds", seeds, "how many, one after another")->capture_default_str();
  app.add_option("--requests", options.requests, "requests in each seed")->capture_default_str();
  app.add_option_function<std::string>(
         "--only",
         [&](const std::string& text) {
           const auto excerpt = parse_excerpt(text);
           if (!excerpt) throw CLI::ValidationError("--only", excerpt.error().detail);
           options.excerpt = *excerpt;
         },
         "of a seed, these ticks only, as --shrink prints them")
      ->type_name("EXCERPT");
  app.add_flag("--shrink", shrinks, "find a small part of the first seed that fails as it does");
  app.add_flag("--verbose", options.verbose, "print every line of the trace");
  CLI11_PARSE(app, argc, argv);

  if (shrinks) return shrink_and_say(options);
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
    fmt::print(stderr, "{}", failure_text(options, report));
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
