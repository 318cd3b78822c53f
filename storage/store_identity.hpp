// StoreIdentity: which store this is, and what it was made from. Kept in its meta rows.
//
// Guarantees: ids are random: a store that is restored or salvaged gets one of its own, so that two
//             servers that began with one backup are two stores from there on. Stores of earlier
//             builds have none until they are next served.
// Errors:     those of the log.
#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"
#include "storage/event_log.hpp"

namespace reprise {

struct StoreIdentity {
  std::string id;      // "store_" and 26 characters
  std::string origin;  // for people; empty: it began empty
  friend bool operator==(const StoreIdentity&, const StoreIdentity&) = default;
};

std::string new_store_id();

// Nothing: the store has none yet.
Result<std::optional<StoreIdentity>> read_store_identity(const EventLog& log);
Result<> write_store_identity(EventLog& log, const StoreIdentity& identity);

// The identity; gives the store one when it has none. Its format must stand there already.
Result<StoreIdentity> ensure_store_identity(EventLog& log);

}  // namespace reprise
