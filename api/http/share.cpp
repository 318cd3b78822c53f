#include "api/http/share.hpp"

#include <fmt/chrono.h>

#include "base/check.hpp"

namespace reprise::api {

const std::string& Lane::date() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  if (now != second_) {
    second_ = now;
    date_ = fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(now));
  }
  return date_;
}

HttpServerShare::HttpServerShare(HttpServerOptions o, HttpHandler h,
                                 const std::vector<boost::asio::any_io_executor>& executors)
    : options(std::move(o)), handler(std::move(h)), acceptor(executors.at(0)) {
  for (const auto& executor : executors) lanes.push_back(std::make_unique<Lane>(executor));
}

bool HttpServerShare::enter(std::size_t max) {
  const std::lock_guard lock(mutex);
  if (entered >= max) return false;
  ++entered;
  return true;
}

void HttpServerShare::leave() {
  const std::lock_guard lock(mutex);
  CHECK(entered > 0, "more coroutines left than entered");
  if (--entered == 0) changed.notify_all();
}

bool HttpServerShare::wait_until_empty(Duration limit) {
  std::unique_lock lock(mutex);
  return changed.wait_for(lock, limit, [this] { return entered == 0; });
}

}  // namespace reprise::api
