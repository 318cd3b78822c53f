#include "tools/reprise/verbs.hpp"
#include "tools/reprise/workflow_text.hpp"

namespace reprise::cli {
namespace {

template <typename Verb>
ExitCode show(const Client& client, const Verb& verb) {
  const auto response = client.ask(request_of(verb));
  if (!response) return response.error();
  client.print(response->body, fields_text(response->body, client.screen().style));
  return ExitCode::ok;
}

}  // namespace

ExitCode run(const Client& client, const ShowQueue& verb) { return show(client, verb); }
ExitCode run(const Client& client, const LimitQueue& verb) { return show(client, verb); }

}  // namespace reprise::cli
