#include "activities/net/testing/scripted_server.hpp"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/stream_traits.hpp>
#include <boost/beast/http.hpp>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

namespace reprise::testing {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using TlsStream = asio::ssl::stream<tcp::socket>;

constexpr int kConnectionsMax = 256;
constexpr std::size_t kRequestsMax = 10'000;
constexpr std::size_t kRequestBytesMax = 16U << 20U;
constexpr auto kPatience = std::chrono::minutes(2);
constexpr auto kToken = asio::as_tuple(asio::use_awaitable);

ScriptedRequest to_scripted(http::request<http::string_body> message) {
  ScriptedRequest request{.method = std::string(message.method_string()),
                          .target = std::string(message.target())};
  for (const auto& field : message)
    request.headers.push_back(
        {.name = std::string(field.name_string()), .value = std::string(field.value())});
  request.body = std::move(message.body());
  return request;
}

// The bytes of an answer: those before its end may be held, and the end.
struct Wire {
  std::string first;
  std::string last;
};

void append_chunk(std::string& out, const std::string& chunk) {
  std::array<char, 16> digits{};
  const auto [end, error] =
      std::to_chars(digits.data(), digits.data() + digits.size(), chunk.size(), 16);
  out.append(digits.data(), end).append("\r\n").append(chunk).append("\r\n");
}

Wire wire_of(const ScriptedReply& reply) {
  if (!reply.raw.empty()) return {.first = reply.raw};
  const auto reason = http::obsolete_reason(static_cast<http::status>(reply.status));
  std::string head =
      "HTTP/1.1 " + std::to_string(reply.status) + " " + std::string(reason) + "\r\n";
  for (const auto& [name, value] : reply.headers)
    head.append(name).append(": ").append(value).append("\r\n");
  if (!reply.chunks.empty()) {
    head += "Transfer-Encoding: chunked\r\n\r\n";
    for (const std::string& chunk : reply.chunks) append_chunk(head, chunk);
    return {.first = std::move(head), .last = "0\r\n\r\n"};
  }
  head += "Content-Length: " + std::to_string(reply.body.size()) + "\r\n\r\n";
  return {.first = head + reply.body.substr(0, reply.cut_after.value_or(reply.body.npos))};
}

asio::ssl::context server_context(const TestIdentity& identity) {
  asio::ssl::context context(asio::ssl::context::tls_server);
  context.use_certificate_chain(asio::buffer(identity.certificate));
  context.use_private_key(asio::buffer(identity.key), asio::ssl::context::pem);
  return context;
}

}  // namespace

// Its coroutines hold `this`: the destructor joins the thread and drops their frames first.
struct ScriptedServer::Core {
  Core(Script s, const std::optional<TestIdentity>& identity)
      : script(std::move(s)),
        acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
        port(acceptor.local_endpoint().port()) {
    if (identity) tls.emplace(server_context(*identity));
    gate.expires_at(asio::steady_timer::time_point::max());
    start(accept());
    thread = std::jthread([this] { io.run(); });
  }
  ~Core() { io.stop(); }

  void start(asio::awaitable<void> work) {
    asio::co_spawn(io, std::move(work), [](const std::exception_ptr& thrown) {
      if (thrown) std::rethrow_exception(thrown);  // A defect of the test: end it.
    });
  }

  asio::awaitable<void> accept() {
    for (;;) {
      auto [error, socket] = co_await acceptor.async_accept(kToken);
      if (error) co_return;
      if (connections < kConnectionsMax) start(serve(std::move(socket)));
    }
  }

  asio::awaitable<void> serve(tcp::socket socket) {
    ++connections;
    if (tls) {
      const auto stream = std::make_shared<TlsStream>(std::move(socket), *tls);
      const auto [error] = co_await stream->async_handshake(TlsStream::server, kToken);
      if (!error) co_await answer_all(stream);
    } else {
      co_await answer_all(std::make_shared<tcp::socket>(std::move(socket)));
    }
    --connections;
  }

