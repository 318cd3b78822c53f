#include "activities/callback/callback_activity.hpp"

#include <fmt/format.h>

#include "activities/net/http_client.hpp"
#include "activities/net/public_address.hpp"

namespace reprise {
namespace asio = boost::asio;
namespace {

// A receiver says that it has it; nobody reads what else it says.
constexpr std::size_t kAnswerBytesMax = 64U << 10U;

ActivityFailure final_failure(std::string type, std::string message) {
  return {.type = std::move(type), .message = std::move(message), .retryable = false};
}

ActivityFailure failure_of(const HttpFailure& failure) {
  if (failure.kind == HttpFailure::Kind::forbidden)
    return final_failure("forbidden_address", failure.detail);
  if (failure.kind == HttpFailure::Kind::invalid) return final_failure("bad_url", failure.detail);
  return {.type = "no_answer", .message = failure.detail};
}

// What came back, when it is not a success.
ActivityFailure failure_of(int status) {
  constexpr int kTimeout = 408;
  constexpr int kTooEarly = 425;
  constexpr int kTooMany = 429;
  const bool passes =
      status >= 500 || status == kTimeout || status == kTooEarly || status == kTooMany;
  ActivityFailure failure{
      .type = passes ? "http_" + std::to_string(status) : fmt::format("http_{}xx", status / 100),
      .message = fmt::format("the receiver answered {}", status)};
  failure.retryable = passes;
  return failure;
}

asio::awaitable<ActivityOutcome> send(ActivityInvocation invocation, CallbackRules rules,
                                      const CallbackBody& body_of) {
  CallbackInput input;
  if (Result<> read = decode(invocation.input, input); !read)
    co_return std::unexpected(final_failure("bad_input", to_string(read.error())));
  Result<Url> url = parse_url(input.url);
  if (!url) co_return std::unexpected(final_failure("bad_url", url.error().detail));
  Result<std::string> body = co_await body_of(input);
  if (!body)
    co_return std::unexpected(
        ActivityFailure{.type = "not_ready", .message = to_string(body.error())});
  HttpCall call{.method = "POST",
                .url = std::move(*url),
                .headers = {{.name = "Content-Type", .value = "application/json"},
                            {.name = "Idempotency-Key", .value = input.run_id}},
                .body = std::move(*body),
                .deadline = invocation.deadline,
                .response_bytes_max = kAnswerBytesMax,
                .reach = rules.private_addresses ? Reach::anywhere : Reach::public_only};
  const HttpOutcome answer = co_await http_call(std::move(call));
  if (!answer && answer.error().kind == HttpFailure::Kind::too_large)
    co_return encode(CallbackAnswer{.http_status = 200});  // it has it, and says much
  if (!answer) co_return std::unexpected(failure_of(answer.error()));
  if (!answer->ok()) co_return std::unexpected(failure_of(answer->status));
  co_return encode(CallbackAnswer{.http_status = static_cast<std::uint32_t>(answer->status)});
}

}  // namespace

void register_callback_activity(ActivityRegistry& registry, CallbackRules rules,
                                CallbackBody body) {
  registry.add<SendCallback>([rules, body = std::move(body)](ActivityInvocation invocation) {
    return send(std::move(invocation), rules, body);
  });
}

Result<> check_callback_url(std::string_view text, CallbackRules rules) {
  if (text.size() > kCallbackUrlMax || text.find_first_of("\"\\") != std::string_view::npos)
    return fail(
        Errc::invalid_argument,
        fmt::format("must be a URL of at most {} characters, without \" and \\", kCallbackUrlMax));
  const Result<Url> url = parse_url(text);
  if (!url)
    return fail(Errc::invalid_argument,
                "must be a URL like https://host/path: " + url.error().detail);
  if (!rules.private_addresses && is_private_host(url->host))
    return fail(Errc::invalid_argument,
                "must be on a public address: this server does not call private ones (serve "
                "--private-callbacks lets it)");
  return {};
}

}  // namespace reprise
