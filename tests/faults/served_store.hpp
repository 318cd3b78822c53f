// ServedStore: the engine with its bench workflows on one data folder, and a client of it; opened and
// closed as `reprise serve` does it.
//
// Thread:     start() and signal() from anywhere; each waits for its answer.
// Errors:     opened() says why the store is refused. Anything that a client is refused then is a
//             defect (CHECK).
#pragma once

#include <boost/asio/thread_pool.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/runtime/engine.hpp"
#include "storage/data_dir.hpp"
#include "storage/rocksdb_log.hpp"
#include "tests/faults/ledger.hpp"
#include "tests/faults/recorded_log.hpp"
#include "tests/faults/store_states.hpp"

namespace reprise::testing {

inline constexpr std::uint16_t kShards = 4;

// The types that a ServedStore serves.
Catalog served_catalog();

struct ServedOptions {
  std::size_t memtable_bytes = RocksDbOptions().memtable_bytes;
  // Zero: the committer's own thread writes each group, and looks at the clock before it.
  Duration inline_write_max = EngineOptions().inline_write_max;
  const Clock& clock = system_clock();
};

class ServedStore {
 public:
  // What it writes is noted in `states`, what it acknowledges in `ledger`.
  static Result<std::unique_ptr<ServedStore>> open(const DataDir& data, rocksdb::Env& env,
                                                   StoreStates& states, Ledger& ledger,
                                                   const ServedOptions& options = {});
  ~ServedStore();
  ServedStore(const ServedStore&) = delete;
  ServedStore& operator=(const ServedStore&) = delete;

  void start(const std::string& workflow, const std::string& type, const std::string& input);
  void signal(const std::string& workflow, const std::string& word);
  // Waits for its end.
  void finish(const std::string& workflow);

  [[nodiscard]] RocksDbLog& log() { return *log_; }
  // What SIGTERM does.
  void stop();

 private:
  ServedStore(DurableFloor floor, std::unique_ptr<RocksDbLog> log, StoreStates& states,
              Ledger& ledger);
  Result<> serve(const ServedOptions& options);
  template <typename T>
  T wait(boost::asio::awaitable<Result<T>> work);

  DurableFloor floor_;
  const std::unique_ptr<RocksDbLog> log_;
  StoreStates& states_;
  Ledger& ledger_;
  RecordedLog recorded_{*log_, states_};
  const Catalog catalog_;
  ActivityRegistry activities_;
  std::unique_ptr<Engine> engine_;
  boost::asio::thread_pool callers_{1};  // one thread: see Engine
};

}  // namespace reprise::testing
