#include "tools/reprise/listen_address.hpp"

#include <arpa/inet.h>

#include <charconv>

namespace reprise::cli {
namespace {

// 127.0.0.0/8 or ::1. Names other than localhost are not resolved: they may change.
bool is_loopback(const std::string& host) {
  in_addr v4{};
  if (::inet_pton(AF_INET, host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24U) == 127U;
  in6_addr v6{};
  return ::inet_pton(AF_INET6, host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

}  // namespace

Result<ListenAddress> parse_listen_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  std::uint16_t port = 0;
  const std::string_view digits = colon == std::string_view::npos ? "" : text.substr(colon + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size())
    return fail(Errc::invalid_argument,
                "\"" + std::string(text) + "\" is no address: write it like 127.0.0.1:8000",
                "--listen");
  std::string host(text.substr(0, colon));
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = "127.0.0.1";
  if (!is_loopback(host))
    return fail(
        Errc::invalid_argument,
        "will not listen on " + host +
            ": this version has no authentication, so whoever reaches the port can read and "
            "start everything.\n  Listen on 127.0.0.1 and put a proxy that authenticates in "
            "front, or reach it through an SSH tunnel",
        "--listen");
  return ListenAddress{.host = std::move(host), .port = port};
}

}  // namespace reprise::cli
