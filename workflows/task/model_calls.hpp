// Asking a model, as a workflow does it: call, read, repair, try again.
//
// Guarantees: an attempt is one call (whose transient failures the engine retries five times) and at
//             most two repairs, each a command of its own in the history. A stage that only the
//             manager can do gets three attempts, then the task fails with the cause. A failure that
//             no attempt can mend (a bad key, an unknown provider) ends at once.
// Thread:     the shard's.
// Errors:     ask() throws WorkflowFailure; attempt() returns an AttemptFailure.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "activities/contracts/model_answer.hpp"
#include "activities/contracts/task_result.hpp"
#include "activities/contracts/utf8.hpp"
#include "engine/author/workflow.hpp"
#include "workflows/task/answer_shape.hpp"

namespace reprise {

inline constexpr int kRepairsMax = 2;
inline constexpr int kAttemptsMax = 3;

// Why an attempt gave nothing.
struct AttemptFailure {
  std::string type;  // the activity's, or kBadAnswer, or kRefusedAnswer
  std::string message;
  bool is_final = false;  // another attempt would end the same way
};
inline constexpr std::string_view kBadAnswer = "bad_answer";  // it does not fit the shape
inline constexpr std::string_view kRefusedAnswer =
    "refused_answer";  // it fits, and the check said no

// What every stage needs to ask: copied into each coroutine.
struct ModelCalls {
  Context ctx;
  std::string provider;
  std::shared_ptr<ModelUsage> usage = std::make_shared<ModelUsage>();
};

template <typename Answer>
using AnswerCheck = std::function<Result<>(const Answer&)>;

// Timeouts and retries of the stage's calls; they are no part of what replay compares.
ActivityOptions options_of(std::string_view stage, const std::string& provider);

void count(ModelUsage& usage, const ModelAnswer& answer);

template <ActivityContract C>
Workflow<std::expected<typename C::Answer, AttemptFailure>> attempt(
    ModelCalls calls, typename C::Input input, AnswerCheck<typename C::Answer> check = {}) {
  for (int repairs = 0;; ++repairs) {
    auto said = co_await calls.ctx.try_run<C>(input, options_of(C::kStage, calls.provider));
    if (!said)
      co_return std::unexpected(AttemptFailure{.type = said.error().type,
                                               .message = said.error().message,
                                               .is_final = !said.error().retryable});
    count(*calls.usage, *said);
    std::string_view failed_as = kBadAnswer;
    Result<typename C::Answer> answer = read_answer<typename C::Answer>(said->text);
    if (answer && check) {
      if (Result<> ok = check(*answer); !ok) {
        failed_as = kRefusedAnswer;
        answer = std::unexpected(std::move(ok.error()));
      }
    }
    if (answer) co_return std::move(*answer);
    std::string problem = utf8_cut(problem_of(answer.error()), 2000);
    if (repairs == kRepairsMax)
      co_return std::unexpected(
          AttemptFailure{.type = std::string(failed_as), .message = std::move(problem)});
    input.repair = Repair{.answer = utf8_cut(said->text, Repair::kAnswerBytesMax),
                          .error = std::move(problem)};
  }
}

template <ActivityContract C>
Workflow<typename C::Answer> ask(ModelCalls calls, typename C::Input input,
                                 AnswerCheck<typename C::Answer> check = {}) {
  for (int attempts = 1;; ++attempts) {
    auto answer = co_await attempt<C>(calls, input, check);
    if (answer) co_return std::move(*answer);
    if (answer.error().is_final || attempts == kAttemptsMax)
      throw WorkflowFailure(answer.error().type,
                            std::string(C::kStage) + ": " + answer.error().message);
  }
}

}  // namespace reprise
