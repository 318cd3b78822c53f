// Recovery: what is checked before a store is served.
//
// Guarantees: the store has the expected format; the durable floor's group is there; the chain of
//             groups is whole from the floor to the end. Histories of idle runs are not read.
// Errors:     corrupt, with what is missing; unsupported; invalid_argument (shard count); io.
// Why:        ADR-0005, ADR-0006.
#pragma once

#include <filesystem>

#include "base/result.hpp"
#include "engine/core/group.hpp"
#include "storage/durable_floor.hpp"
#include "storage/event_log.hpp"

namespace reprise {

// The floor at `path` of a store whose log is there (or not yet); a new store is given one. It is made
// before the log: a log without one has lost it.
Result<DurableFloor> open_floor(const std::filesystem::path& path, bool has_log);

// The last group of the log.
Result<GroupPosition> check_store(EventLog& log, const DurableFloor& floor,
                                  std::uint16_t shard_count);

// The same, of a store that is only read: from `floor`, or from the first group.
Result<GroupPosition> check_groups(const EventLog& log, const std::optional<FloorMark>& floor);

}  // namespace reprise
