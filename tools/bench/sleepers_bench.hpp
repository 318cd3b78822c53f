// SleepersBench: what a very large number of sleeping runs costs, and what their waking does to others.
//
// Starts the runs, each with a timer an hour ahead; prints disk for each run, memory for each run in
// the cache and without it; opens the store again and times that. Then so many more whose timers
// fall due within a minute, or `within`, while signals are sent to another workflow: prints the
// signals' latency before and meanwhile, beside that of a bare file's syncs, and how many timers
// fired, each of which must have once.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>

#include "base/time.hpp"

namespace reprise {

struct SleepersBench {
  std::filesystem::path dir;
  std::size_t runs = 1'000'000;
  Duration within = std::chrono::minutes(1);
};

void run_sleepers_bench(const SleepersBench& bench);

}  // namespace reprise
