#include "workflows/task/facts.hpp"

#include <fmt/format.h>

#include "activities/contracts/utf8.hpp"

namespace reprise {
namespace {

constexpr std::size_t kTextBytesMax = 500;

std::string json_text(std::string_view text) {
  std::string json;
  append_json_text(json, utf8_cut(text, kTextBytesMax));
  return json;
}

template <typename List, typename Format>
std::string json_list(const List& list, Format format) {
  std::string json = "[";
  for (const auto& item : list) json += (json.size() > 1 ? "," : "") + format(item);
  return json + "]";
}

std::string json_texts(const std::vector<std::string>& texts) {
  return json_list(texts, [](const std::string& text) { return json_text(text); });
}

void record(Context ctx, std::string_view name, std::string json) {
  ctx.record(std::string(name), Payload{std::move(json)});
}

}  // namespace

void record_analysis(Context ctx, const Analysis& analysis) {
  record(ctx, fact::kAnalyzed,
         fmt::format(R"({{"capabilities":{},"complexity":"{}","domain":{},"keywords":{}}})",
                     json_texts(analysis.required_capabilities), to_string(analysis.complexity),
                     json_text(analysis.domain), json_texts(analysis.keywords)));
}

void record_team(Context ctx, const std::vector<Specialist>& team) {
  record(ctx, fact::kTeam,
         fmt::format(R"({{"specialists":{}}})", json_list(team, [](const Specialist& member) {
                       return fmt::format(R"({{"rationale":{},"score":{},"type":{}}})",
                                          json_text(member.rationale), to_string(member.score),
                                          json_text(member.type));
                     })));
}

void record_plan(Context ctx, const Workplan& plan, const std::string& problem) {
  const std::string subtasks = json_list(plan.items(), [](const WorkItem& item) {
    return fmt::format(R"({{"dependencies":{},"id":{},"phase":{},"specialist":{},"title":{}}})",
                       json_texts(item.subtask.dependencies), json_text(item.subtask.id),
                       item.phase, json_text(item.subtask.specialist),
                       json_text(item.subtask.title));
  });
  const std::string fallback =
      problem.empty() ? "" : fmt::format(R"("fallback":{},)", json_text(problem));
  record(ctx, fact::kPlan, fmt::format(R"({{{}"subtasks":{}}})", fallback, subtasks));
}

void record_started(Context ctx, const WorkItem& item) {
  record(ctx, fact::kStarted,
         fmt::format(R"({{"id":{},"specialist":{},"time":{}}})", json_text(item.subtask.id),
                     json_text(item.subtask.specialist), item.tried.size()));
}

void record_finished(Context ctx, const WorkItem& item) {
  if (item.state != WorkItem::State::solved)
    record(ctx, fact::kFinished,
           fmt::format(R"({{"id":{},"problem":{},"status":"failed"}})", json_text(item.subtask.id),
                       json_text(item.problem)));
  else
    record(ctx, fact::kFinished,
           fmt::format(R"({{"id":{},"preview":{},"status":"solved"}})", json_text(item.subtask.id),
                       json_text(utf8_cut(item.solution.summary, 200))));
}

void record_review(Context ctx, const WorkItem& item) {
  const std::string feedback = item.order ? item.order->feedback : std::string();
  record(ctx, fact::kReviewed,
         fmt::format(R"({{"feedback":{},"id":{},"score":{},"verdict":"{}"}})", json_text(feedback),
                     json_text(item.subtask.id), to_string(item.score), to_string(item.verdict)));
}

void record_revision(Context ctx, const Workplan& plan, int cycle) {
  std::vector<std::string> again;
  for (const WorkItem& item : plan.items())
    if (item.state == WorkItem::State::waiting)
      again.push_back(fmt::format(R"({{"id":{},"specialist":{}}})", json_text(item.subtask.id),
                                  json_text(item.subtask.specialist)));
  record(ctx, fact::kRevision,
         fmt::format(R"({{"cycle":{},"subtasks":{}}})", cycle,
                     json_list(again, [](const std::string& json) { return json; })));
}

void record_escalation(Context ctx, const std::string& reason) {
  record(ctx, fact::kEscalated, fmt::format(R"({{"reason":{}}})", json_text(reason)));
}

void record_decision(Context ctx, std::string_view decision, const std::string& comment) {
  record(ctx, fact::kDecided,
         fmt::format(R"({{"comment":{},"decision":"{}"}})", json_text(comment), decision));
}

void record_final_review(Context ctx, const FinalVerdict& verdict) {
  record(ctx, fact::kFinalReview,
         fmt::format(R"({{"approved":{},"feedback":{}}})", verdict.approved,
                     json_text(verdict.feedback)));
}

void record_partial(Context ctx, const std::vector<std::string>& missing) {
  record(ctx, fact::kPartial, fmt::format(R"({{"missing":{}}})", json_texts(missing)));
}

}  // namespace reprise
