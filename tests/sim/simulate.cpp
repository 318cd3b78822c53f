// One seed from beginning to end, and the report of it. A CHECK that fails in the engine ends the
// process: the seed is said then as well.
#include <unistd.h>

#include <csignal>

#include "tests/sim/simulation.hpp"
#include "tests/sim/violation.hpp"

namespace reprise::sim {
namespace {

// Written before a simulation begins, read by the handler.
char g_last_words[256];
std::size_t g_last_words_bytes = 0;

void on_abort(int) {
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, g_last_words, g_last_words_bytes);
}

void remember(const SimOptions& options) {
  const auto end = fmt::format_to_n(g_last_words, sizeof g_last_words, "replay with: {}\n",
                                    replay_command(options));
  g_last_words_bytes = static_cast<std::size_t>(end.out - g_last_words);
  std::signal(SIGABRT, on_abort);
}

}  // namespace

SimReport simulate(const SimOptions& options) {
  remember(options);
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

std::string replay_command(const SimOptions& options) {
  std::string command = fmt::format("reprise-sim --seed {}", options.seed);
  if (options.requests != SimOptions().requests)
    command += fmt::format(" --requests {}", options.requests);
  if (options.excerpt) command += " --only " + to_string(*options.excerpt);
  return command + " --verbose";
}

std::string failure_text(const SimOptions& options, const SimReport& report) {
  return fmt::format("{}\nseed {}: {}\nreplay with: {}\n", report.last_lines, report.seed,
                     report.violation.value_or("no violation"), replay_command(options));
}

}  // namespace reprise::sim
