// Url: where an HTTP call goes: http or https, host, port, path, query.
//
// Guarantees: what parse_url() accepts can stand in a request line and in a Host header as it is:
//             visible ASCII, no fragment, no user name or password.
// Errors:     invalid_argument, with the reason; the text itself is not repeated, since people put
//             passwords into URLs.
// Source:     RFC 3986, of which host names, IPv4, [IPv6], ports, paths and queries are read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace reprise {

struct Url {
  bool tls = false;  // https
  std::string host;  // in lower case; an IPv6 address without its brackets
  std::uint16_t port = 0;
  std::string path;   // "/v1"; empty, or starts with '/' and does not end with one
  std::string query;  // "a=1&b=2", without '?'

  // The URL of something below this one: "http://host/v1" at "/messages?limit=2". This one's query
  // is left out. `below` starts with '/' and is taken as it is: encode what stands in it.
  [[nodiscard]] Url at(std::string_view below) const;

  // The request line's part: "/v1/messages?limit=2", at least "/".
  [[nodiscard]] std::string target() const;

  // The Host header: "host", "host:8000", "[::1]:8000"; the scheme's own port is left out.
  [[nodiscard]] std::string authority() const;

  friend bool operator==(const Url&, const Url&) = default;
};

Result<Url> parse_url(std::string_view text);

std::string to_string(const Url& url);

}  // namespace reprise
