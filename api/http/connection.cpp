#include "api/http/connection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "api/http/admission.hpp"
#include "api/problem.hpp"
#include "base/check.hpp"
#include "base/log.hpp"

namespace reprise::api {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr auto kToken = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kInputBytesFirst = 2U << 10U;
constexpr std::size_t kInputBytesBody = 16U << 10U;
constexpr std::size_t kBodyBytesCopied = 16U << 10U;  // a smaller body goes behind the head
constexpr std::size_t kWritePieceBytes = 256U << 10U;
constexpr std::size_t kLingerBytesMax = 4U << 20U;
constexpr Duration kLingerTime = std::chrono::seconds(2);

bool has_control_characters(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

}  // namespace

// --- a stream of events: each piece is one chunk --------------------------------------------------

class ChunkedStream final : public EventStream {
 public:
  explicit ChunkedStream(Connection::Ptr connection) : connection_(std::move(connection)) {}
  asio::awaitable<bool> send(std::string bytes) override {
    return send_chunk(connection_, std::move(bytes));
  }

 private:
  static asio::awaitable<bool> send_chunk(Connection::Ptr self, std::string bytes) {
    if (bytes.empty()) co_return true;
    if (self->broken_ || self->share_->stopping) co_return false;
    if (self->parser_.is_http_1_0())
      self->out_ = std::move(bytes);
    else
      self->out_ = fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes);
    self->sent_ = 0;
    co_return self->send_now() || co_await Connection::send_rest(self);
  }

  Connection::Ptr connection_;
};

// --- life -----------------------------------------------------------------------------------------

Connection::Listing::Listing(Connection& c)
    : connection(c), place(c.lane_.connections.insert(c.lane_.connections.end(), &c)) {}
Connection::Listing::~Listing() { connection.lane_.connections.erase(place); }

Connection::Connection(std::shared_ptr<HttpServerShare> share, Lane& lane, Socket socket)
    : share_(std::move(share)),
      lane_(lane),
      socket_(std::move(socket)),
      timer_(lane.executor),
      deadline_(asio::steady_timer::time_point::max()),
      input_(kInputBytesFirst),
      request_(std::make_shared<HttpRequest>()),
      parser_(share_->options.limits) {}

asio::awaitable<void> Connection::serve(Ptr self) {
  const Listing listing(*self);
  error_code ignored;
  self->socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  self->socket_.non_blocking(true, ignored);
  do {
    if (co_await read_request(self)) {
      HttpResponse response = co_await answer(self);
      self->keeps_alive_ = self->parser_.keeps_alive() && !self->share_->stopping;
      if (response.stream && self->request_->method() != HttpMethod::head) {
        co_await stream(self, std::move(response));
      } else {
        self->put_head(response, /*is_stream=*/false);
        if (!self->send_now()) co_await send_rest(self);
      }
      self->served_one_ = true;
    } else if (!self->out_.empty() && !self->send_now()) {
      co_await send_rest(self);
    }
  } while (self->stays_open());
  self->socket_.shutdown(Socket::shutdown_send, ignored);
  if (!self->broken_ && !self->out_.empty() && !self->share_->stopping) co_await linger(self);
  self->timer_.cancel();
  self->socket_.close(ignored);
}

bool Connection::stays_open() const { return keeps_alive_ && !broken_ && !share_->stopping; }

void Connection::stop_gently() {
  if (phase_ == Phase::streaming) signal_.emit(asio::cancellation_type::terminal);
  error_code ignored;
  if (phase_ == Phase::idle || phase_ == Phase::closing) socket_.cancel(ignored);
}

void Connection::stop_now() {
  if (phase_ == Phase::answering || phase_ == Phase::streaming)
    signal_.emit(asio::cancellation_type::terminal);
  error_code ignored;
  socket_.cancel(ignored);
}

// --- deadlines ------------------------------------------------------------------------------------

void Connection::set_deadline(Duration limit) {
  timed_out_ = false;
  deadline_ = asio::steady_timer::clock_type::now() + limit;
  if (!timer_waits_ || deadline_ < timer_.expiry()) start_timer();
}

// The timer is not set anew when a deadline moves away, which is once a request: it finds out when
// it fires.
void Connection::start_timer() {
  timer_.expires_at(deadline_);
  timer_waits_ = true;
  timer_.async_wait([self = shared_from_this()](error_code cancelled) {
    if (!cancelled) self->on_timer();
  });
}

void Connection::on_timer() {
  timer_waits_ = false;
  if (deadline_ == asio::steady_timer::time_point::max()) return;
  if (asio::steady_timer::clock_type::now() < deadline_) return start_timer();
  timed_out_ = true;
  error_code ignored;
  socket_.cancel(ignored);
}