  template <typename Stream>
  asio::awaitable<void> answer_all(std::shared_ptr<Stream> stream) {
    boost::beast::flat_buffer buffer;
    for (;;) {
      http::request_parser<http::string_body> parser;
      parser.body_limit(kRequestBytesMax);
      const auto [read_error, read] = co_await http::async_read(*stream, buffer, parser, kToken);
      if (read_error) co_return;
      const bool keeps_alive = parser.keep_alive();
      const ScriptedRequest request = to_scripted(parser.release());
      record(request);
      const ScriptedReply reply = script(request);
      if (reply.close_first) co_return;
      const Wire wire = wire_of(reply);
      if (reply.hold_start && !co_await hold(stream)) co_return;
      const auto [error, sent] =
          co_await asio::async_write(*stream, asio::buffer(wire.first), kToken);
      if (error) co_return;
      if (reply.hold_end && !co_await hold(stream)) co_return;
      co_await asio::async_write(*stream, asio::buffer(wire.last), kToken);
      if (reply.cut_after || !reply.raw.empty() || !keeps_alive) co_return;
    }
  }

  // Waits for release(); false when the client closes the connection before.
  template <typename Stream>
  asio::awaitable<bool> hold(std::shared_ptr<Stream> stream) {
    using namespace asio::experimental::awaitable_operators;
    if (is_released) co_return true;
    std::array<char, 1> byte{};
    auto first =
        co_await (gate.async_wait(kToken) || stream->async_read_some(asio::buffer(byte), kToken));
    if (first.index() == 0 || !std::get<0>(std::get<1>(first))) co_return true;
    record_hang_up();
    co_return false;
  }

  void record_hang_up() {
    const std::lock_guard lock(mutex);
    ++hang_ups;
    changed.notify_all();
  }

  void record(ScriptedRequest request) {
    const std::lock_guard lock(mutex);
    recorded.push_back(std::move(request));
    if (recorded.size() > kRequestsMax) recorded.pop_front();
    ++requests_seen;
    changed.notify_all();
  }

  asio::io_context io{1};  // first: frames that it still holds go last

  // On the server's thread only.
  Script script;
  tcp::acceptor acceptor;
  std::uint16_t port;
  std::optional<asio::ssl::context> tls;
  asio::steady_timer gate{io};  // cancelled by release()
  bool is_released = false;
  int connections = 0;

  mutable std::mutex mutex;
  mutable std::condition_variable changed;
  std::deque<ScriptedRequest> recorded;
  std::size_t requests_seen = 0;
  std::size_t hang_ups = 0;

  std::jthread thread;  // last: joined first
};

ScriptedServer::ScriptedServer(Script script, const std::optional<TestIdentity>& identity)
    : core_(std::make_unique<Core>(std::move(script), identity)) {}

ScriptedServer::~ScriptedServer() = default;

std::uint16_t ScriptedServer::port() const { return core_->port; }

std::string ScriptedServer::url() const {
  return (core_->tls ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port());
}

std::vector<ScriptedRequest> ScriptedServer::requests() const {
  const std::lock_guard lock(core_->mutex);
  return {core_->recorded.begin(), core_->recorded.end()};
}

bool ScriptedServer::wait_for_requests(std::size_t count) const {
  std::unique_lock lock(core_->mutex);
  return core_->changed.wait_for(lock, kPatience, [&] { return core_->requests_seen >= count; });
}

bool ScriptedServer::wait_for_hang_up() const {
  std::unique_lock lock(core_->mutex);
  return core_->changed.wait_for(lock, kPatience, [&] { return core_->hang_ups > 0; });
}

void ScriptedServer::release() {
  asio::post(core_->io, [core = core_.get()] {
    core->is_released = true;
    core->gate.cancel();
  });
}

}  // namespace reprise::testing
