#include "api/http/request_parser.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <optional>

namespace reprise::api {
namespace {

namespace http = boost::beast::http;
using boost::beast::string_view;
using boost::system::error_code;

// Headers that mean one thing only when they stand once.
constexpr std::array kSingle = {
    http::field::host,   http::field::content_length, http::field::transfer_encoding,
    http::field::expect, http::field::content_type,   http::field::origin};
constexpr std::string_view kIdempotencyKey = "Idempotency-Key";

std::string_view view_of(string_view text) { return {text.data(), text.size()}; }

// But for a tab.
bool is_control(char c) { return (c >= '\0' && c < ' ' && c != '\t') || c == '\x7f'; }

// Whether the line of the chunk that `bytes` begin with leaves a quoted string open. Beast would look
// for its end behind the line, and count the chunk against the limit each time it does.
bool leaves_string_open(std::string_view bytes) {
  if (bytes.starts_with("\r\n")) bytes.remove_prefix(2);  // of the chunk before
  const std::size_t end = bytes.find("\r\n");
  if (end == std::string_view::npos) return false;
  bool is_open = false;
  for (std::size_t i = 0; i < end; ++i) {
    if (is_open && bytes[i] == '\\')
      ++i;
    else if (bytes[i] == '"')
      is_open = !is_open;
  }
  return is_open;
}

}  // namespace

// Beast's parser, whose callbacks fill the request.
class RequestParser::Grammar {
 public:
  explicit Grammar(const RequestLimits& limits) : limits_(limits) {}

  void start(HttpRequest& request) { core_.emplace(limits_, request); }
  std::size_t put(std::string_view bytes, error_code& error) {
    return core_->put(boost::asio::buffer(bytes.data(), bytes.size()), error);
  }
  [[nodiscard]] bool is_done() const { return core_->is_done(); }
  [[nodiscard]] bool is_header_done() const { return core_->is_header_done(); }
  [[nodiscard]] bool is_chunked() const { return core_->chunked(); }
  [[nodiscard]] bool keep_alive() const { return core_->keep_alive(); }
  // Why the request was refused in a callback; empty when the grammar itself refused it.
  [[nodiscard]] const HttpRefusal& refusal() const { return core_->refusal; }
  [[nodiscard]] int version() const { return core_->version; }

 private:
  struct Core final : http::basic_parser<true> {
    Core(const RequestLimits& l, HttpRequest& r) : limits(l), request(r) {
      header_limit(static_cast<std::uint32_t>(l.head_bytes_max));
      body_limit(l.body_bytes_max);
      eager(true);
    }

    void stop(int status, std::string detail, error_code& error) {
      refusal = {.status = status, .detail = std::move(detail)};
      error = http::error::bad_value;
    }

    void on_request_impl(http::verb, string_view method, string_view target, int read_version,
                         error_code& error) override {
      version = read_version;
      if (target.size() > limits.target_bytes_max)
        return stop(414,
                    fmt::format("the target has {} bytes: at most {}", target.size(),
                                limits.target_bytes_max),
                    error);
      if (Result<> ok = request.set_target(method_of(view_of(method)), view_of(target)); !ok)
        stop(400, ok.error().detail, error);
    }

    void on_field_impl(http::field field, string_view name, string_view value,
                       error_code& error) override {
      if (header_done) return;  // trailers say nothing to us
      const HttpField header{.name = view_of(name), .value = view_of(value)};
      const bool is_single = std::ranges::find(kSingle, field) != kSingle.end() ||
                             equals_ignoring_case(header.name, kIdempotencyKey);
      if (is_single && request.header(header.name))
        return stop(400, fmt::format("the header {} stands twice", header.name), error);
      if (request.headers().size() >= limits.headers_max)
        return stop(431, fmt::format("more than {} headers", limits.headers_max), error);
      request.add_header(header);
    }

    void on_header_impl(error_code& error) override {
      header_done = true;
      const auto length = request.header("Content-Length");
      const auto coding = request.header("Transfer-Encoding");
      if (length && coding) return stop(400, "both Content-Length and Transfer-Encoding", error);
      if (length && length->contains(',')) return stop(400, "a list of lengths", error);
      if (coding && version < 11) return stop(400, "Transfer-Encoding in HTTP/1.0", error);
      if (coding && !equals_ignoring_case(*coding, "chunked"))
        return stop(501, "a transfer coding other than chunked", error);
      const auto host = request.header("Host");
      if (!host && version >= 11) return stop(400, "the Host header is missing", error);
      if (request.host().empty() && host) request.set_host(*host);
      const auto expect = request.header("Expect");
      if (expect && !equals_ignoring_case(*expect, "100-continue"))
        return stop(417, "an expectation other than 100-continue", error);
    }

