// RunningServer: an HttpServer on threads of its own, for tests with sockets.
//
// Guarantees: listens when the constructor returns; its destructor stops it and joins the threads.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <list>
#include <memory>
#include <thread>
#include <vector>

#include "api/http/server.hpp"
#include "base/check.hpp"

namespace reprise::testing {

class Threads {
 public:
  explicit Threads(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      contexts_.emplace_back(1);
      guards_.push_back(boost::asio::make_work_guard(contexts_.back()));
      threads_.emplace_back([&io = contexts_.back()] { io.run(); });
    }
  }
  ~Threads() {
    guards_.clear();
    for (auto& io : contexts_) io.stop();
  }
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;

  [[nodiscard]] std::vector<boost::asio::any_io_executor> executors() {
    std::vector<boost::asio::any_io_executor> executors;
    for (auto& io : contexts_) executors.emplace_back(io.get_executor());
    return executors;
  }

 private:
  using Guard = boost::asio::executor_work_guard<boost::asio::io_context::executor_type>;
  std::list<boost::asio::io_context> contexts_;
  std::vector<Guard> guards_;
  std::vector<std::jthread> threads_;  // joined first
};

class RunningServer {
 public:
  explicit RunningServer(api::HttpHandler handler, api::HttpServerOptions options = {},
                         std::size_t threads = 2)
      : threads_(threads) {
    auto started =
        api::HttpServer::start(std::move(options), std::move(handler), threads_.executors());
    CHECK(started.has_value(), "{}", started.error().detail);
    server_ = std::move(*started);
  }

  [[nodiscard]] std::uint16_t port() const { return server_->port(); }
  [[nodiscard]] api::HttpServer& server() { return *server_; }

 private:
  Threads threads_;
  std::unique_ptr<api::HttpServer> server_;  // stopped before its threads
};

}  // namespace reprise::testing
