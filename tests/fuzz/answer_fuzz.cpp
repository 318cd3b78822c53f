// What a model's server answers, and the answer in it. The first byte says whose server.
#include "activities/contracts/analysis.hpp"
#include "activities/contracts/review.hpp"
#include "activities/contracts/subtask.hpp"
#include "activities/providers/anthropic.hpp"
#include "activities/providers/failure_class.hpp"
#include "activities/providers/openai_chat.hpp"
#include "base/check.hpp"
#include "tests/fuzz/fuzz_target.hpp"
#include "workflows/task/answer_shape.hpp"

namespace reprise {
namespace {

void read_text(std::string_view text) {
  (void)read_answer<Analysis>(text);
  (void)read_answer<Review>(text);
  (void)read_answer<Decomposition>(text);
  if (const Result<std::string_view> object = find_json_object(text))
    CHECK(object->starts_with('{') && object->ends_with('}'), "{}", *object);
}

}  // namespace

void fuzz(std::string_view input) {
  if (input.empty()) return;
  const std::string body(input.substr(1));
  const ProviderOptions options{.name = "fuzz", .base_url = {}, .api_key = {}, .model = "m"};
  const ModelProtocol protocol = input.front() == 'a' ? anthropic_messages() : openai_chat();
  if (const ModelOutcome outcome = protocol.reply_of(options, body)) read_text(outcome->text);
  read_text(body);
  for (const int status : {400, 429, 529})
    (void)failure_of(HttpResponse{.status = status, .headers = {}, .body = body}, UtcTime());
}

}  // namespace reprise
