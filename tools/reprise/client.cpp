#include "tools/reprise/client.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <utility>

#include "tools/reprise/problem_text.hpp"

namespace reprise::cli {
namespace {

constexpr Duration kAnswerTime = std::chrono::seconds(15);
constexpr Duration kConnectTime = std::chrono::seconds(3);
constexpr std::size_t kResponseBytesMax = std::size_t{64} << 20U;  // a long history

}  // namespace

HttpCall call_of(const Url& server, const ApiRequest& request) {
  HttpCall call;
  call.method = request.method;
  const std::size_t query = request.target.find('?');
  call.url = server.at(request.target.substr(0, query));
  if (query != std::string::npos) call.url.query = request.target.substr(query + 1);
  call.headers.push_back({.name = "Accept", .value = "application/json"});
  if (!request.body.empty())
    call.headers.push_back({.name = "Content-Type", .value = "application/json"});
  if (!request.idempotency_key.empty())
    call.headers.push_back({.name = "Idempotency-Key", .value = request.idempotency_key});
  call.body = request.body;
  call.deadline = system_clock().steady() + kAnswerTime + request.answer_time;
  call.connect_timeout = kConnectTime;
  call.response_bytes_max = kResponseBytesMax;
  return call;
}

HttpOutcome Client::send(const ApiRequest& request) const {
  boost::asio::io_context io(1);
  auto outcome =
      boost::asio::co_spawn(io, http_call(call_of(server_, request)), boost::asio::use_future);
  io.run();
  return outcome.get();
}

std::expected<HttpResponse, ExitCode> Client::ask(const Result<ApiRequest>& request) const {
  if (!request) return std::unexpected(tell(request.error()));
  HttpOutcome outcome = send(*request);
  if (!outcome) return std::unexpected(tell(outcome.error()));
  if (!outcome->ok()) return std::unexpected(tell_refusal(*outcome));
  return std::move(*outcome);
}

ExitCode Client::tell(const HttpFailure& failure) const {
  using Kind = HttpFailure::Kind;
  if (failure.kind == Kind::invalid) return tell(to_error(failure));
  Error error = to_error(failure);
  error.detail = "no answer from " + to_string(server_) + ": " + failure.detail;
  if (failure.kind == Kind::connect || failure.kind == Kind::resolve)
    error.detail +=
        "\n  start a server with `reprise serve`, or name one with --url or REPRISE_URL";
  else if (failure.kind == Kind::cut || failure.kind == Kind::timed_out)
    error.detail += "\n  it may have arrived: look with `reprise tasks` before you send it again";
  screen_.err << error_text(error, screen_.style);
  return ExitCode::unreachable;
}

ExitCode Client::tell_refusal(const HttpResponse& response) const {
  if (screen_.json)
    print(response.body, "");
  else
    screen_.err << problem_text(response.status, response.body, screen_.style);
  return ExitCode::refused;
}

ExitCode Client::tell(const Error& error) const {
  screen_.err << error_text(error, screen_.style);
  return ExitCode::usage;
}

void Client::print(std::string_view json, std::string_view text) const {
  const std::string_view bytes = screen_.json ? json : text;
  screen_.out << bytes;
  if (screen_.json && !bytes.ends_with('\n')) screen_.out << '\n';
  screen_.out.flush();
}

}  // namespace reprise::cli
