// ApiServer: the engine over HTTP: /api/v1, liveness and readiness.
//
// Guarantees: a 2xx on a write means that it is durable; a request that is refused for its input
//             reaches the engine not at all. stop() answers what was accepted, within
//             `drain_time`, then closes every connection; it is to be called before Engine::stop().
// Thread:     start() and stop() from a thread that is none of the executors' own. A connection
//             lives on one executor, which must run on one thread.
// Errors:     start(): invalid_argument (the address), io (the port is taken).
#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "activities/callback/callback_activity.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "engine/core/catalog.hpp"
#include "engine/runtime/backups.hpp"
#include "engine/runtime/engine.hpp"

namespace reprise {

struct ApiOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8000;  // 0: the system chooses
  // There is no authentication yet, so another address than loopback has to be asked for.
  bool allow_remote = false;
  std::size_t connections_max = 10'000;
  std::size_t body_bytes_max = 2U << 20U;
  Duration wait_max = std::chrono::seconds(60);   // of ?wait=
  Duration heartbeat = std::chrono::seconds(15);  // of event streams
  Duration drain_time = std::chrono::seconds(3);
  std::string build = "dev";  // told by /api/v1/health
  // What a task may name in options.provider; none here: the names are not checked.
  std::vector<std::string> providers;
  CallbackRules callbacks;     // where callbacks may go
  Backups* backups = nullptr;  // outlives the server; null: there is no folder for any
};

class ApiServer {
 public:
  // Engine and catalog outlive the server; so do the executors until stop() has returned.
  ApiServer(Engine& engine, const Catalog& catalog, ApiOptions options,
            std::vector<boost::asio::any_io_executor> executors);
  // Stops, if that was not done.
  ~ApiServer();
  ApiServer(const ApiServer&) = delete;
  ApiServer& operator=(const ApiServer&) = delete;

  // Listens; gives the port.
  Result<std::uint16_t> start();
  // Idempotent.
  void stop();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace reprise
