#include "api/testing/api_call.hpp"

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <utility>

#include "activities/contracts/bench.hpp"
#include "activities/contracts/json_value.hpp"
#include "activities/contracts/task_request.hpp"
#include "api/http/request_parser.hpp"
#include "api/routes/routes.hpp"
#include "base/check.hpp"

namespace reprise::testing {
namespace {

namespace asio = boost::asio;

class GatheringStream final : public api::EventStream {
 public:
  explicit GatheringStream(std::string& out) : out_(out) {}
  asio::awaitable<bool> send(std::string bytes) override {
    out_ += bytes;
    co_return true;
  }

 private:
  std::string& out_;
};

asio::awaitable<ApiReply> run(const api::Router* router, api::HttpRequestPtr request) {
  api::HttpResponse response = co_await router->handle(std::move(request));
  ApiReply reply{.status = response.status,
                 .content_type = std::string(response.content_type),
                 .body = response.body};
  for (const auto& [name, value] : response.headers) reply.headers.emplace(name, value);
  if (response.stream) co_await response.stream(std::make_shared<GatheringStream>(reply.body));
  co_return reply;
}

api::HttpRequestPtr parsed(const std::string& line, const std::string& body,
                           const std::vector<std::string>& headers) {
  std::string text = fmt::format("{} HTTP/1.1\r\nHost: localhost\r\n", line);
  for (const std::string& header : headers) text += header + "\r\n";
  if (!body.empty()) text += fmt::format("Content-Length: {}\r\n", body.size());
  text += "\r\n" + body;
  const auto request = std::make_shared<api::HttpRequest>();
  api::RequestParser parser({});
  parser.start(*request);
  for (std::size_t taken = 0; parser.state() < api::RequestParser::State::done;)
    taken += parser.feed(std::string_view(text).substr(taken));
  CHECK(parser.state() == api::RequestParser::State::done, "{}", parser.refusal().detail);
  return request;
}

Workflow<Payload> return_nothing(Context, Payload) { co_return Payload{}; }

template <PayloadValue In>
WorkflowDefinition definition_of(std::string type) {
  return {.type = std::move(type), .start = return_nothing, .check = [](const Payload& payload) {
            In input{};
            return decode(payload, input);
          }};
}

}  // namespace

std::string ApiReply::json(std::string_view path) const {
  const Result<JsonValue> parsed_body = parse_json(body);
  if (!parsed_body) return "no JSON: " + body;
  const JsonValue* at = &*parsed_body;
  while (at != nullptr && !path.empty()) {
    const std::size_t dot = path.find('.');
    at = at->find(path.substr(0, dot));
    path.remove_prefix(dot == std::string_view::npos ? path.size() : dot + 1);
  }
  return at == nullptr ? std::string() : to_json(*at);
}

ApiReply ask(FakeEngine& engine, const std::string& line, const std::string& body,
             const std::vector<std::string>& headers) {
  return ask(engine, parsed(line, body, headers));
}

ApiReply ask(FakeEngine& engine, api::HttpRequestPtr request) {
  static const ApiOptions kOptions{.build = "test"};
  const api::Router router({.engine = &engine, .catalog = &test_catalog(), .options = &kOptions},
                           api::all_routes());
  asio::io_context io(1);
  auto reply = asio::co_spawn(io, run(&router, std::move(request)), asio::use_future);
  io.run();
  return reply.get();
}

const Catalog& test_catalog() {
  static const Catalog kCatalog = [] {
    Catalog catalog;
    catalog.add(definition_of<TaskRequest>("task"));
    catalog.add(definition_of<BenchIndex>("bench"));
    return catalog;
  }();
  return kCatalog;
}

}  // namespace reprise::testing
