// FinishedStore: a store on disk as an engine has left it: tables, a write-ahead log, runs that have
// ended, that sleep and that wait for signals.
//
// Guarantees: one for all tests of a process; nobody writes to it. Its histories are known.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "engine/runtime/engine.hpp"
#include "storage/data_dir.hpp"
#include "storage/rocksdb_log.hpp"
#include "storage/testing/temporary_directory.hpp"

namespace reprise::testing {

// An engine with the workflows of the bench, on the store in `data`.
class OpenStore {
 public:
  explicit OpenStore(const DataDir& data);
  ~OpenStore();
  OpenStore(const OpenStore&) = delete;
  OpenStore& operator=(const OpenStore&) = delete;

  RunId start(const std::string& id, const std::string& type, const std::string& input);
  void signal(const std::string& id, const std::string& name, const std::string& payload);
  // How the latest run of `id` ended; nothing when it goes on.
  std::optional<RunStatus> end_of(const std::string& id, Duration wait = std::chrono::minutes(1));
  RunDescription describe(const std::string& id);

  [[nodiscard]] RocksDbLog& log() { return *log_; }

 private:
  template <typename T>
  T wait(boost::asio::awaitable<T> work) {
    return boost::asio::co_spawn(callers_, std::move(work), boost::asio::use_future).get();
  }

  Catalog catalog_;
  ActivityRegistry activities_;
  std::unique_ptr<RocksDbLog> log_;
  std::optional<DurableFloor> floor_;
  std::unique_ptr<Engine> engine_;
  boost::asio::thread_pool callers_{1};  // one thread: see Engine
};

// By sequence of their first event.
using RunRecords = std::map<std::uint64_t, std::string>;

struct FinishedStore {
  FinishedStore();
  TemporaryDirectory folder;
  const DataDir data{folder.path() / "data"};
  std::map<RunId, RunRecords> runs;

  static const FinishedStore& get();
};

std::map<RunId, RunRecords> all_records(const EventLog& log);

// A copy of a data directory, without the backups in it.
void copy_data(const std::filesystem::path& from, const std::filesystem::path& to);

// The digest of every file, by its path.
std::map<std::string, std::string> digests_of(const std::filesystem::path& dir);

void flip_a_bit(const std::filesystem::path& path, std::uint64_t at);

}  // namespace reprise::testing
