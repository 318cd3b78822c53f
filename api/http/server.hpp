// HttpServer: HTTP/1.1 on several threads, one handler for every request.
//
// Guarantees: each connection lives on one of the executors, in turn. Every wait for a client has a
//             deadline, every buffer a limit; a client that breaks a rule gets 4xx and is closed.
//             On loopback only a loopback Host is served, and no foreign Origin anywhere, so that a
//             web page in a browser cannot reach a server on the same machine.
//             stop() lets running requests end within `drain_time`, then answers 503 and closes.
// Thread:     start() and stop() from a thread that is none of the executors' own; the handler runs
//             on the connection's executor, each of which must run on one thread.
// Units:      head_time and body_time are for the whole head and body; write_time for each 256 KiB.
// Errors:     start(): invalid_argument (the address), io.
#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "api/http/message.hpp"
#include "api/http/request_parser.hpp"
#include "base/time.hpp"

namespace reprise::api {

struct HttpServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  // 0: the system chooses
  RequestLimits limits;
  std::size_t connections_max = 10'000;
  Duration head_time = std::chrono::seconds(10);
  Duration body_time = std::chrono::seconds(30);
  Duration write_time = std::chrono::seconds(30);
  Duration idle_time = std::chrono::seconds(60);  // between requests
  Duration drain_time = std::chrono::seconds(3);
};

struct HttpServerShare;

class HttpServer {
 public:
  static Result<std::unique_ptr<HttpServer>> start(
      HttpServerOptions options, HttpHandler handler,
      const std::vector<boost::asio::any_io_executor>& executors);
  explicit HttpServer(std::shared_ptr<HttpServerShare> share);
  // Stops, if that was not done.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] std::size_t connections() const;
  // Idempotent.
  void stop();

 private:
  std::shared_ptr<HttpServerShare> share_;
};

}  // namespace reprise::api
