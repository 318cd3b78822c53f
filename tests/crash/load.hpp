// Load: clients that do not give up. They start tasks and workflows and send signals over HTTP, and
// after every lost connection say the same again under the same Idempotency-Key, until each thing is
// acknowledged and each run has ended.
//
// Guarantees: what acknowledged() holds was said by a 2xx, once; a repeated call that is answered with
//             something else than the first time is among complaints().
// Thread:     the clients run on a thread of the load; everything here may be called from another.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/crash/server_address.hpp"
#include "tests/support/api_client.hpp"

namespace reprise::testing {

struct LoadSize {
  std::size_t tasks = 200;
  std::size_t task_clients = 25;   // each hands in its share, one after the other
  std::size_t signal_clients = 6;  // each signals a run of its own until the load ends
  std::size_t chain_clients = 3;
  std::size_t sleeper_clients = 3;
};

// What the server has said yes to.
struct Acknowledged {
  struct Signal {
    std::string workflow;
    std::string payload;
    std::uint64_t sequence = 0;
  };
  std::map<std::string, std::string> tasks;      // id → status at its end
  std::map<std::string, std::string> workflows;  // id → status at its end
  std::vector<Signal> signals;
};

class Load {
 public:
  Load(const LoadSize& size, std::string url);
  ~Load();
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  // The server is there from now on.
  void move_to(std::string url) { address_.move_to(std::move(url)); }
  // Waits until `moment` has passed.
  void run_for(Duration moment);
  // Those who signal and start without end come to an end.
  void wind_down() { is_winding_down_ = true; }
  // False when the clients have not all ended within `patience`.
  bool wait_until_done(Duration patience);

  [[nodiscard]] Acknowledged acknowledged() const;
  [[nodiscard]] std::vector<std::string> complaints() const;
  [[nodiscard]] std::size_t calls_lost() const { return calls_lost_; }
  [[nodiscard]] std::size_t tasks_ended() const { return tasks_ended_; }

 private:
  using Work = boost::asio::awaitable<void>;

  void start(Work client);
  void complain(std::string what);

  // Coroutines, each over the members above; `load` outlives them.
  static boost::asio::awaitable<HttpResponse> insist(Load* load, HttpCall call);
  static boost::asio::awaitable<Json> start_run(Load* load, std::string key, std::string body);
  static boost::asio::awaitable<std::string> await_end(Load* load, std::string path);
  static boost::asio::awaitable<void> pause(Load* load, Duration pause);
  static Work hand_in_tasks(Load* load, std::size_t first, std::size_t step, std::size_t end);
  static Work send_signals(Load* load, std::size_t client);
  static Work run_workflows(Load* load, std::string name, std::string type_and_input);

  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> stays_;
  ServerAddress address_;
  std::atomic<bool> is_winding_down_ = false;
  std::atomic<std::size_t> calls_lost_ = 0;
  std::atomic<std::size_t> tasks_ended_ = 0;

  mutable std::mutex mutex_;  // guards the four below
  std::condition_variable changed_;
  std::size_t clients_running_ = 0;
  Acknowledged acknowledged_;
  std::vector<std::string> complaints_;

  std::jthread thread_;  // last: joined first
};

}  // namespace reprise::testing
