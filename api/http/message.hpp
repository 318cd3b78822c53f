// What a handler of HTTP requests sees: a request, a response, and a stream of events.
//
// Guarantees: a request has been checked: one framing, ASCII target, valid percent-encoding, header
//             values without control characters. Its views point into itself, so it is neither
//             copied nor moved, and lives as long as its HttpRequestPtr.
// Thread:     everything of one connection stays on the executor that the connection lives on.
// Units:      path segments and query parameters are percent-decoded, segment by segment: `a%2Fb`
//             is one segment.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace reprise::api {

enum class HttpMethod : std::uint8_t { get, head, post, put, patch, remove, options, other };

// "GET"; "" for other.
std::string_view to_string(HttpMethod method) noexcept;
HttpMethod method_of(std::string_view name) noexcept;

struct HttpField {
  std::string_view name;
  std::string_view value;
};

class HttpRequest {
 public:
  HttpRequest() = default;
  HttpRequest(const HttpRequest&) = delete;
  HttpRequest& operator=(const HttpRequest&) = delete;

  [[nodiscard]] HttpMethod method() const { return method_; }
  // As it was sent, without scheme and authority: "/api/v1/tasks?page=2".
  [[nodiscard]] std::string_view target() const { return target_; }
  [[nodiscard]] std::string_view path() const { return target_.substr(0, target_.find('?')); }
  // "/a/b" has two, "/" has none, "/a/" has two of which the last is empty.
  [[nodiscard]] const std::vector<std::string_view>& segments() const { return segments_; }
  // In the order of the target; a name may stand more than once.
  [[nodiscard]] const std::vector<HttpField>& query() const { return query_; }
  // Any letter case; the first one of that name.
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
  [[nodiscard]] const std::vector<HttpField>& headers() const { return headers_; }
  // The authority that the client meant: of the target if it has one, else of the Host header.
  [[nodiscard]] std::string_view host() const { return host_; }
  [[nodiscard]] const std::string& body() const { return body_; }
  // Nobody is there to read the response any more, as far as this side has heard. On the thread of
  // the request's connection.
  [[nodiscard]] bool client_is_gone() const { return is_gone_ && is_gone_(); }

  // --- for who fills it: the parser, or a test ---
  // Forgets everything, keeps the memory unless it is large.
  void clear();
  // Copies the head's bytes; what add_header() and set_target() are given points into the copy.
  std::string_view keep_head(std::string_view head);
  void add_header(HttpField field) { headers_.push_back(field); }
  // Errors: invalid_argument: what is wrong with the target.
  Result<> set_target(HttpMethod method, std::string_view target);
  void set_host(std::string_view host) { host_ = host; }
  std::string& mutable_body() { return body_; }
  [[nodiscard]] bool has_presence() const { return is_gone_ != nullptr; }
  void set_presence(std::function<bool()> is_gone) { is_gone_ = std::move(is_gone); }

 private:
  Result<std::string_view> decode(std::string_view text, bool plus_is_space);
  Result<> split_path(std::string_view path);
  Result<> split_query(std::string_view query);

  HttpMethod method_ = HttpMethod::other;
  std::string head_;
  std::string decoded_;  // what percent-encoded parts decode to; never grows behind its capacity
  std::string_view target_;
  std::string_view host_;
  std::vector<HttpField> headers_;
  std::vector<std::string_view> segments_;
  std::vector<HttpField> query_;
  std::string body_;
  std::function<bool()> is_gone_;
};

using HttpRequestPtr = std::shared_ptr<const HttpRequest>;

// The client's end of a response that goes on.
class EventStream {
 public:
  virtual ~EventStream() = default;
  // Waits until the client has room. False: it is gone, too slow, or the server stops; end then.
  virtual boost::asio::awaitable<bool> send(std::string bytes) = 0;
};

using EventStreamPtr = std::shared_ptr<EventStream>;

struct HttpHeader {
  std::string_view name;  // outlives the response: a literal
  std::string value;
};

struct HttpResponse {
  int status = 200;
  std::string_view content_type = "application/json";  // outlives the response: a literal
  std::string body;
  std::vector<HttpHeader> headers;
  // When set, it is awaited behind the head instead of sending `body`; the response ends with it.
  std::move_only_function<boost::asio::awaitable<void>(EventStreamPtr)> stream;
};

using HttpHandler = std::function<boost::asio::awaitable<HttpResponse>(HttpRequestPtr)>;

// The phrase that stands beside a status: "Not Found".
std::string_view reason_phrase(int status) noexcept;

bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept;

}  // namespace reprise::api
