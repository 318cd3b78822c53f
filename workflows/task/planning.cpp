#include "workflows/task/planning.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "workflows/task/facts.hpp"
#include "workflows/task/team.hpp"

namespace reprise {
namespace {

Result<> check_plan(const Decomposition& plan, const std::vector<Specialist>& team) {
  std::string names;
  for (const Specialist& member : team) names += (names.empty() ? "" : ", ") + member.type;
  for (std::size_t i = 0; i < plan.subtasks.size(); ++i) {
    const std::string& name = plan.subtasks[i].specialist;
    if (std::ranges::find(team, name, &Specialist::type) == team.end())
      return fail(Errc::invalid_argument, fmt::format("\"{}\" was not chosen: use {}", name, names),
                  fmt::format("subtasks[{}].specialist", i));
  }
  const Result<SubtaskGraph> graph = SubtaskGraph::build(plan.subtasks);
  if (!graph) return std::unexpected(graph.error());
  return {};
}

Decomposition whole_task(const TaskBrief& task, const std::string& specialist) {
  const std::string& text = task.description.empty() ? task.title : task.description;
  return {.subtasks = {{.id = "t1",
                        .title = task.title,
                        .description = text,
                        .specialist = specialist,
                        .deliverable = "A complete answer to the task"}}};
}

}  // namespace

Workflow<Analysis> analyze(ModelCalls calls, TaskBrief task) {
  Analysis analysis = co_await ask<AnalyzeTask>(calls, {.task = std::move(task)});
  record_analysis(calls.ctx, analysis);
  co_return analysis;
}

Workflow<std::vector<Specialist>> select_specialists(ModelCalls calls, TaskBrief task,
                                                     Analysis analysis) {
  SelectionInput input{.task = std::move(task), .analysis = analysis};
  const SpecialistSelection scored =
      co_await ask<SelectSpecialists>(calls, std::move(input), check_selection);
  std::vector<Specialist> team = pick_team(scored, analysis);
  record_team(calls.ctx, team);
  co_return team;
}

Workflow<std::shared_ptr<Workplan>> decompose(ModelCalls calls, TaskRequest request,
                                              Analysis analysis, std::vector<Specialist> team) {
  const AnswerCheck<Decomposition> check = [team](const Decomposition& plan) {
    return check_plan(plan, team);
  };
  Decomposition subtasks;
  std::string problem;
  for (int attempts = 1;; ++attempts) {
    DecompositionInput input{.task = request.brief,
                             .analysis = analysis,
                             .specialists = team,
                             .wanted = request.subtasks};
    auto answer = co_await attempt<DecomposeTask>(calls, std::move(input), check);
    if (answer) {
      subtasks = std::move(*answer);
      break;
    }
    if (answer.error().type == kRefusedAnswer) {
      problem = answer.error().message;
      subtasks = whole_task(request.brief, team.front().type);
      break;
    }
    if (answer.error().is_final || attempts == kAttemptsMax)
      throw WorkflowFailure(answer.error().type, "decomposition: " + answer.error().message);
  }
  SubtaskGraph graph = SubtaskGraph::build(subtasks.subtasks).value();
  auto plan = std::make_shared<Workplan>(std::move(subtasks.subtasks), std::move(graph));
  record_plan(calls.ctx, *plan, problem);
  co_return plan;
}

}  // namespace reprise
