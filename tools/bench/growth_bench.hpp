// GrowthBench: what an event costs as its history grows, and how fast a history replays.
//
// One run of bench.signals in memory, without a disk: each signal is accepted, activated, encoded and
// hashed (two events), and its records are replayed from their bytes as recovery does. Prints
// nanoseconds for each appended event at histories of 50 to 50,000 events, and replayed events a
// second on one core with payloads of 64 bytes and of 2 KiB.
#pragma once

#include "base/time.hpp"

namespace reprise {

struct GrowthBench {
  Duration time;  // for each row
};

void run_growth_bench(const GrowthBench& bench);

}  // namespace reprise
