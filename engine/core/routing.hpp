// Routing: which shard a workflow id belongs to, and ids that land where they must.
//
// Guarantees: durable format: shard = first 8 bytes of XXH3-128 of the workflow id, modulo the shard
//             count. A keyed start without an id goes to the shard of (tenant, key), and its new id
//             is chosen to land there, so that the same key meets itself.
#pragma once

#include <string_view>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "engine/core/messages.hpp"

namespace reprise {

ShardIndex shard_of(std::string_view workflow_id, std::uint16_t shard_count);

// Completes a start (an id where the caller gave none) and says which shard it belongs to.
// The entropy must be 128 fresh random bits.
ShardIndex route(StartInput& input, UtcTime now, std::uint16_t shard_count);

}  // namespace reprise
