// The `chain` benchmark: whole workflows in a closed loop, in process and over HTTP.
//
//   chain   10 activity steps, one after the other: 11 commits
//   fanout  100 activity steps at once
// Every step is an ordinary durable activity that returns at once.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/time.hpp"

namespace reprise {

struct ChainBenchOptions {
  std::filesystem::path dir;
  std::filesystem::path server;             // the `reprise` binary; empty: no HTTP rows
  Duration time = std::chrono::seconds(4);  // for each row
  // Only these rows, to look at one of them closely; nothing: all.
  std::optional<std::string> workflow;
  std::optional<std::size_t> at_once;
};

void run_chain_bench(const ChainBenchOptions& options);

}  // namespace reprise
