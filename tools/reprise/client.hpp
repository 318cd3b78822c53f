// Client: one request to the server and its answer, and how a verb talks to the user about it.
//
// Guarantees: one request for each call; nothing is retried here. Whatever fails is told on `err`
//             with what to do about it. With --output json the server's bytes go to `out` as they
//             came, problem documents included.
// Thread:     one; calls block.
#pragma once

#include <expected>
#include <ostream>
#include <string>
#include <string_view>

#include "activities/net/http_client.hpp"
#include "tools/reprise/api_request.hpp"
#include "tools/reprise/exit_code.hpp"
#include "tools/reprise/text.hpp"

namespace reprise::cli {

struct Screen {
  std::ostream& out;
  std::ostream& err;
  TextStyle style;
  bool redraws = false;  // `out` is a terminal
  bool json = false;     // --output json
};

class Client {
 public:
  Client(Url server, Screen screen) : server_(std::move(server)), screen_(screen) {}

  HttpOutcome send(const ApiRequest& request) const;

  // The answer of a request that the server took (2xx). Otherwise what to exit with; the reason has
  // been told.
  std::expected<HttpResponse, ExitCode> ask(const Result<ApiRequest>& request) const;

  // Tells why there is no answer, or that it was a refusal.
  ExitCode tell(const HttpFailure& failure) const;
  ExitCode tell_refusal(const HttpResponse& response) const;
  ExitCode tell(const Error& error) const;

  // The server's bytes in JSON mode, else the text.
  void print(std::string_view json, std::string_view text) const;

  [[nodiscard]] const Url& server() const { return server_; }
  [[nodiscard]] const Screen& screen() const { return screen_; }

 private:
  Url server_;
  Screen screen_;
};

// The HTTP call that carries the request.
HttpCall call_of(const Url& server, const ApiRequest& request);

}  // namespace reprise::cli