// --- reading --------------------------------------------------------------------------------------

void Connection::begin_request() {
  if (request_.use_count() > 1) request_ = std::make_shared<HttpRequest>();
  parser_.start(*request_);
  if (!request_->has_presence())
    request_->set_presence([weak = weak_from_this()] {
      const Ptr self = weak.lock();
      return self == nullptr || self->client_is_gone();
    });
  out_.clear();
  if (out_.capacity() > 2 * kBodyBytesCopied) out_.shrink_to_fit();
  tail_ = std::string();
  sent_ = 0;
  keeps_alive_ = false;
  if (begin_ == end_ && input_.size() > kInputBytesFirst) {
    input_.resize(kInputBytesFirst);
    input_.shrink_to_fit();
    begin_ = end_ = 0;
  }
}

bool Connection::client_is_gone() {
  char next = 0;
  error_code error;
  const std::size_t bytes = socket_.receive(asio::buffer(&next, 1), Socket::message_peek, error);
  const bool is_silent = error == asio::error::would_block || error == asio::error::try_again;
  return bytes == 0 && !is_silent;
}

void Connection::take(std::size_t bytes) {
  begin_ += bytes;
  if (begin_ == end_) begin_ = end_ = 0;
}

asio::mutable_buffer Connection::room() {
  if (end_ == input_.size() && begin_ > 0) {
    std::copy(input_.begin() + static_cast<std::ptrdiff_t>(begin_), input_.end(), input_.begin());
    end_ -= begin_;
    begin_ = 0;
  }
  const bool reads_body = parser_.state() == RequestParser::State::body;
  if (end_ == input_.size() || (reads_body && input_.size() < kInputBytesBody))
    input_.resize(std::max(2 * input_.size(), reads_body ? kInputBytesBody : 0));
  return asio::buffer(input_.data() + end_, input_.size() - end_);
}

asio::awaitable<bool> Connection::read_request(Ptr self) {
  using State = RequestParser::State;
  const HttpServerOptions& options = self->share_->options;
  self->begin_request();
  self->phase_ = Phase::idle;
  self->set_deadline(self->served_one_ ? options.idle_time : options.head_time);
  State before = State::head;
  for (;;) {
    if (!self->unread().empty()) {
      if (std::exchange(self->phase_, Phase::reading) == Phase::idle && self->served_one_)
        self->set_deadline(options.head_time);
      self->take(self->parser_.feed(self->unread()));
    }
    const State state = self->parser_.state();
    if (state == State::done) break;
    if (state == State::refused) {
      self->refuse(self->parser_.refusal());
      co_return false;
    }
    if (state == State::body && std::exchange(before, state) == State::head) {
      self->set_deadline(options.body_time);
      if (self->parser_.expects_continue() && self->unread().empty()) self->say_continue();
      continue;
    }
    if (self->share_->stopping && self->phase_ == Phase::idle) co_return false;
    const auto [error, bytes] = co_await self->socket_.async_read_some(self->room(), kToken);
    self->end_ += bytes;
    if (!error && !self->timed_out_) continue;
    if (self->timed_out_ && self->phase_ == Phase::reading)
      self->refuse({.status = 408, .detail = "the request did not come in time"});
    co_return false;
  }
  self->no_deadline();
  co_return true;
}

void Connection::say_continue() {
  constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  error_code error;
  socket_.write_some(asio::buffer(kContinue),
                     error);  // 25 bytes have room, or the client is broken
}

void Connection::refuse(const HttpRefusal& refusal) {
  keeps_alive_ = false;
  put_head(problem_of_status(refusal.status, refusal.detail, request_->path()), false);
}

// --- answering ------------------------------------------------------------------------------------

asio::awaitable<HttpResponse> Connection::answer(Ptr self) {
  self->phase_ = Phase::answering;
  const HttpRequestPtr request = self->request_;
  if (const auto refused = refusal_of(*request, self->share_->is_loopback))
    co_return problem_of_status(refused->status, refused->detail, request->path());
  std::string defect;
  try {
    co_return co_await self->share_->handler(request);
  } catch (const boost::system::system_error& thrown) {
    if (thrown.code() == asio::error::operation_aborted && self->share_->stopping)
      co_return problem(
          {.code = Errc::unavailable, .detail = "the server is stopping", .field = {}},
          request->path());
    defect = thrown.what();
  } catch (const std::exception& thrown) {
    defect = thrown.what();
  }
  log_error("http_handler_threw", {{"path", request->path()}, {"what", defect}});
  co_return problem({.code = Errc::internal, .detail = {}, .field = {}}, request->path());
}

