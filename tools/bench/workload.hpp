// The workloads of the chain benchmark, and a row of its table.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "base/time.hpp"
#include "tools/bench/latencies.hpp"

namespace reprise {

struct Workload {
  std::string_view type;
  std::string_view input;
  std::size_t steps;    // durable steps in a workflow
  std::size_t commits;  // one after the other, when nothing else runs
};

inline constexpr std::array kWorkloads = {
    Workload{"bench.chain", R"({"n":10})", 10, 11},
    Workload{"bench.fanout", R"({"n":100})", 100, 2},
};
inline constexpr std::array<std::size_t, 3> kConcurrencies = {1, 64, 256};

struct Measured {
  Latencies latencies;  // of whole workflows
  double seconds = 0;
};

}  // namespace reprise
