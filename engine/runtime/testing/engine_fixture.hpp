// EngineFixture: an engine on a log in memory, real threads, and workflows small enough to read here.
//
// Thread: the test's; each call waits for its answer.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>

#include <atomic>
#include <future>
#include <memory>
#include <string>

#include "engine/runtime/engine.hpp"
#include "storage/memory_log.hpp"
#include "storage/testing/temporary_directory.hpp"

namespace reprise::testing {

struct Echo {
  static constexpr std::string_view kName = "test.echo";
  static constexpr std::uint32_t kVersion = 1;
  static constexpr Reuse kReuse = Reuse::value;
  using Input = Payload;
  using Output = Payload;
};
// Ends only when it is cancelled.
struct Hang {
  static constexpr std::string_view kName = "test.hang";
  static constexpr std::uint32_t kVersion = 1;
  static constexpr Reuse kReuse = Reuse::value;
  using Input = Payload;
  using Output = Payload;
};
// Fails as often as its input says, in digits, then echoes.
struct Flaky {
  static constexpr std::string_view kName = "test.flaky";
  static constexpr std::uint32_t kVersion = 1;
  static constexpr Reuse kReuse = Reuse::value;
  using Input = Payload;
  using Output = Payload;
};
// Tells "half" and falls silent; the next attempt gives back what it was told.
struct Hiccup {
  static constexpr std::string_view kName = "test.hiccup";
  static constexpr std::uint32_t kVersion = 1;
  static constexpr Reuse kReuse = Reuse::value;
  using Input = Payload;
  using Output = Payload;
};

class EngineFixture {
 public:
  EngineFixture();
  ~EngineFixture();

  // A new engine on the same log and floor: what a new process finds.
  void restart();
  void open(EngineOptions options = {.threads = 2, .shards = 4});

  template <typename T>
  T wait(boost::asio::awaitable<T> work) {
    return begin(std::move(work)).get();
  }
  template <typename T>
  std::future<T> begin(boost::asio::awaitable<T> work) {
    return boost::asio::co_spawn(callers_, std::move(work), boost::asio::use_future);
  }

  // Ends the loop that the code of "spin" is in.
  static void let_go();

  Result<StartAnswer> start(std::string type, std::string input, std::string id = {});
  Result<RunOutcome> outcome(const WorkflowId& workflow);
  std::vector<Event> history(const WorkflowId& workflow);
  std::size_t count(const WorkflowId& workflow, EventKind kind);

  // Why the store does not open; the engine must be closed.
  Error reopen_error();
  [[nodiscard]] const Catalog& catalog() const { return catalog_; }

  boost::asio::thread_pool& callers() { return callers_; }

  MemoryLog log;
  EventLog* log_to_open = &log;  // by the next open()
  DiskGuard* disk = nullptr;     // likewise
  std::unique_ptr<Engine> engine;
  std::atomic<int> bodies_started = 0;

 private:
  TemporaryDirectory directory_;
  std::optional<DurableFloor> floor_;
  Catalog catalog_;
  ActivityRegistry activities_;
  boost::asio::thread_pool callers_{1};  // one thread: see Engine
};

}  // namespace reprise::testing