void Connection::put_head(const HttpResponse& response, bool is_stream) {
  out_.clear();
  sent_ = 0;
  auto out = std::back_inserter(out_);
  fmt::format_to(out, "HTTP/1.1 {} {}\r\nDate: {}\r\n", response.status,
                 reason_phrase(response.status), lane_.date());
  const bool has_content = response.status != 204;  // RFC 9110, 15.3.5 and 8.6
  if (has_content) fmt::format_to(out, "Content-Type: {}\r\n", response.content_type);
  out_ += "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n";
  for (const HttpHeader& header : response.headers) {
    CHECK(!has_control_characters(header.value), "response header {}", header.name);
    fmt::format_to(out, "{}: {}\r\n", header.name, header.value);
  }
  const bool is_1_0 = parser_.is_http_1_0();
  if (!is_stream && has_content)
    fmt::format_to(out, "Content-Length: {}\r\n", response.body.size());
  else if (is_stream && !is_1_0)
    out_ += "Transfer-Encoding: chunked\r\n";
  else if (is_stream)
    keeps_alive_ = false;
  if (!keeps_alive_)
    out_ += "Connection: close\r\n";
  else if (is_1_0)
    out_ += "Connection: keep-alive\r\n";
  out_ += "\r\n";
  if (is_stream || request_->method() == HttpMethod::head) return;
  if (response.body.size() <= kBodyBytesCopied)
    out_ += response.body;
  else
    tail_ = response.body;
}

asio::awaitable<void> Connection::stream(Ptr self, HttpResponse response) {
  self->phase_ = Phase::streaming;
  self->put_head(response, /*is_stream=*/true);
  if (!self->send_now() && !co_await send_rest(self)) co_return;
  bool is_whole = false;
  try {
    co_await response.stream(std::make_shared<ChunkedStream>(self));
    is_whole = true;
  } catch (const boost::system::system_error& thrown) {
    if (thrown.code() != asio::error::operation_aborted || !self->share_->stopping)
      log_error("http_stream_threw", {{"what", thrown.what()}});
  } catch (const std::exception& thrown) {
    log_error("http_stream_threw", {{"what", thrown.what()}});
  }
  // A stream that was cut off lacks its end, so that the client knows.
  self->keeps_alive_ = self->keeps_alive_ && is_whole;
  if (self->broken_ || !is_whole || self->parser_.is_http_1_0()) co_return;
  self->out_ = "0\r\n\r\n";
  self->sent_ = 0;
  if (!self->send_now()) co_await send_rest(self);
}

// --- writing --------------------------------------------------------------------------------------

std::array<asio::const_buffer, 2> Connection::unsent() const {
  const std::size_t of_out = std::min(sent_, out_.size());
  const std::size_t of_tail = sent_ - of_out;
  return {asio::buffer(out_.data() + of_out, out_.size() - of_out),
          asio::buffer(tail_.data() + of_tail, tail_.size() - of_tail)};
}

bool Connection::send_now() {
  error_code error;
  sent_ += socket_.write_some(unsent(), error);
  if (error && error != asio::error::would_block && error != asio::error::try_again) broken_ = true;
  return !broken_ && sent_ == out_.size() + tail_.size();
}

asio::awaitable<bool> Connection::send_rest(Ptr self) {
  std::size_t piece_end = 0;
  while (!self->broken_ && self->sent_ < self->out_.size() + self->tail_.size()) {
    if (self->sent_ >= piece_end) {
      self->set_deadline(self->share_->options.write_time);
      piece_end = self->sent_ + kWritePieceBytes;
    }
    const auto [error, bytes] = co_await self->socket_.async_write_some(self->unsent(), kToken);
    self->sent_ += bytes;
    if (error || self->timed_out_) self->broken_ = true;
  }
  self->no_deadline();
  co_return !self->broken_;
}

// Closing while bytes of the client are unread would reset the connection, and the client might
// lose the response: so it is told that nothing more comes, and read from until it closes.
asio::awaitable<void> Connection::linger(Ptr self) {
  self->phase_ = Phase::closing;
  self->set_deadline(kLingerTime);
  error_code error;
  for (std::size_t read = 0; !error && !self->timed_out_ && read < kLingerBytesMax;) {
    const auto [failed, bytes] =
        co_await self->socket_.async_read_some(asio::buffer(self->input_), kToken);
    error = failed;
    read += bytes;
  }
}

}  // namespace reprise::api