    void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) override {
      if (length) request.mutable_body().reserve(std::min<std::uint64_t>(*length, kBodyReserveMax));
    }
    std::size_t on_body_impl(string_view bytes, error_code&) override {
      request.mutable_body().append(bytes.data(), bytes.size());
      return bytes.size();
    }
    void on_chunk_header_impl(std::uint64_t, string_view extensions, error_code& error) override {
      if (std::ranges::any_of(extensions, is_control))
        stop(400, "a control character in a chunk's extensions", error);
    }
    std::size_t on_chunk_body_impl(std::uint64_t, string_view bytes, error_code& error) override {
      return on_body_impl(bytes, error);
    }
    void on_finish_impl(error_code&) override {}
    void on_response_impl(int, string_view, int, error_code&) override {}

    static constexpr std::uint64_t kBodyReserveMax = 64U << 10U;  // the rest is believed when sent
    const RequestLimits& limits;
    HttpRequest& request;
    int version = 0;
    bool header_done = false;
    HttpRefusal refusal{.status = 0, .detail = {}};
  };

  const RequestLimits& limits_;
  std::optional<Core> core_;
};

RequestParser::RequestParser(RequestLimits limits)
    : limits_(limits), grammar_(std::make_unique<Grammar>(limits_)) {}

RequestParser::~RequestParser() = default;

void RequestParser::start(HttpRequest& request) {
  request.clear();
  request_ = &request;
  state_ = State::head;
  scanned_ = 0;
  keeps_alive_ = expects_continue_ = is_http_1_0_ = false;
  grammar_->start(request);
}

void RequestParser::refuse(int status, std::string detail) {
  state_ = State::refused;
  refusal_ = {.status = status, .detail = std::move(detail)};
}

std::size_t RequestParser::feed(std::string_view bytes) {
  if (state_ == State::head) return feed_head(bytes);
  return state_ == State::body ? feed_body(bytes) : 0;
}

// Of chunks no more at once than the head of one may have: one that is not read then is too long.
std::size_t RequestParser::feed_body(std::string_view bytes) {
  const std::size_t piece_max =
      grammar_->is_chunked() ? limits_.chunk_head_bytes_max : bytes.size();
  std::size_t taken = 0;
  std::size_t step = 1;
  while (state_ == State::body && step > 0 && taken < bytes.size()) {
    const std::string_view piece = bytes.substr(taken, piece_max);
    if (read_grammar(piece, step) && step == 0 && piece.size() == piece_max)
      refuse(400, fmt::format("a chunk's line, or the last one with the trailers, is over {} bytes",
                              piece_max));
    taken += step;
  }
  return taken;
}

// Looks for the empty line that ends the head; every line must end in CR LF and none be a folded one.
std::size_t RequestParser::feed_head(std::string_view bytes) {
  std::size_t end = 0;
  while (end == 0) {
    const std::size_t lf = bytes.find('\n', scanned_);
    const std::size_t seen = lf == std::string_view::npos ? bytes.size() : lf;
    if (seen >= limits_.head_bytes_max)
      return refuse(431, fmt::format("the head is over {} bytes", limits_.head_bytes_max)), 0;
    if (lf == std::string_view::npos) return scanned_ = bytes.size(), 0;
    if (lf == 0 || bytes[lf - 1] != '\r') return refuse(400, "a line ends without CR LF"), 0;
    const bool is_empty_line = lf >= 3 && bytes[lf - 2] == '\n';
    if (is_empty_line) {
      end = lf + 1;
    } else if (lf + 1 == bytes.size()) {
      return scanned_ = lf, 0;  // The next byte decides whether this line goes on.
    } else if (bytes[lf + 1] == ' ' || bytes[lf + 1] == '\t') {
      return refuse(400, "a folded header line"), 0;
    }
    scanned_ = lf + 1;
  }
  std::size_t taken = 0;
  if (!read_grammar(request_->keep_head(bytes.substr(0, end)), taken)) return end;
  check_head();
  return end;
}

void RequestParser::check_head() {
  is_http_1_0_ = grammar_->version() < 11;
  keeps_alive_ = grammar_->keep_alive();
  expects_continue_ =
      !is_http_1_0_ && state_ == State::body && request_->header("Expect").has_value();
}

// False when it refused.
bool RequestParser::read_grammar(std::string_view bytes, std::size_t& taken) {
  error_code error;
  taken = grammar_->put(bytes, error);
  if (error == http::error::body_limit) {
    refuse(413, fmt::format("the body is over {} bytes", limits_.body_bytes_max));
  } else if (error && error != http::error::need_more) {
    const HttpRefusal& why = grammar_->refusal();
    if (why.status != 0)
      refuse(why.status, why.detail);
    else
      refuse(400, "no HTTP/1.1: " + error.message());
  } else if (grammar_->is_done()) {
    state_ = State::done;
  } else if (!grammar_->is_header_done()) {
    refuse(400, "no HTTP/1.1: the head ends too early");
  } else if (leaves_string_open(bytes.substr(taken))) {
    refuse(400, "a quoted string does not end on the line of its chunk");
  } else {
    state_ = State::body;
  }
  return state_ != State::refused;
}

}  // namespace reprise::api
