// Stored: a server's data, opened to be read: beside the live server or without one.
//
// Errors: those of the log and the floor; not_found when nothing has the id.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "engine/core/catalog.hpp"
#include "storage/durable_floor.hpp"
#include "storage/rocksdb_log.hpp"

namespace reprise {

struct Stored {
  std::unique_ptr<RocksDbLog> log;
  std::optional<FloorMark> floor;
  bool floor_has_damaged_slot = false;
  Catalog catalog;  // every workflow type of this build

  static Result<Stored> open(const std::filesystem::path& data);

  // A run by its own id, or the latest run of a workflow (or task) id.
  [[nodiscard]] Result<RunId> find(const std::string& id) const;
};

}  // namespace reprise
