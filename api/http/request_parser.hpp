// RequestParser: bytes to one HTTP/1.1 request, under limits, and stricter than the RFC asks.
//
// Guarantees: refuses what two servers could read in two ways: both lengths, a list of lengths, a
//             transfer coding other than chunked, folded or twice given headers, a bare LF, NUL.
//             What it reads does not depend on the pieces in which the bytes come.
//             Never holds more than the limits: a body that is too large is refused by its declared
//             length, or at the chunk that exceeds it. A refused parser reads nothing more.
// Thread:     none of its own.
// Errors:     refusal(): the status to answer with; the connection must then be closed.
// Source:     RFC 9110, RFC 9112; the grammar is Beast's, the strictness is ours.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "api/http/message.hpp"

namespace reprise::api {

struct RequestLimits {
  std::size_t head_bytes_max = 16U << 10U;
  std::size_t headers_max = 100;
  std::size_t target_bytes_max = 8U << 10U;
  std::size_t body_bytes_max = 2U << 20U;
  std::size_t chunk_head_bytes_max = 4U << 10U;  // a chunk's line; of the last one, trailers too
};

struct HttpRefusal {
  int status = 400;
  std::string detail;
};

class RequestParser {
 public:
  enum class State : std::uint8_t { head, body, done, refused };

  explicit RequestParser(RequestLimits limits);
  ~RequestParser();
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  // Forgets the request before. `request` must outlive the parsing, and is cleared.
  void start(HttpRequest& request);
  // Takes bytes from the front of `bytes` and says how many; the caller keeps the others and gives
  // them again with what follows. A head is taken whole or not at all.
  std::size_t feed(std::string_view bytes);

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] const HttpRefusal& refusal() const { return refusal_; }
  // Once the head is read:
  [[nodiscard]] bool keeps_alive() const { return keeps_alive_; }
  [[nodiscard]] bool expects_continue() const { return expects_continue_; }
  [[nodiscard]] bool is_http_1_0() const { return is_http_1_0_; }

 private:
  class Grammar;

  std::size_t feed_head(std::string_view bytes);
  std::size_t feed_body(std::string_view bytes);
  void check_head();
  bool read_grammar(std::string_view bytes, std::size_t& taken);
  void refuse(int status, std::string detail);

  const RequestLimits limits_;
  State state_ = State::head;
  HttpRequest* request_ = nullptr;
  std::size_t scanned_ = 0;  // of the head, for line ends
  bool keeps_alive_ = false;
  bool expects_continue_ = false;
  bool is_http_1_0_ = false;
  HttpRefusal refusal_;
  std::unique_ptr<Grammar> grammar_;
};

}  // namespace reprise::api
