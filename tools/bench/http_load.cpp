#include "tools/bench/http_load.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <charconv>
#include <thread>
#include <vector>

#include "base/check.hpp"

namespace reprise {
namespace asio = boost::asio;
using asio::ip::tcp;
namespace {

constexpr Duration kReadyWithin = std::chrono::seconds(10);

std::uint16_t free_port() {
  asio::io_context io;
  tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
  return acceptor.local_endpoint().port();
}

bool accepts_connections(std::uint16_t port) {
  asio::io_context io;
  tcp::socket socket(io);
  boost::system::error_code error;
  socket.connect({asio::ip::address_v4::loopback(), port}, error);
  return !error;
}

// The length of the body that the header in `head` announces.
std::size_t content_length(std::string_view head) {
  constexpr std::string_view kName = "Content-Length: ";
  const std::size_t at = head.find(kName);
  CHECK(at != std::string_view::npos, "an answer without a length: {}", head);
  std::size_t length = 0;
  const std::string_view rest = head.substr(at + kName.size());
  std::from_chars(rest.data(), rest.data() + rest.size(), length);
  return length;
}

struct Loop {
  std::uint16_t port;
  std::string request;
  SteadyTime end;
  Latencies* latencies;
};

asio::awaitable<void> run_loop(Loop loop) {
  tcp::socket socket(co_await asio::this_coro::executor);
  co_await socket.async_connect({asio::ip::address_v4::loopback(), loop.port}, asio::use_awaitable);
  socket.set_option(tcp::no_delay(true));
  const Clock& clock = system_clock();
  std::string in;
  for (SteadyTime begin = clock.steady(); begin < loop.end; begin = clock.steady()) {
    co_await asio::async_write(socket, asio::buffer(loop.request), asio::use_awaitable);
    const std::size_t head = co_await asio::async_read_until(socket, asio::dynamic_buffer(in),
                                                             "\r\n\r\n", asio::use_awaitable);
    CHECK(in.starts_with("HTTP/1.1 201") || in.starts_with("HTTP/1.1 200"), "{}", in);
    const std::size_t whole = head + content_length(std::string_view(in).substr(0, head));
    if (in.size() < whole)
      co_await asio::async_read(socket, asio::dynamic_buffer(in),
                                asio::transfer_exactly(whole - in.size()), asio::use_awaitable);
    in.erase(0, whole);
    loop.latencies->add(clock.steady() - begin);
  }
}

}  // namespace

ServerProcess::ServerProcess(const std::filesystem::path& binary, const std::filesystem::path& data)
    : port_(free_port()) {
  const std::string listen = fmt::format("127.0.0.1:{}", port_);
  const std::string data_dir = data.string();
  std::vector<std::string> words = {binary.string(), "serve", "--bench",     "--data", data_dir,
                                    "--listen",      listen,  "--log-level", "error"};
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const int failed =
      posix_spawn(&pid_, binary.c_str(), nullptr, nullptr, arguments.data(), environ);
  CHECK(failed == 0, "cannot start {}", binary.string());
  const SteadyTime until = system_clock().steady() + kReadyWithin;
  while (!accepts_connections(port_)) {
    CHECK(system_clock().steady() < until, "{} is not ready in time", binary.string());
    std::this_thread::yield();
  }
}

ServerProcess::~ServerProcess() {
  ::kill(pid_, SIGTERM);
  ::waitpid(pid_, nullptr, 0);
}

Measured measure_over_http(std::uint16_t port, const Workload& workload, std::size_t concurrency,
                           Duration time) {
  asio::io_context io{1};
  const std::string body =
      fmt::format(R"({{"type":"{}","input":{}}})", workload.type, workload.input);
  const std::string request = fmt::format(
      "POST /api/v1/workflows?wait=30s HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n"
      "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
      port, body.size(), body);
  std::vector<Latencies> latencies(concurrency);
  const SteadyTime begin = system_clock().steady();
  for (std::size_t i = 0; i < concurrency; ++i)
    asio::co_spawn(io, run_loop({port, request, begin + time, &latencies[i]}),
                   [](const std::exception_ptr& error) {
                     if (error) std::rethrow_exception(error);
                   });
  io.run();
  Measured measured;
  measured.seconds = static_cast<double>((system_clock().steady() - begin).count()) / 1e6;
  for (const Latencies& one : latencies) measured.latencies.add(one);
  return measured;
}

}  // namespace reprise
