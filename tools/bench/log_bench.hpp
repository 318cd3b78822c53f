// The `log` benchmark: closed-loop writers on the committer, each with one 200-byte event at a time.
#pragma once

#include <filesystem>

#include "base/time.hpp"

namespace reprise {

struct LogBenchOptions {
  std::filesystem::path dir;
  Duration time = std::chrono::seconds(3);  // for each row
};

// Prints a row for 1, 8, 64 and 256 writers beside the bare ceilings.
void run_log_bench(const LogBenchOptions& options);

}  // namespace reprise
