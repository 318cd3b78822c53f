#include "activities/providers/http_provider.hpp"

#include <algorithm>
#include <utility>

#include "activities/contracts/utf8.hpp"
#include "activities/net/http_client.hpp"
#include "activities/providers/failure_class.hpp"

namespace reprise {
namespace {

constexpr std::size_t kMessageBytesMax = 500;

// The key goes before the text is cut, so that no half of it stays.
std::unexpected<ActivityFailure> named(const ProviderOptions& options, ActivityFailure failure) {
  std::string text = options.name + ": " + failure.message;
  const std::string& key = options.api_key.reveal();
  for (std::size_t at = key.empty() ? text.npos : text.find(key); at != text.npos;
       at = text.find(key, at))
    text.replace(at, key.size(), "…");
  failure.message = utf8_cut(text, kMessageBytesMax);
  return std::unexpected(std::move(failure));
}

HttpCall call_of(const ProviderOptions& options, ProviderPost post, SteadyTime deadline) {
  HttpCall call{.method = "POST",
                .url = options.base_url.at(post.path),
                .headers = std::move(post.headers),
                .body = std::move(post.body),
                .connect_timeout = options.connect_timeout,
                .trust = options.trust};
  call.deadline = std::min(deadline, system_clock().steady() + options.request_timeout);
  call.headers.push_back({.name = "content-type", .value = "application/json"});
  call.headers.push_back({.name = "accept", .value = "application/json"});
  return call;
}

boost::asio::awaitable<ModelOutcome> complete_with(ModelProtocol protocol,
                                                   std::shared_ptr<const ProviderOptions> options,
                                                   ModelRequest request) {
  auto post = protocol.post_of(*options, request);
  if (!post) co_return named(*options, std::move(post.error()));
  const HttpOutcome answer =
      co_await http_call(call_of(*options, std::move(*post), request.deadline));
  if (!answer) co_return named(*options, failure_of(answer.error()));
  if (!answer->ok()) co_return named(*options, failure_of(*answer, system_clock().utc()));
  ModelOutcome outcome = protocol.reply_of(*options, answer->body);
  if (!outcome) co_return named(*options, std::move(outcome.error()));
  co_return outcome;
}

}  // namespace

HttpProvider::HttpProvider(ModelProtocol protocol, ProviderOptions options)
    : protocol_(protocol), options_(std::make_shared<const ProviderOptions>(std::move(options))) {}

boost::asio::awaitable<ModelOutcome> HttpProvider::complete(ModelRequest request) {
  return complete_with(protocol_, options_, std::move(request));
}

std::string instructions_of(const ModelRequest& request, StructuredOutput mode) {
  if (request.schema.empty() || mode == StructuredOutput::json_schema) return request.system;
  std::string text = request.system;
  if (!text.empty()) text += "\n\n";
  text +=
      "Answer with one JSON object and nothing else: no prose and no code fence around it. "
      "It has to match this JSON Schema:\n";
  return text + request.schema;
}

}  // namespace reprise
