// Facts: what a task's history says about itself, for views and for people. One function a fact;
// its name in the history is the function's, in the constants below.
//
// Guarantees: small (each text is cut), JSON, canonical. Readers take unknown facts and members
//             without complaint.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "activities/contracts/analysis.hpp"
#include "activities/contracts/final_answer.hpp"
#include "activities/contracts/specialist.hpp"
#include "engine/author/workflow.hpp"
#include "workflows/task/workplan.hpp"

namespace reprise {

namespace fact {
inline constexpr std::string_view kAnalyzed = "task_analyzed";
inline constexpr std::string_view kTeam = "specialists_selected";
inline constexpr std::string_view kPlan = "subtasks_planned";
inline constexpr std::string_view kStarted = "subtask_started";
inline constexpr std::string_view kFinished = "subtask_finished";
inline constexpr std::string_view kReviewed = "solution_reviewed";
inline constexpr std::string_view kRevision = "revision_ordered";
inline constexpr std::string_view kEscalated = "escalated";
inline constexpr std::string_view kDecided = "human_decided";
inline constexpr std::string_view kFinalReview = "answer_reviewed";
inline constexpr std::string_view kPartial = "completed_partially";
}  // namespace fact

void record_analysis(Context ctx, const Analysis& analysis);
void record_team(Context ctx, const std::vector<Specialist>& team);
// `problem`: why the manager's own plan was put aside; empty when it was taken.
void record_plan(Context ctx, const Workplan& plan, const std::string& problem);
void record_started(Context ctx, const WorkItem& item);
// Solved or failed.
void record_finished(Context ctx, const WorkItem& item);
void record_review(Context ctx, const WorkItem& item);
void record_revision(Context ctx, const Workplan& plan, int cycle);
void record_escalation(Context ctx, const std::string& reason);
void record_decision(Context ctx, std::string_view decision, const std::string& comment);
void record_final_review(Context ctx, const FinalVerdict& verdict);
void record_partial(Context ctx, const std::vector<std::string>& missing);

}  // namespace reprise
