#include "workflows/task/subtask_work.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/author/pool.hpp"
#include "workflows/task/facts.hpp"
#include "workflows/task/review_score.hpp"

namespace reprise {
namespace {

using State = WorkItem::State;

ExecutionInput execution_input(const SubtaskWork& work, std::size_t index) {
  const WorkItem& item = work.plan->items()[index];
  ExecutionInput input{.task = work.task,
                       .subtask = item.subtask,
                       .results = work.plan->results_for(index),
                       .revision = item.order};
  const auto member = std::ranges::find(work.team, item.subtask.specialist, &Specialist::type);
  if (member != work.team.end()) input.focus_areas = member->focus_areas;
  return input;
}

Workflow<> execute_one(SubtaskWork work, std::size_t index) {
  record_started(work.calls.ctx, work.plan->item(index));
  AttemptFailure last;
  for (int attempts = 1; attempts <= kAttemptsMax && !last.is_final; ++attempts) {
    auto solution = co_await attempt<ExecuteSubtask>(work.calls, execution_input(work, index));
    if (solution) {
      work.plan->item(index).solution = std::move(*solution);
      work.plan->item(index).state = State::solved;
      record_finished(work.calls.ctx, work.plan->item(index));
      co_return;
    }
    last = std::move(solution.error());
  }
  work.plan->give_up(index, fmt::format("{}: {}", last.type, last.message));
  record_finished(work.calls.ctx, work.plan->item(index));
}

Workflow<> review_one(SubtaskWork work, std::size_t index) {
  ReviewInput input{.task = work.task,
                    .subtask = work.plan->item(index).subtask,
                    .solution = work.plan->item(index).solution};
  Review review = co_await ask<ReviewSolution>(work.calls, std::move(input));
  WorkItem& item = work.plan->item(index);
  item.score = weighted_score(review.scores);
  item.verdict = verdict_of(item.score);
  if (item.verdict == Verdict::accepted) {
    item.state = State::accepted;
    item.order.reset();
    item.problem.clear();
  } else {
    item.state = State::refused;
    item.problem = fmt::format("{} with {} of 10: {}", to_string(item.verdict),
                               to_string(item.score), review.feedback);
    item.order = RevisionOrder{.verdict = item.verdict,
                               .feedback = std::move(review.feedback),
                               .weaknesses = std::move(review.weaknesses),
                               .requests = std::move(review.revision_requests),
                               .previous = item.solution};
  }
  record_review(work.calls.ctx, item);
}

std::optional<Workflow<>> next_execution(const SubtaskWork& work) {
  while (const auto blocked = work.plan->fail_next_blocked())
    record_finished(work.calls.ctx, work.plan->item(*blocked));
  const auto index = work.plan->start_next();
  if (!index) return std::nullopt;
  return execute_one(work, *index);
}

}  // namespace

Workflow<> execute_subtasks(SubtaskWork work) {
  co_await pool(work.parallel_max, [work] { return next_execution(work); });
}

Workflow<> review_solutions(SubtaskWork work) {
  PoolSource next = [work, from = std::size_t{0}]() mutable -> std::optional<Workflow<>> {
    const auto index = work.plan->next_unreviewed(from);
    if (!index) return std::nullopt;
    from = *index + 1;
    return review_one(work, *index);
  };
  co_await pool(work.parallel_max, std::move(next));
}

}  // namespace reprise
