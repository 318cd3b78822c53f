#include "api/http/server.hpp"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <limits>

#include "api/http/connection.hpp"
#include "api/http/share.hpp"
#include "base/check.hpp"
#include "base/log.hpp"

namespace reprise::api {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using SharePtr = std::shared_ptr<HttpServerShare>;

constexpr auto kToken = asio::as_tuple(asio::use_awaitable);
constexpr Duration kForcedTime = std::chrono::seconds(2);
constexpr auto kAcceptPause = std::chrono::milliseconds(50);

// What became of a coroutine of the server; it is counted out.
void ended(const HttpServerShare& share, std::string_view name, const std::exception_ptr& thrown) {
  if (!thrown) return;
  try {
    std::rethrow_exception(thrown);
  } catch (const boost::system::system_error& error) {
    if (error.code() == asio::error::operation_aborted && share.stopping) return;
    log_error("http_coroutine_threw", {{"name", name}, {"what", error.what()}});
  } catch (const std::exception& error) {
    log_error("http_coroutine_threw", {{"name", name}, {"what", error.what()}});
  }
}

void spawn_connection(const SharePtr& share, Lane& lane, tcp::socket socket) {
  const auto connection = std::make_shared<Connection>(share, lane, std::move(socket));
  const auto on_end = [share, connection](const std::exception_ptr& thrown) {
    ended(*share, "connection", thrown);
    share->leave();
  };
  asio::co_spawn(lane.executor, Connection::serve(connection),
                 asio::bind_cancellation_slot(connection->slot(), on_end));
}

// There is no room for this client.
void turn_away(tcp::socket socket) {
  constexpr std::string_view kFull =
      "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n"
      "Connection: close\r\n\r\n";
  error_code ignored;
  socket.non_blocking(true, ignored);
  socket.write_some(asio::buffer(kFull), ignored);
  socket.shutdown(tcp::socket::shutdown_send, ignored);
}

asio::awaitable<void> accept_all(SharePtr share) {
  asio::steady_timer pause(share->lanes.front()->executor);
  for (std::size_t next = 0; !share->stopping; next = (next + 1) % share->lanes.size()) {
    Lane& lane = *share->lanes[next];
    auto [error, socket] = co_await share->acceptor.async_accept(lane.executor, kToken);
    if (share->stopping) co_return;
    if (error) {  // No descriptors are left, or the client has gone already.
      log_warning("http_accept_failed", {{"what", error.message()}});
      pause.expires_after(kAcceptPause);
      co_await pause.async_wait(kToken);
    } else if (share->enter(share->options.connections_max + 1)) {
      spawn_connection(share, lane, std::move(socket));
    } else {
      turn_away(std::move(socket));
    }
  }
}

Result<> listen(HttpServerShare& share) {
  const HttpServerOptions& options = share.options;
  error_code error;
  const std::string& name = options.address == "localhost" ? "127.0.0.1" : options.address;
  const auto address = asio::ip::make_address(name, error);
  if (error)
    return fail(Errc::invalid_argument,
                fmt::format("{} is no IP address: use 127.0.0.1, for example", name), "address");
  share.is_loopback = address.is_loopback();
  const tcp::endpoint endpoint(address, options.port);
  share.acceptor.open(endpoint.protocol(), error);
  if (!error) share.acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) share.acceptor.bind(endpoint, error);
  if (!error) share.acceptor.listen(tcp::acceptor::max_listen_connections, error);
  if (error)
    return fail(Errc::io,
                fmt::format("cannot listen on {}:{}: {}", name, options.port, error.message()),
                "port");
  share.port = share.acceptor.local_endpoint().port();
  return {};
}

// Runs `what` for each connection, on the thread where it lives.
void for_each_connection(const SharePtr& share, void (Connection::*what)()) {
  for (const auto& lane : share->lanes)
    asio::post(lane->executor, [share, lane = lane.get(), what] {
      const std::vector<Connection*> now(lane->connections.begin(), lane->connections.end());
      for (Connection* connection : now) (connection->*what)();
    });
}

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::start(
    HttpServerOptions options, HttpHandler handler,
    const std::vector<asio::any_io_executor>& executors) {
  CHECK(!executors.empty(), "a server needs a thread to run on");
  auto share = std::make_shared<HttpServerShare>(std::move(options), std::move(handler), executors);
  if (Result<> ok = listen(*share); !ok) return std::unexpected(std::move(ok.error()));
  share->enter(1);
  asio::co_spawn(share->lanes.front()->executor, accept_all(share),
                 [share](const std::exception_ptr& thrown) {
                   ended(*share, "acceptor", thrown);
                   share->leave();
                 });
  return std::make_unique<HttpServer>(std::move(share));
}

HttpServer::HttpServer(std::shared_ptr<HttpServerShare> share) : share_(std::move(share)) {}

HttpServer::~HttpServer() { stop(); }

std::uint16_t HttpServer::port() const { return share_->port; }

std::size_t HttpServer::connections() const {
  const std::lock_guard lock(share_->mutex);
  return share_->entered == 0 ? 0 : share_->entered - 1;
}

void HttpServer::stop() {
  if (share_->stopping.exchange(true)) return;
  asio::post(share_->lanes.front()->executor, [share = share_] {
    error_code ignored;
    share->acceptor.close(ignored);
  });
  for_each_connection(share_, &Connection::stop_gently);
  if (share_->wait_until_empty(share_->options.drain_time)) return;
  for_each_connection(share_, &Connection::stop_now);
  if (share_->wait_until_empty(kForcedTime)) return;
  log_error("http_connections_left", {{"count", connections()}});
}

}  // namespace reprise::api
