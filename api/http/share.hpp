// What the connections of one HttpServer share, and the lane of those that live on one thread.
//
// Thread: HttpServerShare: options and handler are read-only, the count is guarded. A Lane is
//         touched on its executor only.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <ctime>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "api/http/server.hpp"

namespace reprise::api {

class Connection;

struct Lane {
  explicit Lane(boost::asio::any_io_executor e) : executor(std::move(e)) {}
  // "Sun, 06 Nov 1994 08:49:37 GMT", made once a second.
  const std::string& date();

  const boost::asio::any_io_executor executor;
  std::list<Connection*> connections;

 private:
  std::time_t second_ = 0;
  std::string date_;
};

struct HttpServerShare {
  HttpServerShare(HttpServerOptions o, HttpHandler h,
                  const std::vector<boost::asio::any_io_executor>& executors);

  // Counts a coroutine of the server in, unless there are `max` already.
  bool enter(std::size_t max);
  void leave();
  // False when the time is over and some are left.
  bool wait_until_empty(Duration limit);

  const HttpServerOptions options;
  const HttpHandler handler;
  std::vector<std::unique_ptr<Lane>> lanes;
  boost::asio::ip::tcp::acceptor acceptor;  // of the first lane
  bool is_loopback = true;
  std::uint16_t port = 0;
  std::atomic<bool> stopping = false;

  std::mutex mutex;  // guards the two below
  std::condition_variable changed;
  std::size_t entered = 0;  // the acceptor's coroutine is one of them
};

}  // namespace reprise::api
