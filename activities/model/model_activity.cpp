#include "activities/model/model_activity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "activities/contracts/stages.hpp"
#include "activities/model/prompts.hpp"

namespace reprise {
namespace {

namespace asio = boost::asio;

struct StageSettings {
  std::optional<double> temperature;
  std::uint32_t output_tokens_max = 2000;
};

template <typename Contract>
constexpr StageSettings settings() {
  if constexpr (std::same_as<Contract, SelectSpecialists>) return {.temperature = 0.3};
  if constexpr (std::same_as<Contract, DecomposeTask>) return {.temperature = 0.2};
  if constexpr (std::same_as<Contract, ReviewSolution>) return {.temperature = 0.1};
  if constexpr (std::same_as<Contract, FinalReview>) return {.temperature = 0.1};
  if constexpr (std::same_as<Contract, CoordinateFindings>) return {.output_tokens_max = 4000};
  if constexpr (std::same_as<Contract, SynthesizeAnswer>) return {.output_tokens_max = 8000};
  return {};
}

// The attempt before may have been cut off at its limit: each gets twice the room of the one before,
// up to four times the first.
constexpr std::uint32_t with_room(std::uint32_t tokens, Attempt attempt) {
  constexpr std::uint32_t kDoublingsMax = 2;
  return tokens << std::min(attempt.value() - 1, kDoublingsMax);
}

std::unexpected<ActivityFailure> final_failure(std::string type, std::string message) {
  return std::unexpected(
      ActivityFailure{.type = std::move(type), .message = std::move(message), .retryable = false});
}

asio::awaitable<ActivityOutcome> call(std::shared_ptr<ModelProvider> provider,
                                      ModelRequest request) {
  ModelOutcome reply = co_await provider->complete(std::move(request));
  if (!reply) co_return std::unexpected(std::move(reply.error()));
  if (reply->text.size() > ModelAnswer::kTextMax)
    co_return final_failure("too_large", fmt::format("the answer has {} bytes: at most {}",
                                                     reply->text.size(), ModelAnswer::kTextMax));
  co_return encode(ModelAnswer{.text = std::move(reply->text),
                               .provider = std::move(reply->provider),
                               .model = std::move(reply->model),
                               .simulated = reply->simulated,
                               .input_tokens = reply->input_tokens,
                               .output_tokens = reply->output_tokens});
}

template <typename Contract>
asio::awaitable<ActivityOutcome> answer_stage(ModelProviders providers,
                                              ActivityInvocation invocation) {
  typename Contract::Input input;
  if (Result<> ok = decode(invocation.input, input); !ok)
    co_return final_failure("bad_input", to_string(ok.error()));
  std::shared_ptr<ModelProvider> provider = providers.find(invocation.provider);
  if (provider == nullptr)
    co_return final_failure("unknown_provider",
                            invocation.provider.empty()
                                ? "no model provider is configured"
                                : "no model provider is called " + invocation.provider);
  Prompt prompt = render(input);
  constexpr StageSettings kSettings = settings<Contract>();
  ModelRequest request{
      .stage = std::string(Contract::kStage),
      .input = std::move(invocation.input.bytes),
      .system = std::move(prompt.system),
      .messages = std::move(prompt.messages),
      .schema_name = std::string(Contract::kStage),
      .schema = SchemaWriter::of<typename Contract::Answer>(),
      .output_tokens_max = with_room(kSettings.output_tokens_max, invocation.attempt),
      .temperature = kSettings.temperature,
      .idempotency_key = invocation.idempotency_key(),
      .attempt = invocation.attempt.value(),
      .deadline = invocation.deadline};
  co_return co_await call(std::move(provider), std::move(request));
}

template <typename... Contracts>
void add_all(ActivityRegistry& registry, const ModelProviders& providers) {
  (registry.add<Contracts>([providers](ActivityInvocation invocation) {
    return answer_stage<Contracts>(providers, std::move(invocation));
  }),
   ...);
}

}  // namespace

void register_model_activities(ActivityRegistry& registry, const ModelProviders& providers) {
  add_all<AnalyzeTask, SelectSpecialists, DecomposeTask, ExecuteSubtask, ReviewSolution,
          CoordinateFindings, SynthesizeAnswer, FinalReview>(registry, providers);
}

}  // namespace reprise
