#include "api/router.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "api/problem.hpp"
#include "base/check.hpp"

namespace reprise::api {
namespace {

std::vector<std::string_view> segments_of(std::string_view pattern) {
  std::vector<std::string_view> segments;
  while (!pattern.empty()) {
    pattern.remove_prefix(1);
    const std::size_t slash = std::min(pattern.find('/'), pattern.size());
    segments.push_back(pattern.substr(0, slash));
    pattern.remove_prefix(slash);
  }
  return segments;
}

bool is_name(std::string_view segment) { return segment.starts_with('{'); }

// True when the path fits; `values` then holds what the names took.
bool fits(const std::vector<std::string_view>& pattern, const HttpRequest& request,
          std::array<std::string_view, RouteCall::kValuesMax>& values) {
  const auto& path = request.segments();
  if (pattern.size() != path.size()) return false;
  std::size_t taken = 0;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (is_name(pattern[i]) && !path[i].empty())
      values[taken++] = path[i];
    else if (pattern[i] != path[i])
      return false;
  }
  return true;
}

boost::asio::awaitable<HttpResponse> give(HttpResponse response) { co_return response; }

HttpResponse not_allowed(const std::vector<HttpMethod>& methods, std::string_view path) {
  std::string allow;
  const auto add = [&allow](HttpMethod method) {
    (allow += allow.empty() ? "" : ", ") += to_string(method);
  };
  for (const HttpMethod method : methods) {
    add(method);
    if (method == HttpMethod::get) add(HttpMethod::head);
  }
  HttpResponse response = problem_of_status(405, "this path takes " + allow, path);
  response.headers.push_back({.name = "Allow", .value = std::move(allow)});
  return response;
}

// A body is read as it came.
bool is_encoded(const HttpRequest& request) {
  const auto encoding = request.header("Content-Encoding");
  return encoding && !encoding->empty() && !equals_ignoring_case(*encoding, "identity");
}

}  // namespace

Router::Router(ApiContext context, std::span<const Route> routes) : context_(context) {
  for (const Route& route : routes) {
    entries_.push_back({.route = route, .segments = segments_of(route.pattern)});
    const auto names = std::ranges::count_if(entries_.back().segments, is_name);
    CHECK(names <= static_cast<std::ptrdiff_t>(RouteCall::kValuesMax), "route {}", route.pattern);
  }
}

boost::asio::awaitable<HttpResponse> Router::handle(HttpRequestPtr request) const {
  const HttpMethod wanted =
      request->method() == HttpMethod::head ? HttpMethod::get : request->method();
  std::vector<HttpMethod> others;
  RouteCall call{.request = std::move(request), .values = {}};
  for (const Entry& entry : entries_) {
    if (!fits(entry.segments, *call.request, call.values)) continue;
    if (entry.route.method == wanted && is_encoded(*call.request))
      return give(problem_of_status(
          415, "Content-Encoding must be identity: send the body as it is", call.path()));
    if (entry.route.method == wanted) return entry.route.body(context_, std::move(call));
    others.push_back(entry.route.method);
  }
  if (!others.empty()) return give(not_allowed(others, call.path()));
  return give(problem_of_status(404, "there is no such path", call.path()));
}

}  // namespace reprise::api
