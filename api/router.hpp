// Router: a request to the one route whose method and pattern it fits.
//
// Guarantees: HEAD is answered where GET is; a path that is known with other methods gets 405 and
//             Allow, an unknown one 404. Both as problem documents.
// Thread:     any; it does not change after construction.
// Units:      a pattern's segments are texts or "{name}", which takes any segment but an empty one.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/context.hpp"
#include "api/http/message.hpp"

namespace reprise::api {

// A request at its route. `values` are what the pattern's {names} took, in their order; they live
// as long as the request.
struct RouteCall {
  static constexpr std::size_t kValuesMax = 3;
  HttpRequestPtr request;
  std::array<std::string_view, kValuesMax> values;

  [[nodiscard]] std::string_view path() const { return request->path(); }
};

using RouteBody = boost::asio::awaitable<HttpResponse> (*)(ApiContext, RouteCall);

struct Route {
  HttpMethod method;
  std::string_view pattern;
  RouteBody body;
};

class Router {
 public:
  Router(ApiContext context, std::span<const Route> routes);

  [[nodiscard]] boost::asio::awaitable<HttpResponse> handle(HttpRequestPtr request) const;

 private:
  struct Entry {
    Route route;
    std::vector<std::string_view> segments;
  };

  ApiContext context_;
  std::vector<Entry> entries_;
};

}  // namespace reprise::api
