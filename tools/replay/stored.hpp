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

// Every workflow type of this build.
void register_all_types(Catalog& catalog);

struct Stored {
  // refuse: as a server would. read_around: a floor that cannot be read is none, and of the log
  // everything that is readable is shown.
  enum class Damage : bool { refuse, read_around };
  std::unique_ptr<RocksDbLog> log;
  std::optional<FloorMark> floor;
  bool floor_has_damaged_slot = false;
  Catalog catalog;  // every workflow type of this build

  static Result<Stored> open(const std::filesystem::path& data, Damage damage = Damage::refuse);

  // A run by its own id, or the latest run of a workflow (or task) id.
  [[nodiscard]] Result<RunId> find(const std::string& id) const;
};

}  // namespace reprise
