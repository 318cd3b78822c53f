// What this machine can do at best, measured in the same run as everything that is compared with it.
#pragma once

#include <filesystem>

#include "base/result.hpp"
#include "base/time.hpp"
#include "storage/event_log.hpp"
#include "tools/bench/latencies.hpp"

namespace reprise {

// A bare file: append `bytes`, fdatasync, again, for `time`.
Latencies bare_append_sync(const std::filesystem::path& dir, std::size_t bytes, Duration time);

// A bare loop on the log: `rows` records of `bytes` each in one batch, one synced write, again, for
// `time`. Rows a second.
double bare_merged_rate(EventLog& log, std::size_t rows, std::size_t bytes, Duration time);

}  // namespace reprise
