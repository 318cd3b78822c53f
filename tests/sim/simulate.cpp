// One seed from beginning to end, and the report of it. A CHECK that fails in the engine ends the
// process: the seed is said then as well.
#include <unistd.h>

#include <csignal>

#include "tests/sim/simulation.hpp"
#include "tests/sim/violation.hpp"

namespace reprise::sim {
namespace {

// Written before a simulation begins, read by the handler.
char g_last_words[80];
std::size_t g_last_words_bytes = 0;

void on_abort(int) {
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, g_last_words, g_last_words_bytes);
}

void remember(std::uint64_t seed) {
  const auto end = fmt::format_to_n(g_last_words, sizeof g_last_words,
                                    "replay with: reprise-sim --seed {} --verbose\n", seed);
  g_last_words_bytes = static_cast<std::size_t>(end.out - g_last_words);
  std::signal(SIGABRT, on_abort);
}

}  // namespace

SimReport simulate(const SimOptions& options) {
  remember(options.seed);
  Simulation simulation(options);
  std::optional<std::string> violation;
  try {
    simulation.start();
    simulation.check();
  } catch (const Violation& broken) {
    violation = broken.what();
  }
  SimReport report = simulation.report();
  report.violation = std::move(violation);
  return report;
}

std::string failure_text(const SimReport& report) {
  return fmt::format("{}\nseed {}: {}\nreplay with: reprise-sim --seed {} --verbose\n",
                     report.last_lines, report.seed, report.violation.value_or("no violation"),
                     report.seed);
}

}  // namespace reprise::sim
