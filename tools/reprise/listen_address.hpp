// ListenAddress: where the server listens. Loopback only: this version knows no users, so whoever
// reaches the port may do everything.
//
// Errors: invalid_argument (no address; not loopback, with the way out).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace reprise::cli {

struct ListenAddress {
  std::string host;        // "127.0.0.1", "::1"
  std::uint16_t port = 0;  // 0: the system chooses
  friend bool operator==(const ListenAddress&, const ListenAddress&) = default;
};

// "127.0.0.1:8000", "[::1]:8000", "localhost:8000".
Result<ListenAddress> parse_listen_address(std::string_view text);

}  // namespace reprise::cli
