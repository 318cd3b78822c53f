#include "api/server.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "api/http/server.hpp"
#include "api/routes/routes.hpp"
#include "base/log.hpp"

namespace reprise {
namespace {

bool is_loopback(std::string_view address) {
  return address == "localhost" || address == "::1" || address.starts_with("127.");
}

}  // namespace

struct ApiServer::Parts {
  Parts(Engine& e, const Catalog& c, ApiOptions o,
        std::vector<boost::asio::any_io_executor> executors_given)
      : engine(e),
        options(std::move(o)),
        executors(std::move(executors_given)),
        router({.engine = &e, .catalog = &c, .options = &options}, api::all_routes()) {}

  Engine& engine;
  const ApiOptions options;
  const std::vector<boost::asio::any_io_executor> executors;
  const api::Router router;
  std::unique_ptr<api::HttpServer> http;
};

ApiServer::ApiServer(Engine& engine, const Catalog& catalog, ApiOptions options,
                     std::vector<boost::asio::any_io_executor> executors)
    : parts_(std::make_unique<Parts>(engine, catalog, std::move(options), std::move(executors))) {}

ApiServer::~ApiServer() { stop(); }

Result<std::uint16_t> ApiServer::start() {
  const ApiOptions& options = parts_->options;
  if (!is_loopback(options.address) && !options.allow_remote)
    return fail(Errc::invalid_argument,
                fmt::format("{} can be reached from other machines, and there is no authentication "
                            "yet: listen on 127.0.0.1, or allow it by name",
                            options.address),
                "address");
  api::HttpServerOptions http{.address = options.address,
                              .port = options.port,
                              .connections_max = options.connections_max,
                              .drain_time = options.drain_time};
  http.limits.body_bytes_max = options.body_bytes_max;
  auto started = api::HttpServer::start(
      std::move(http),
      [router = &parts_->router](api::HttpRequestPtr request) {
        return router->handle(std::move(request));
      },
      parts_->executors);
  if (!started) return std::unexpected(std::move(started.error()));
  parts_->http = std::move(*started);
  log_info("api_listens", {{"address", options.address}, {"port", parts_->http->port()}});
  return parts_->http->port();
}

void ApiServer::stop() {
  parts_->engine.end_polls();  // nothing is owed to them
  if (parts_->http) parts_->http->stop();
}

}  // namespace reprise
