#include "activities/net/url.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "base/check.hpp"

namespace reprise {
namespace {

constexpr std::size_t kUrlBytesMax = 8192;
constexpr std::size_t kHostBytesMax = 253;  // of a name in the DNS

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

bool is_host_character(char c) {
  return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_';
}

// pchar, '/' and '?' of RFC 3986, section 3.3.
bool is_target_character(char c) {
  constexpr std::string_view kMarks = "-._~!$&'()*+,;=:@/?%";
  return is_letter(c) || is_digit(c) || kMarks.find(c) != std::string_view::npos;
}

bool escapes_are_whole(std::string_view text) {
  for (std::size_t at = text.find('%'); at != text.npos; at = text.find('%', at + 1))
    if (at + 2 >= text.size() || !is_hex(text[at + 1]) || !is_hex(text[at + 2])) return false;
  return true;
}

std::string to_lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

// Takes "https://" or "http://" off the front.
std::optional<bool> take_scheme(std::string_view& text) {
  const std::size_t end = text.find("://");
  if (end == text.npos) return std::nullopt;
  const std::string scheme = to_lower(text.substr(0, end));
  text.remove_prefix(end + 3);
  if (scheme == "https") return true;
  if (scheme == "http") return false;
  return std::nullopt;
}

// Takes the host off the front of "host", "host:port", "[v6]" or "[v6]:port".
Result<std::string> take_host(std::string_view& authority) {
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    if (end == authority.npos) return fail(Errc::invalid_argument, "its host lacks a ']'");
    std::string host = to_lower(authority.substr(1, end - 1));
    std::array<unsigned char, 16> bytes{};
    if (inet_pton(AF_INET6, host.c_str(), bytes.data()) != 1)
      return fail(Errc::invalid_argument, "what stands in [] is no IPv6 address");
    authority.remove_prefix(end + 1);
    return host;
  }
  const std::string_view host = authority.substr(0, authority.find(':'));
  authority.remove_prefix(host.size());
  if (host.empty()) return fail(Errc::invalid_argument, "it has no host");
  if (host.size() > kHostBytesMax || !std::ranges::all_of(host, is_host_character))
    return fail(Errc::invalid_argument, "its host is no host name");
  return to_lower(host);
}

// What follows the host: nothing, ":" or ":8000".
Result<std::uint16_t> read_port(std::string_view text, std::uint16_t otherwise) {
  if (text.empty() || text == ":") return otherwise;
  std::uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + 1, end, port);
  if (text.front() != ':' || error != std::errc{} || stop != end || port == 0)
    return fail(Errc::invalid_argument, "its port is no number from 1 to 65535");
  return port;
}

std::string without_last_slashes(std::string_view path) {
  while (path.ends_with('/')) path.remove_suffix(1);
  return std::string(path);
}

}  // namespace

Result<Url> parse_url(std::string_view text) {
  if (text.size() > kUrlBytesMax) return fail(Errc::too_large, "the URL is over 8192 bytes");
  const auto tls = take_scheme(text);
  if (!tls) return fail(Errc::invalid_argument, "the URL does not start with http:// or https://");
  const std::size_t authority_end = std::min(text.find_first_of("/?#"), text.size());
  std::string_view authority = text.substr(0, authority_end);
  const std::string_view target = text.substr(authority_end);
  if (authority.find('@') != authority.npos)
    return fail(Errc::invalid_argument,
                "the URL holds a user name: leave out what stands before @");
  auto host = take_host(authority);
  if (!host) return fail(host.error().code, "the URL is not usable: " + host.error().detail);
  const auto port = read_port(authority, *tls ? 443 : 80);
  if (!port) return fail(port.error().code, "the URL is not usable: " + port.error().detail);
  if (target.find('#') != target.npos)
    return fail(Errc::invalid_argument, "the URL has a fragment: leave out # and what follows");
  if (!std::ranges::all_of(target, is_target_character) || !escapes_are_whole(target))
    return fail(Errc::invalid_argument,
                "the URL's path or query holds a character that must be percent-encoded");
  const std::size_t query_at = target.find('?');
  return Url{.tls = *tls,
             .host = std::move(*host),
             .port = *port,
             .path = without_last_slashes(target.substr(0, query_at)),
             .query = query_at == target.npos ? "" : std::string(target.substr(query_at + 1))};
}

Url Url::at(std::string_view below) const {
  CHECK(below.starts_with('/'), "{} does not start with '/'", below);
  Url result = *this;
  const std::size_t query_at = below.find('?');
  result.path += below.substr(0, query_at);
  result.query = query_at == below.npos ? "" : std::string(below.substr(query_at + 1));
  return result;
}

std::string Url::target() const {
  std::string text = path.empty() ? "/" : path;
  if (!query.empty()) text += "?" + query;
  return text;
}

std::string Url::authority() const {
  std::string text = host.find(':') == host.npos ? host : "[" + host + "]";
  if (port != (tls ? 443 : 80)) text += ":" + std::to_string(port);
  return text;
}

std::string to_string(const Url& url) {
  return (url.tls ? "https://" : "http://") + url.authority() +
         (url.path.empty() && url.query.empty() ? "" : url.target());
}

}  // namespace reprise
