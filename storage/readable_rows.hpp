// Readable rows: the rows of a table of a damaged log, going round those that cannot be read.
//
// Behind a row that fails, the next readable place is searched: in steps that double, then by halving.
// What stands between is lost; so may be a few readable rows between two damaged blocks.
// Thread: blocks; a tool's.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "storage/event_log.hpp"

namespace reprise {

// Where to go on behind a row: its key and a zero byte, or further.
using VisitRow = std::function<std::string(const KeyValue&)>;

// The number of places where rows could not be read.
std::size_t visit_readable_rows(const EventLog& log, Table table, const VisitRow& visit);

}  // namespace reprise
