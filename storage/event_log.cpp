#include "storage/event_log.hpp"

#include <utility>

namespace reprise {
namespace {

constexpr std::size_t kShardBytes = 2;
constexpr std::size_t kTimeBytes = 8;

std::string shard_prefix(ShardIndex shard) {
  std::string prefix;
  append_big_endian(prefix, shard.value(), kShardBytes);
  return prefix;
}

// Sorts behind each wake row of `shard` at `at`, and before each later one.
std::string behind_wakes_at(ShardIndex shard, UtcTime at) {
  std::string key = shard_prefix(shard);
  append_big_endian(key, static_cast<std::uint64_t>(at.micros()) + 1, kTimeBytes);
  return key;
}

Result<std::vector<DueWake>> scan_wakes(const EventLog& log, const ScanRange& range) {
  auto rows = log.scan(Table::wake, range);
  if (!rows) return std::unexpected(std::move(rows.error()));
  std::vector<DueWake> wakes;
  wakes.reserve(rows->size());
  for (KeyValue& row : *rows) {
    const auto key = parse_wake_key(row.key);
    if (!key) return fail(Errc::corrupt, fmt::format("a wake key has {} bytes", row.key.size()));
    wakes.push_back({.at = key->at, .run = key->run, .workflow = WorkflowId(std::move(row.value))});
  }
  return wakes;
}

}  // namespace

Result<std::vector<DueWake>> due_wakes(const EventLog& log, ShardIndex shard,
                                       const WakePlace& after, UtcTime to, std::size_t limit) {
  std::string from =
      after.run ? wake_key(shard, after.at, *after.run) + '\0' : behind_wakes_at(shard, after.at);
  std::string end = behind_wakes_at(shard, to);
  if (from >= end) return std::vector<DueWake>{};
  return scan_wakes(log, {.from = std::move(from), .to = std::move(end), .limit = limit});
}

Result<std::vector<BusyRun>> busy_runs(const EventLog& log, ShardIndex shard,
                                       const std::optional<RunId>& after, std::size_t limit) {
  const std::string prefix = shard_prefix(shard);
  std::string from = after ? busy_key(shard, *after) + '\0' : prefix;
  auto rows =
      log.scan(Table::busy, {.from = std::move(from), .to = prefix_end(prefix), .limit = limit});
  if (!rows) return std::unexpected(std::move(rows.error()));
  std::vector<BusyRun> runs;
  runs.reserve(rows->size());
  for (KeyValue& row : *rows) {
    const auto run = parse_busy_key(row.key);
    if (!run) return fail(Errc::corrupt, fmt::format("a busy key has {} bytes", row.key.size()));
    runs.push_back({.run = *run, .workflow = WorkflowId(std::move(row.value))});
  }
  return runs;
}

}  // namespace reprise
