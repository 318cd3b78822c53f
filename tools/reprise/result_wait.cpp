#include <algorithm>
#include <thread>

#include "tools/reprise/verbs.hpp"

namespace reprise::cli {
namespace {

constexpr Duration kSlice = std::chrono::seconds(20);     // the server holds one request this long
constexpr Duration kPatience = std::chrono::seconds(60);  // for a server that is gone
constexpr Duration kRetryDelay = std::chrono::milliseconds(250);

SteadyTime now() { return system_clock().steady(); }

bool may_come_back(const HttpOutcome& outcome) {
  using Kind = HttpFailure::Kind;
  if (outcome) return outcome->status == 503;
  const Kind kind = outcome.error().kind;
  return kind == Kind::connect || kind == Kind::cut || kind == Kind::timed_out;
}

}  // namespace

std::expected<HttpResponse, ExitCode> await_result(const Client& client, const ResultWait& wait) {
  if (!wait.limit) return client.ask(wait.request(wait.id, Duration(0)));
  const SteadyTime end = now() + *wait.limit;
  std::optional<SteadyTime> last_sign;
  if (wait.server_answered) last_sign = now();
  while (true) {
    const Duration left = std::max(end - now(), Duration(1000));
    HttpOutcome outcome = client.send(wait.request(wait.id, std::min(left, kSlice)));
    const bool over = now() >= end;
    if (outcome && outcome->status == 202 && !over) {
      last_sign = now();
      continue;
    }
    if (outcome && outcome->ok()) return std::move(*outcome);
    const bool known = last_sign && now() - *last_sign < kPatience;
    if (!known || over || !may_come_back(outcome))
      return std::unexpected(outcome ? client.tell_refusal(*outcome)
                                     : client.tell(outcome.error()));
    std::this_thread::sleep_for(kRetryDelay);
  }
}

ExitCode exit_code_of_status(std::string_view status) {
  return status == "completed" ? ExitCode::ok : ExitCode::failed;
}

}  // namespace reprise::cli
