#include "activities/net/http_client.hpp"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include "activities/net/public_address.hpp"
#include "activities/net/tls_context.hpp"

namespace reprise {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using Kind = HttpFailure::Kind;
using TlsStream = asio::ssl::stream<beast::tcp_stream>;
using Endpoints = std::vector<tcp::endpoint>;
using SteadyPoint = asio::steady_timer::time_point;

constexpr std::uint32_t kHeadBytesMax = 64U << 10U;
constexpr std::size_t kUnreadBytesMax = 2 * kHeadBytesMax;  // a head, or the line of a chunk
constexpr std::size_t kPieceBytes = 16U << 10U;
constexpr auto kToken = asio::as_tuple(asio::use_awaitable);

template <typename T>
using Outcome = std::expected<T, HttpFailure>;

// What one call works on; its coroutines share it.
struct Exchange {
  HttpCall call;
  Duration idle_timeout{0};  // 0: none
  HttpChunkSink on_chunk;    // empty: the body is kept
};
using ExchangePtr = std::shared_ptr<Exchange>;

std::unexpected<HttpFailure> failed(Kind kind, const HttpCall& call, std::string_view why) {
  return std::unexpected(
      HttpFailure{.kind = kind, .detail = call.url.authority() + ": " + std::string(why)});
}

// --- the call itself ----------------------------------------------------------------------------

bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kMarks.find(c) != kMarks.npos;
  });
}

bool is_header_value(std::string_view text) {
  return std::ranges::none_of(text, [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
  });
}

bool is_target(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

// Why this call cannot be sent as it is; null when it can.
const char* find_defect(const HttpCall& call) {
  if (!is_token(call.method)) return "the method is no token";
  if (call.url.host.empty() || call.url.port == 0) return "the URL has no host";
  if (!is_target(call.url.target())) return "the URL holds white space or control characters";
  for (const auto& [name, value] : call.headers)
    if (!is_token(name) || !is_header_value(value)) return "a header holds control characters";
  return nullptr;
}

http::request<http::string_body> request_of(const HttpCall& call) {
  http::request<http::string_body> request;
  request.version(11);
  request.method_string(call.method);
  request.target(call.url.target());
  for (const auto& [name, value] : call.headers) request.insert(name, value);
  request.set(http::field::host, call.url.authority());
  request.set(http::field::user_agent, "reprise");
  request.set(http::field::connection, "close");
  request.body() = call.body;
  if (!call.body.empty() || call.method == "POST" || call.method == "PUT")
    request.content_length(call.body.size());
  return request;
}

// --- failures -----------------------------------------------------------------------------------

Kind kind_of_read_error(const error_code& error) {
  if (error == beast::error::timeout) return Kind::timed_out;
  if (error == asio::error::operation_aborted) return Kind::cancelled;
  if (error == http::error::header_limit || error == http::error::buffer_overflow)
    return Kind::too_large;
  if (error == http::error::end_of_stream || error == http::error::partial_message)
    return Kind::cut;
  const bool is_syntax = error.category() == make_error_code(http::error::bad_version).category();
  return is_syntax ? Kind::bad_reply : Kind::cut;
}

std::unexpected<HttpFailure> read_failed(const HttpCall& call, const error_code& error) {
  const Kind kind = kind_of_read_error(error);
  switch (kind) {
    case Kind::timed_out: return failed(kind, call, "nothing came within the idle timeout");
    case Kind::too_large:
      return failed(kind, call, "the response's head, or the line of a chunk, is too long");
    case Kind::cut: return failed(kind, call, "closed before the response was whole");
    case Kind::bad_reply: return failed(kind, call, "no HTTP: " + error.message());
    default: return failed(kind, call, error.message());
  }
}

std::unexpected<HttpFailure> open_failed(Kind kind, const HttpCall& call, const error_code& error) {
  if (error == asio::error::operation_aborted) return failed(Kind::cancelled, call, "cancelled");
  if (error == beast::error::timeout)
    return failed(Kind::timed_out, call, "no connection within the connect timeout");
  return failed(kind, call, error.message());
}

std::unexpected<HttpFailure> handshake_failed(const HttpCall& call, TlsStream& stream,
                                              const error_code& error) {
  const long verified = SSL_get_verify_result(stream.native_handle());
  if (verified == X509_V_OK) return open_failed(Kind::tls, call, error);
  return failed(Kind::tls, call,
                std::string("certificate refused: ") + X509_verify_cert_error_string(verified));
}

// --- opening a connection -----------------------------------------------------------------------

// A name lookup under way. It cannot be stopped inside the C library, so that nobody waits for it
// directly: when the waiting coroutine has gone, the late answer ends here.
struct Lookup {
  explicit Lookup(const asio::any_io_executor& executor) : resolver(executor), answered(executor) {}
  tcp::resolver resolver;
  asio::steady_timer answered;
  std::optional<std::pair<error_code, Endpoints>> answer;
};

asio::awaitable<Outcome<Endpoints>> resolve(ExchangePtr exchange, SteadyPoint connect_by) {
  const HttpCall& call = exchange->call;
  error_code not_numeric;
  const auto address = asio::ip::make_address(call.url.host, not_numeric);
  if (!not_numeric) co_return Endpoints{{address, call.url.port}};

  const auto lookup = std::make_shared<Lookup>(co_await asio::this_coro::executor);
  lookup->answered.expires_at(connect_by);
  lookup->resolver.async_resolve(
      call.url.host, std::to_string(call.url.port),
      [lookup](error_code error, const tcp::resolver::results_type& results) {
        lookup->answer.emplace(error, Endpoints(results.begin(), results.end()));
        lookup->answered.cancel();
      });
  const auto [stopped] = co_await lookup->answered.async_wait(kToken);
  if (!lookup->answer && stopped) co_return failed(Kind::cancelled, call, "cancelled");
  if (!lookup->answer) co_return failed(Kind::timed_out, call, "its name was not resolved in time");
  auto& [error, endpoints] = *lookup->answer;
  if (error) co_return failed(Kind::resolve, call, error.message());
  co_return std::move(endpoints);
}

// Nothing when OpenSSL has no memory.
std::shared_ptr<TlsStream> make_tls_stream(beast::tcp_stream socket, const TlsTrust& trust,
                                           const std::string& host) {
  auto stream = std::make_shared<TlsStream>(std::move(socket), trust.context);
  SSL* const tls = stream->native_handle();
  error_code not_numeric;
  asio::ip::make_address(host, not_numeric);
  if (!not_numeric) {
    if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), host.c_str()) != 1) return nullptr;
    return stream;
  }
  SSL_set_hostflags(tls, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (SSL_set1_host(tls, host.c_str()) != 1) return nullptr;
  if (SSL_set_tlsext_host_name(tls, host.c_str()) != 1) return nullptr;
  return stream;
}

