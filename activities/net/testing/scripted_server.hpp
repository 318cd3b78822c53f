// ScriptedServer: a real HTTP/1.1 server on loopback whose answers a test writes, faults included.
//
//     ScriptedServer server([](const ScriptedRequest& request) {
//       return ScriptedReply{.status = 429, .headers = {{"retry-after", "3"}}, .body = "{}"};
//     });
//     … call server.url() + "/v1" …;  EXPECT_EQ(server.requests().at(0).target, "/v1/messages");
//
// Guarantees: listens when the constructor returns, on a port that the system chose; its destructor
//             closes every connection and joins the thread. At most 256 connections, 16 MiB a
//             request, and the last 10,000 requests recorded.
// Thread:     the script runs on the server's own thread, one request at a time; all else may be
//             called from any thread.
// Errors:     exceptions from the constructor (no port, a bad certificate): it serves tests only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "activities/net/http_message.hpp"
#include "activities/net/testing/test_certificates.hpp"

namespace reprise::testing {

struct ScriptedRequest {
  std::string method;
  std::string target;  // path and query
  HttpHeaders headers;
  std::string body;

  // The first header of this name, or "".
  [[nodiscard]] std::string header(std::string_view name) const {
    const std::string* found = find_header(headers, name);
    return found == nullptr ? "" : *found;
  }
};

struct ScriptedReply {
  int status = 200;
  HttpHeaders headers;  // Content-Length or Transfer-Encoding is set by the server
  std::string body;
  std::vector<std::string> chunks;       // sent chunked, one by one, instead of `body`
  std::string raw;                       // sent as it is instead of a response, then closed
  std::optional<std::size_t> cut_after;  // bytes of `body`; then the connection is closed
  bool close_first = false;              // closed without an answer
  bool hold_start = false;               // nothing is sent before release()
  bool hold_end = false;                 // with `chunks`: the end is not sent before release()
};

class ScriptedServer {
 public:
  using Script = std::move_only_function<ScriptedReply(const ScriptedRequest&)>;

  // With an identity it speaks TLS.
  explicit ScriptedServer(Script script,
                          const std::optional<TestIdentity>& identity = std::nullopt);
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] std::string url() const;  // "http://127.0.0.1:40001"

  // All so far, in the order in which they had been read.
  [[nodiscard]] std::vector<ScriptedRequest> requests() const;

  // Waits until `count` requests have been read; false when that takes over two minutes.
  [[nodiscard]] bool wait_for_requests(std::size_t count) const;

  // Waits until a client has closed a connection on which an answer was held; false as above.
  [[nodiscard]] bool wait_for_hang_up() const;

  // From now on nothing is held.
  void release();

 private:
  struct Core;
  std::unique_ptr<Core> core_;
};

}  // namespace reprise::testing
