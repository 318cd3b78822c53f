// BenchEngine: an engine with the bench's workflows on a RocksDB log in a folder.
#pragma once

#include <filesystem>
#include <memory>

#include "engine/runtime/engine.hpp"
#include "storage/rocksdb_log.hpp"

namespace reprise {

class BenchEngine {
 public:
  // Ends the process when the store cannot be opened.
  explicit BenchEngine(const std::filesystem::path& dir, EngineOptions options = {});
  ~BenchEngine() { engine_->stop(); }
  BenchEngine(const BenchEngine&) = delete;
  BenchEngine& operator=(const BenchEngine&) = delete;

  [[nodiscard]] Engine& engine() { return *engine_; }
  [[nodiscard]] RocksDbLog& log() { return *log_; }

 private:
  Catalog catalog_;
  ActivityRegistry activities_;
  std::unique_ptr<RocksDbLog> log_;
  std::optional<DurableFloor> floor_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace reprise