// --- request and response -----------------------------------------------------------------------

using Parser = http::response_parser<http::buffer_body>;

// An open connection and what has been read from it.
template <typename Stream>
struct Conversation {
  std::shared_ptr<Stream> stream;
  ExchangePtr exchange;
  beast::flat_buffer buffer{kUnreadBytesMax};
  std::optional<Parser> parser;  // of the response that is being read
};
template <typename Stream>
using ConversationPtr = std::shared_ptr<Conversation<Stream>>;

template <typename Stream>
void set_idle_limit(const Conversation<Stream>& with) {
  auto& socket = beast::get_lowest_layer(*with.stream);
  if (with.exchange->idle_timeout > Duration::zero())
    socket.expires_after(with.exchange->idle_timeout);
  else
    socket.expires_never();
}

HttpResponse head_of(const Parser& parser) {
  HttpResponse response{.status = static_cast<int>(parser.get().result_int())};
  for (const auto& field : parser.get())
    response.headers.push_back(
        {.name = std::string(field.name_string()), .value = std::string(field.value())});
  return response;
}

template <typename Stream>
asio::awaitable<Outcome<HttpResponse>> read_head(ConversationPtr<Stream> with) {
  const HttpCall& call = with->exchange->call;
  do {  // Over interim responses (1xx) to the one that counts.
    with->parser.emplace();
    with->parser->header_limit(kHeadBytesMax);
    with->parser->body_limit(boost::none);
    with->parser->skip(call.method == "HEAD");
    set_idle_limit(*with);
    const auto [error, bytes] =
        co_await http::async_read_header(*with->stream, with->buffer, *with->parser, kToken);
    if (error) co_return read_failed(call, error);
  } while (with->parser->get().result_int() / 100 == 1);
  co_return head_of(*with->parser);
}

template <typename Stream>
asio::awaitable<HttpOutcome> read_body(ConversationPtr<Stream> with, HttpResponse response) {
  const HttpCall& call = with->exchange->call;
  HttpChunkSink& sink = with->exchange->on_chunk;
  const bool keeps = !sink || !response.ok();
  std::string piece(kPieceBytes, '\0');
  while (!with->parser->is_done()) {
    auto& body = with->parser->get().body();
    body.data = piece.data();
    body.size = piece.size();
    set_idle_limit(*with);
    const auto [error, bytes] =
        co_await http::async_read_some(*with->stream, with->buffer, *with->parser, kToken);
    if (error && error != http::error::need_buffer) co_return read_failed(call, error);
    const std::string_view got(piece.data(), piece.size() - body.size);
    if (keeps && response.body.size() + got.size() > call.response_bytes_max)
      co_return failed(Kind::too_large, call, "the response is over its limit");
    if (keeps)
      response.body += got;
    else if (!got.empty() && !sink(got))
      break;
  }
  // No farewell of TLS: the message's own framing has said that it is whole.
  co_return response;
}

