// StoreFormat: what a store fixed for ever when it was created, kept in its meta rows.
//
// Guarantees: a store is served only by a build and a configuration that agree with it: another
//             shard count would look for runs where they are not.
// Errors:     unsupported (a newer build wrote it), invalid_argument (another shard count or hash),
//             corrupt (rows, but no or unreadable meta rows).        Why: ADR-0002.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "storage/event_log.hpp"

namespace reprise {

struct StoreFormat {
  static constexpr std::uint32_t kVersion = 1;
  std::uint32_t version = kVersion;
  std::uint32_t shard_count = 64;
  std::string hash = "xxh3-128";  // places runs on shards, chains records, names blobs

  friend bool operator==(const StoreFormat&, const StoreFormat&) = default;
};

// Nothing: the store is empty.
Result<std::optional<StoreFormat>> read_store_format(const EventLog& log);

// Writes `wanted` into an empty store; refuses a store that was created with another.
Result<> create_or_verify_store(EventLog& log, const StoreFormat& wanted);

}  // namespace reprise
