#include "activities/offline/offline_provider.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>
#include <tuple>
#include <utility>

#include "activities/contracts/stages.hpp"
#include "activities/offline/stage_rules.hpp"

namespace reprise {
namespace {

namespace asio = boost::asio;

constexpr std::string_view kModel = "rules-1";

std::unexpected<ActivityFailure> failure(std::string type, std::string message, bool retryable) {
  return std::unexpected(ActivityFailure{
      .type = std::move(type), .message = std::move(message), .retryable = retryable});
}

// Nothing when the request is of another stage.
template <typename Contract>
std::optional<Result<std::string>> answer_if(const ModelRequest& request) {
  if (request.stage != Contract::kStage) return std::nullopt;
  typename Contract::Input input;
  if (Result<> ok = decode(Payload{request.input}, input); !ok)
    return std::unexpected(std::move(ok.error()));
  return JsonWriter::object(offline::answer(input), JsonWriter::Defaults::write);
}

template <typename... Contracts>
Result<std::string> answer_any(const ModelRequest& request) {
  std::optional<Result<std::string>> answer;
  const bool found = ((answer = answer_if<Contracts>(request), answer.has_value()) || ...);
  if (found) return std::move(*answer);
  return fail(Errc::invalid_argument, "no rules for the stage " + request.stage);
}

// About four bytes a token, as a rule of thumb.
std::uint64_t tokens_in(std::size_t bytes) { return bytes / 4 + 1; }

std::uint64_t tokens_read(const ModelRequest& request) {
  std::size_t bytes = request.system.size();
  for (const ModelMessage& message : request.messages) bytes += message.text.size();
  return tokens_in(bytes);
}

ModelOutcome reply_to(const ModelRequest& request) {
  Result<std::string> text =
      answer_any<AnalyzeTask, SelectSpecialists, DecomposeTask, ExecuteSubtask, ReviewSolution,
                 CoordinateFindings, SynthesizeAnswer, FinalReview>(request);
  if (!text) return failure("bad_request", to_string(text.error()), false);
  const std::uint64_t tokens_written = tokens_in(text->size());
  return ModelReply{.text = std::move(*text),
                    .provider = "offline",
                    .model = std::string(kModel),
                    .simulated = true,
                    .input_tokens = tokens_read(request),
                    .output_tokens = tokens_written};
}

}  // namespace

Result<std::shared_ptr<OfflineProvider>> OfflineProvider::make(const OfflineOptions& options) {
  CallLog log;
  if (!options.call_log.empty()) {
    Result<CallLog> opened = CallLog::open(options.call_log);
    if (!opened) return std::unexpected(std::move(opened.error()));
    log = std::move(*opened);
  }
  return std::shared_ptr<OfflineProvider>(new OfflineProvider(options.latency, std::move(log)));
}

asio::awaitable<ModelOutcome> OfflineProvider::complete(ModelRequest request) {
  const CallLog::Entry entry{.key = request.idempotency_key,
                             .attempt = request.attempt,
                             .stage = request.stage,
                             .phase = "begin"};
  log_.append(entry);
  const Duration left = request.deadline - system_clock().steady();
  const Duration wait = std::clamp(latency_, Duration(0), std::max(left, Duration(0)));
  if (latency_ > Duration(0)) {
    co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
    asio::steady_timer timer(co_await asio::this_coro::executor, wait);
    const auto [error] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    if (error) co_return failure("timeout", "the call was cancelled", true);
  }
  if (left < latency_ || left <= Duration(0))
    co_return failure(
        "timeout",
        fmt::format("no answer within {} ms", std::max<std::int64_t>(left.count(), 0) / 1000),
        true);
  ModelOutcome outcome = reply_to(request);
  log_.append({.key = entry.key, .attempt = entry.attempt, .stage = entry.stage, .phase = "end"});
  co_return outcome;
}

}  // namespace reprise
