// The tables of the log and how their keys are built. Durable format: numbers are never reused.
//
// Guarantees: keys compare as bytes in the order the comment of each table says; integers are
//             big-endian, so that byte order is number order.
//
//   table     key                                    value
//   record    run(16) first_sequence(8)              a record            engine/core/codec.hpp
//   blob      run(16) digest(16)                     a payload above the inline limit
//   group     number(8)                              a group record      engine/core/group.hpp
//   wake      shard(2) time_micros(8) run(16)        workflow id: the earliest timer of an idle run
//   busy      shard(2) run(16)                       workflow id: the run has open work
//   key       tenant '\0' idempotency key            the first answer    engine/core/rows.hpp
//   workflow  workflow id                            its latest run      engine/core/rows.hpp
//   view      workflow id '\0' run(16)               the run's view      engine/core/view.hpp
//   outbox    shard(2) number(8)                     a message to another shard
//   parked    shard(2) run(16)                       why, and which build parked it
//   deleted   run(16)                                a run that was deleted: the groups still name it
//   meta      name                                   format, shard count, hash function
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/digest.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"

namespace reprise {

enum class Table : unsigned char {
  record = 1,
  blob = 2,
  group = 3,
  wake = 4,
  busy = 5,
  key = 6,
  workflow = 7,
  view = 8,
  outbox = 9,
  parked = 10,
  meta = 11,
  deleted = 12,
};

std::string_view to_string(Table table) noexcept;

// Integers as they stand in keys: big-endian.
void append_big_endian(std::string& out, std::uint64_t value, std::size_t bytes);
std::uint64_t read_big_endian(std::string_view bytes);

std::string record_key(const RunId& run, Sequence first);
std::string blob_key(const RunId& run, const Digest& digest);
std::string group_key(GroupNumber number);
std::string wake_key(ShardIndex shard, UtcTime at, const RunId& run);
std::string busy_key(ShardIndex shard, const RunId& run);
std::string idempotency_key(std::string_view tenant, std::string_view key);
std::string view_key(const WorkflowId& workflow, const RunId& run);
std::string parked_key(ShardIndex shard, const RunId& run);

struct WakeKey {
  ShardIndex shard;
  UtcTime at;
  RunId run;
};

// A place among the wake rows of a shard: behind that of `run` at `at`; without a run, behind all rows
// of that time.
struct WakePlace {
  UtcTime at;
  std::optional<RunId> run{};
};

// Nothing when the bytes have not the table's shape.
std::optional<WakeKey> parse_wake_key(std::string_view key);
std::optional<RunId> parse_busy_key(std::string_view key);
std::optional<RunId> parse_parked_key(std::string_view key);
std::optional<Sequence> parse_record_key(std::string_view key, const RunId& run);

// The first key behind every key that starts with `prefix`; empty means "to the end".
std::string prefix_end(std::string_view prefix);

}  // namespace reprise
