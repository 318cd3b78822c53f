#include "api/testing/raw_client.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>

namespace reprise::testing {

RawClient::RawClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
  const timeval patience{.tv_sec = 10, .tv_usec = 0};
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
}

RawClient::~RawClient() { close(socket_); }

bool RawClient::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void RawClient::finish() const { shutdown(socket_, SHUT_WR); }

bool RawClient::receive() {
  std::array<char, 4096> piece{};
  const ssize_t got = recv(socket_, piece.data(), piece.size(), 0);
  EXPECT_FALSE(got < 0 && errno == EAGAIN) << "nothing came for ten seconds behind: " << buffer_;
  if (got <= 0) return false;
  buffer_.append(piece.data(), static_cast<std::size_t>(got));
  return true;
}

std::string RawClient::until(std::string_view mark) {
  std::size_t at = buffer_.find(mark);
  while (at == std::string::npos && receive()) at = buffer_.find(mark);
  const std::size_t end = at == std::string::npos ? buffer_.size() : at + mark.size();
  std::string taken = buffer_.substr(0, end);
  buffer_.erase(0, end);
  return taken;
}

std::string RawClient::response() {
  constexpr std::string_view kLength = "Content-Length: ";
  std::string taken = until("\r\n\r\n");
  std::size_t length = 0;
  if (const std::size_t at = taken.find(kLength); at != std::string::npos)
    std::from_chars(taken.data() + at + kLength.size(), taken.data() + taken.size(), length);
  while (buffer_.size() < length && receive()) continue;
  taken += buffer_.substr(0, length);
  buffer_.erase(0, length);
  return taken;
}

std::string RawClient::rest() {
  while (receive()) continue;
  return std::exchange(buffer_, {});
}

int status_of(std::string_view response) {
  constexpr std::size_t kAt = 9;  // behind "HTTP/1.1 "
  int status = 0;
  if (response.size() >= kAt + 3)
    std::from_chars(response.data() + kAt, response.data() + kAt + 3, status);
  return status;
}

}  // namespace reprise::testing
