#include "api/http/admission.hpp"

#include <algorithm>
#include <array>

namespace reprise::api {
namespace {

constexpr std::array<std::string_view, 3> kLoopbackHosts = {"localhost", "127.0.0.1", "[::1]"};

// "localhost:8000" → "localhost"; nothing when the port is no number.
std::optional<std::string_view> name_of(std::string_view host) {
  const std::size_t bracket = host.starts_with('[') ? host.find(']') : 0;
  if (bracket == std::string_view::npos) return std::nullopt;
  const std::size_t colon = host.find(':', bracket);
  if (colon == std::string_view::npos) return host;
  const std::string_view port = host.substr(colon + 1);
  const bool is_number =
      port.size() <= 5 && std::ranges::all_of(port, [](char c) { return c >= '0' && c <= '9'; });
  if (!is_number) return std::nullopt;
  return host.substr(0, colon);
}

bool is_loopback_host(std::string_view host) {
  const auto name = name_of(host);
  return name && std::ranges::any_of(kLoopbackHosts, [&](std::string_view known) {
           return equals_ignoring_case(*name, known);
         });
}

bool is_same_origin(std::string_view origin, std::string_view host) {
  for (const std::string_view scheme : {"http://", "https://"})
    if (origin.starts_with(scheme)) return equals_ignoring_case(origin.substr(scheme.size()), host);
  return false;  // "null" as well
}

}  // namespace

std::optional<HttpRefusal> refusal_of(const HttpRequest& request, bool is_loopback) {
  if (is_loopback && !request.host().empty() && !is_loopback_host(request.host()))
    return HttpRefusal{.status = 403,
                       .detail =
                           "this server listens on loopback and serves no other Host than "
                           "localhost, 127.0.0.1 and [::1]"};
  const auto origin = request.header("Origin");
  if (origin && !is_same_origin(*origin, request.host()))
    return HttpRefusal{.status = 403,
                       .detail = "requests of pages from another Origin are refused"};
  return std::nullopt;
}

}  // namespace reprise::api
