#include "workflows/task/answering.hpp"

#include "workflows/task/facts.hpp"

namespace reprise {

Workflow<Findings> coordinate(ModelCalls calls, AnswerMaterial material) {
  CoordinationInput input{.task = std::move(material.task),
                          .solutions = std::move(material.solutions),
                          .missing = std::move(material.missing)};
  co_return co_await ask<CoordinateFindings>(calls, std::move(input));
}

Workflow<FinalAnswer> synthesize(ModelCalls calls, AnswerMaterial material, Findings findings,
                                 std::optional<AnswerRevision> revision) {
  SynthesisInput input{.task = std::move(material.task),
                       .findings = std::move(findings),
                       .solutions = std::move(material.solutions),
                       .missing = std::move(material.missing),
                       .revision = std::move(revision)};
  co_return co_await ask<SynthesizeAnswer>(calls, std::move(input));
}

Workflow<FinalVerdict> review_answer(ModelCalls calls, AnswerMaterial material,
                                     FinalAnswer answer) {
  FinalReviewInput input{.task = std::move(material.task),
                         .answer = std::move(answer),
                         .missing = std::move(material.missing)};
  FinalVerdict verdict = co_await ask<FinalReview>(calls, std::move(input));
  record_final_review(calls.ctx, verdict);
  co_return verdict;
}

}  // namespace reprise
