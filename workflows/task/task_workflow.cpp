#include "workflows/task/task_workflow.hpp"

#include <algorithm>
#include <memory>

#include "workflows/task/answering.hpp"
#include "workflows/task/facts.hpp"
#include "workflows/task/human_decision.hpp"
#include "workflows/task/planning.hpp"
#include "workflows/task/stage_machine.hpp"
#include "workflows/task/subtask_work.hpp"
#include "workflows/task/task_view.hpp"

namespace reprise {
namespace {

constexpr int kRevisionCyclesMax = 2;
constexpr int kAnswerReturnsMax = 2;

// What each step of the root branch needs; a small value, copied into it.
struct TaskRun {
  ModelCalls calls;
  std::shared_ptr<StageMachine> stages = std::make_shared<StageMachine>();
  TaskRequest request;

  void enter(Stage stage) const { stages->enter(calls.ctx, stage); }
};

// What the policy makes of work that is still not good enough.
enum class Way : std::uint8_t { go_on, accept_as_it_is, once_more };

struct Decision {
  Way way = Way::go_on;
  std::string comment;  // a human's
};

std::string joined(const std::string& comment, const std::string& feedback) {
  return comment.empty() ? feedback : comment + "\n\n" + feedback;
}

Workflow<Decision> decide(TaskRun run, std::string reason) {
  switch (run.request.options.review_policy) {
    case ReviewPolicy::partial: co_return Decision{};
    case ReviewPolicy::fail: throw WorkflowFailure("not_accepted", reason);
    case ReviewPolicy::escalate: break;
  }
  HumanDecision said = co_await ask_human(run.calls.ctx, std::move(reason));
  switch (said.decision) {
    case HumanDecision::Kind::accept: co_return Decision{Way::accept_as_it_is, said.comment};
    case HumanDecision::Kind::retry: co_return Decision{Way::once_more, said.comment};
    case HumanDecision::Kind::reject: break;
  }
  throw WorkflowFailure("rejected_by_human",
                        said.comment.empty() ? "a human rejected it" : said.comment);
}

// Sends refused subtasks back to work.
void reopen_refused(SubtaskWork& work, const std::string& comment) {
  for (std::size_t i = 0; i < work.plan->size(); ++i) {
    WorkItem& item = work.plan->item(i);
    if (item.state != WorkItem::State::refused) continue;
    if (!comment.empty() && item.order)
      item.order->feedback = joined(comment, item.order->feedback);
    order_revision(item, work.team);
  }
}

// Only a human sends those back that used up their attempts.
void reopen_failed(Workplan& plan) {
  for (std::size_t i = 0; i < plan.size(); ++i)
    if (plan.item(i).state == WorkItem::State::failed)
      plan.item(i).state = WorkItem::State::waiting;
}

void accept_refused(Workplan& plan) {
  for (std::size_t i = 0; i < plan.size(); ++i)
    if (plan.item(i).state == WorkItem::State::refused)
      plan.item(i).state = WorkItem::State::accepted;
}

// Execution and review, until everything is accepted or the policy ends it.
Workflow<> solve_subtasks(TaskRun run, SubtaskWork work) {
  for (int cycle = 0;;) {
    run.enter(Stage::specialist_execution);
    co_await execute_subtasks(work);
    run.enter(Stage::manager_review);
    co_await review_solutions(work);

    const bool can_revise = work.plan->has(WorkItem::State::refused);
    if (!can_revise && !work.plan->has(WorkItem::State::failed)) co_return;
    Decision decision;
    if (can_revise && cycle < kRevisionCyclesMax) {
      ++cycle;
    } else {
      decision = co_await decide(run, work.plan->describe_missing());
      if (decision.way == Way::accept_as_it_is) accept_refused(*work.plan);
      if (decision.way != Way::once_more) co_return;
      reopen_failed(*work.plan);
    }
    run.enter(Stage::revision_required);
    reopen_refused(work, decision.comment);
    record_revision(run.calls.ctx, *work.plan, cycle);
  }
}

struct ReviewedAnswer {
  FinalAnswer answer;
  bool approved = true;
};

// Synthesis and final review, until it is approved or the policy ends it.
Workflow<ReviewedAnswer> answer_task(TaskRun run, AnswerMaterial material, Findings findings) {
  std::optional<AnswerRevision> revision;
  for (int returns = 0;; ++returns) {
    run.enter(Stage::synthesis);
    FinalAnswer answer = co_await synthesize(run.calls, material, findings, revision);
    run.enter(Stage::manager_final_review);
    FinalVerdict verdict = co_await review_answer(run.calls, material, answer);
    if (verdict.approved) co_return ReviewedAnswer{std::move(answer), true};

    Decision decision{.way = Way::once_more};
    if (returns >= kAnswerReturnsMax)
      decision = co_await decide(run, "the final answer was not approved: " + verdict.feedback);
    if (decision.way != Way::once_more)
      co_return ReviewedAnswer{std::move(answer), decision.way == Way::accept_as_it_is};
    revision = AnswerRevision{.feedback = joined(decision.comment, verdict.feedback),
                              .requests = std::move(verdict.revision_requests),
                              .previous = std::move(answer)};
  }
}

std::vector<std::string> sources_of(const std::vector<SubtaskSolution>& solutions) {
  std::vector<std::string> sources;
  for (const SubtaskSolution& part : solutions)
    for (const std::string& source : part.solution.sources)
      if (std::ranges::find(sources, source) == sources.end()) sources.push_back(source);
  return sources;
}

TaskResult make_result(const Workplan& plan, const AnswerMaterial& material,
                       ReviewedAnswer reviewed, const ModelUsage& usage) {
  if (!reviewed.approved)
    reviewed.answer.limitations.push_back("The final review did not approve this answer.");
  const bool is_partial = !material.missing.empty() || !reviewed.approved;
  return {.final_answer = to_markdown(reviewed.answer, material.missing),
          .answer = std::move(reviewed.answer),
          .completion = is_partial ? Completion::partial : Completion::full,
          .missing = material.missing,
          .approved = reviewed.approved,
          .sources = sources_of(material.solutions),
          .subtasks = plan.results(),
          .usage = usage};
}

}  // namespace

Workflow<TaskResult> run_task(Context ctx, TaskRequest request) {
  const TaskRun run{.calls = {ctx, request.options.provider}, .request = request};

  run.enter(Stage::task_analysis);
  const Analysis analysis = co_await analyze(run.calls, request.brief);
  run.enter(Stage::specialist_selection);
  const std::vector<Specialist> team =
      co_await select_specialists(run.calls, request.brief, analysis);
  run.enter(Stage::task_decomposition);
  const auto plan = co_await decompose(run.calls, request, analysis, team);

  co_await solve_subtasks(run,
                          {run.calls, request.brief, team, request.options.parallel_max, plan});
  const AnswerMaterial material{request.brief, plan->accepted(), plan->missing_titles()};
  if (material.solutions.empty())
    throw WorkflowFailure("nothing_accepted", plan->describe_missing());

  run.enter(Stage::coordination);
  const Findings findings = co_await coordinate(run.calls, material);
  ReviewedAnswer reviewed = co_await answer_task(run, material, findings);
  TaskResult result = make_result(*plan, material, std::move(reviewed), *run.calls.usage);
  if (result.completion == Completion::partial) record_partial(ctx, result.missing);
  run.enter(Stage::completed);
  co_return result;
}

void register_task_workflow(Catalog& catalog) {
  catalog.add(define(std::string(kTaskType), &run_task), task_view());
}

}  // namespace reprise
