// RawClient: a TCP connection to a server on loopback, byte by byte as a test wants it.
//
// Guarantees: nothing waits longer than ten seconds; that ends in a failed expectation.
// Thread:     one; calls block.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace reprise::testing {

class RawClient {
 public:
  explicit RawClient(std::uint16_t port);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  // False when the server has closed.
  bool send(std::string_view bytes) const;
  // Nothing more will be sent.
  void finish() const;
  // The next response: its head and the body that its Content-Length tells of. What has come of it
  // when the server closes before its end.
  std::string response();
  // What comes until `mark` does, with it.
  std::string until(std::string_view mark);
  // What comes until the server closes.
  std::string rest();

 private:
  bool receive();

  int socket_;
  std::string buffer_;
};

// 0 when `response` has none.
int status_of(std::string_view response);

}  // namespace reprise::testing
