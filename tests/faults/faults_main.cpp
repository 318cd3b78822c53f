// reprise-faults: the campaigns against storage, whole. See docs/testing.md.
//
//     reprise-faults power-cuts                 every scenario, every operation, every tail
//     reprise-faults power-cuts compaction      one scenario
//     reprise-faults bit-flips                  100,000 flips, half of them in a stopped store
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "tests/faults/bit_flips.hpp"
#include "tests/faults/power_cuts.hpp"

namespace {

using namespace reprise::testing;

void print_line(std::string_view name, const PowerCutReport& report) {
  const auto of = [&](DiskOperation::Kind kind) {
    return report.operations.at(static_cast<std::size_t>(kind));
  };
  using Kind = DiskOperation::Kind;
  fmt::print("{:<21} {:>7} {:>7} {:>6} {:>8} {:>6} {:>8} {:>8} {:>6} {:>8} {:>7}\n", name,
             report.moments, of(Kind::write), of(Kind::sync) + of(Kind::sync_names),
             of(Kind::rename), of(Kind::create) + of(Kind::remove) + of(Kind::truncate),
             report.cuts, report.opened, report.lived, report.garbage_refused,
             report.faults.size());
}

struct PowerCutsAsked {
  std::vector<std::string> names;  // none: all
  PowerCutOptions options;
};

int run(const PowerCutsAsked& asked) {
  fmt::print("{:<21} {:>7} {:>7} {:>6} {:>8} {:>6} {:>8} {:>8} {:>6} {:>8} {:>7}\n", "scenario",
             "moments", "writes", "syncs", "renames", "others", "cuts", "opened", "lived",
             "garbage", "faults");
  PowerCutReport total;
  for (const Scenario& scenario : scenarios()) {
    const auto named = std::ranges::find(asked.names, scenario.name);
    if (!asked.names.empty() && named == asked.names.end()) continue;
    const PowerCutReport report = cut_power(scenario, asked.options);
    print_line(scenario.name, report);
    for (const std::string& fault : report.faults) fmt::print("  {}\n", fault);
    std::fflush(stdout);
    total.add(report);
  }
  print_line("all", total);
  return total.faults.empty() ? 0 : 1;
}

struct BitFlipsAsked {
  std::string database;  // a folder; empty: a database that is made and forgotten
  FlipOptions options;
};

void print_line(std::string_view kind, const FlipReport::Counts& counts) {
  fmt::print("{:<12}", kind);
  for (const std::uint64_t count : counts) fmt::print(" {:>9}", count);
  fmt::print("\n");
}

bool flip_and_print(std::string_view name, const FlipTarget& target, const FlipOptions& options) {
  const FlipReport report = flip_bits(target, options);
  fmt::print("{}\n{:<12}", name, "file");
  for (std::size_t i = 0; i < kFlipOutcomes; ++i)
    fmt::print(" {:>9}", to_string(static_cast<FlipOutcome>(i)));
  fmt::print("\n");
  for (const auto& [kind, counts] : report.by_kind) print_line(kind, counts);
  print_line("all", report.total());
  for (const std::string& flip : report.silent) fmt::print("  {}\n", flip);
  return report.silent.empty();
}

// The target in `folder`, which is made there when it is not.
FlipTarget kept_target(const std::filesystem::path& folder, FlipTarget (*make)()) {
  if (!std::filesystem::exists(folder)) save_target(make(), folder);
  return load_target(folder);
}

int run(const BitFlipsAsked& asked) {
  const auto target = [&](const char* name, FlipTarget (*make)()) {
    return asked.database.empty() ? make()
                                  : kept_target(std::filesystem::path(asked.database) / name, make);
  };
  FlipOptions half = asked.options;
  half.count /= 2;
  const bool killed =
      flip_and_print("a killed server's store", target("killed", &make_killed_target), half);
  const bool stopped =
      flip_and_print("a stopped server's store", target("stopped", &make_stopped_target), half);
  return killed && stopped ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  reprise::set_log(reprise::LogLevel::off, reprise::LogFormat::text);
  CLI::App app{"Tries what faults of the disk do to a store. Exit status 1: something got lost."};
  app.require_subcommand(1);
  PowerCutsAsked cuts;
  CLI::App& cuts_verb = *app.add_subcommand(
      "power-cuts", "Cuts the power behind each operation of each scenario, with each tail");
  cuts_verb.add_option("scenario", cuts.names, "only these");
  cuts_verb.add_option("--every", cuts.options.every, "only every n-th operation")
      ->capture_default_str();
  cuts_verb.add_option("--threads", cuts.options.threads, "to use")->capture_default_str();
  BitFlipsAsked flips;
  CLI::App& flips_verb =
      *app.add_subcommand("bit-flips", "Flips one bit of a store at a time, and starts a server");
  flips_verb.add_option("--seed", flips.options.seed, "of the choice of bits")
      ->capture_default_str();
  flips_verb.add_option("--first", flips.options.first, "number of the first flip")
      ->capture_default_str();
  flips_verb.add_option("--count", flips.options.count, "of flips")->capture_default_str();
  flips_verb.add_option("--threads", flips.options.threads, "to use")->capture_default_str();
  flips_verb.add_option("--database", flips.database,
                        "folder of the stores, made there the first time: for flipping the same "
                        "bits again");
  CLI11_PARSE(app, argc, argv);
  return cuts_verb.parsed() ? run(cuts) : run(flips);
}