template <typename Stream>
asio::awaitable<HttpOutcome> converse(std::shared_ptr<Stream> stream, ExchangePtr exchange) {
  const auto with = std::make_shared<Conversation<Stream>>(stream, exchange);
  set_idle_limit(*with);
  const auto request = request_of(exchange->call);
  const auto [error, bytes] = co_await http::async_write(*stream, request, kToken);
  // A server may refuse and close before it has read all; then its answer is already here.
  const bool may_have_answered =
      error == asio::error::broken_pipe || error == asio::error::connection_reset;
  if (error && !may_have_answered) co_return read_failed(exchange->call, error);
  auto head = co_await read_head(with);
  if (!head) co_return std::unexpected(std::move(head.error()));
  co_return co_await read_body(with, std::move(*head));
}

asio::awaitable<HttpOutcome> exchange_messages(ExchangePtr exchange) {
  const HttpCall& call = exchange->call;
  const SteadyPoint connect_by = SteadyPoint::clock::now() + call.connect_timeout;
  auto endpoints = co_await resolve(exchange, connect_by);
  if (!endpoints) co_return std::unexpected(std::move(endpoints.error()));
  if (call.reach == Reach::public_only &&
      !std::ranges::all_of(*endpoints, [](const auto& at) { return is_public(at.address()); }))
    co_return failed(Kind::forbidden, call, "it has an address that is not a public one");

  beast::tcp_stream socket(co_await asio::this_coro::executor);
  socket.expires_at(connect_by);
  const auto [connect_error, endpoint] = co_await socket.async_connect(*endpoints, kToken);
  if (connect_error) co_return open_failed(Kind::connect, call, connect_error);
  if (!call.url.tls)
    co_return co_await converse(std::make_shared<beast::tcp_stream>(std::move(socket)), exchange);

  const Result<TlsTrustPtr> trust = call.trust ? call.trust : system_trust();
  if (!trust) co_return failed(Kind::tls, call, trust.error().detail);
  const auto stream = make_tls_stream(std::move(socket), **trust, call.url.host);
  if (!stream) co_return failed(Kind::internal, call, "OpenSSL refused the host's name");
  const auto [tls_error] = co_await stream->async_handshake(asio::ssl::stream_base::client, kToken);
  if (tls_error) co_return handshake_failed(call, *stream, tls_error);
  co_return co_await converse(stream, exchange);
}

// Any exception ends here as a value: the race below waits for a coroutine that returns.
asio::awaitable<HttpOutcome> attempt(ExchangePtr exchange) {
  try {
    co_return co_await exchange_messages(exchange);
  } catch (const std::exception& thrown) {
    co_return failed(Kind::internal, exchange->call, thrown.what());
  }
}

// --- deadline and cancellation ------------------------------------------------------------------

SteadyPoint timer_end(SteadyTime deadline) {
  constexpr Duration kForever = std::chrono::hours(24 * 365);
  const Duration left = deadline - system_clock().steady();
  return left < kForever ? SteadyPoint::clock::now() + left : SteadyPoint::max();
}

// Ends when the deadline passes or the caller cancels.
asio::awaitable<HttpFailure> watch(ExchangePtr exchange) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  timer.expires_at(timer_end(exchange->call.deadline));
  const auto [stopped] = co_await timer.async_wait(kToken);
  if (stopped) co_return failed(Kind::cancelled, exchange->call, "cancelled").error();
  co_return failed(Kind::timed_out, exchange->call, "no whole response by the deadline").error();
}

// Asio's and Beast's operations on streams heed a terminal cancellation only, and a parallel group
// passes on the first that it gets and no other. So whatever comes is made to count as all types.
asio::cancellation_type any_as_all(asio::cancellation_type type) {
  return type == asio::cancellation_type::none ? type : asio::cancellation_type::all;
}

asio::awaitable<HttpOutcome> race(ExchangePtr exchange) {
  using namespace asio::experimental::awaitable_operators;
  co_await asio::this_coro::reset_cancellation_state(&any_as_all);
  auto first = co_await (attempt(exchange) || watch(exchange));
  if (first.index() == 0) co_return std::get<0>(std::move(first));
  co_return std::unexpected(std::get<1>(std::move(first)));
}

asio::awaitable<HttpOutcome> run(ExchangePtr exchange) {
  if (const char* defect = find_defect(exchange->call))
    co_return failed(Kind::invalid, exchange->call, defect);
  const auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none)
    co_return failed(Kind::cancelled, exchange->call, "cancelled");
  co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
  const auto strand = asio::make_strand(co_await asio::this_coro::executor);
  co_return co_await asio::co_spawn(strand, race(exchange), asio::use_awaitable);
}

}  // namespace

asio::awaitable<HttpOutcome> http_call(HttpCall call) {
  auto exchange = std::make_shared<Exchange>();
  exchange->call = std::move(call);
  return run(std::move(exchange));
}

asio::awaitable<HttpOutcome> http_stream(HttpCall call, Duration idle_timeout,
                                         HttpChunkSink on_chunk) {
  auto exchange = std::make_shared<Exchange>();
  exchange->call = std::move(call);
  exchange->idle_timeout = idle_timeout;
  exchange->on_chunk = std::move(on_chunk);
  return run(std::move(exchange));
}

}  // namespace reprise
