#include "workflows/task/workplan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "activities/contracts/utf8.hpp"

namespace reprise {
namespace {

using State = WorkItem::State;

bool gives_nothing(State state) { return state == State::failed; }

bool has_result(State state) {
  return state == State::solved || state == State::accepted || state == State::refused;
}

SubtaskSolution with_origin(const WorkItem& item, std::size_t content_bytes_max) {
  SubtaskSolution solution{item.subtask.id, item.subtask.title, item.subtask.specialist,
                           item.solution};
  solution.solution.content = utf8_cut(item.solution.content, content_bytes_max);
  return solution;
}

}  // namespace

Workplan::Workplan(std::vector<Subtask> subtasks, SubtaskGraph graph) : graph_(std::move(graph)) {
  items_.reserve(subtasks.size());
  for (std::size_t i = 0; i < subtasks.size(); ++i)
    items_.push_back({.subtask = std::move(subtasks[i]), .phase = graph_.phase(i)});
}

std::optional<std::size_t> Workplan::start_next() {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < items_.size(); ++i) {
    if (items_[i].state != State::waiting) continue;
    const bool is_free = std::ranges::all_of(
        graph_.dependencies(i), [this](std::size_t d) { return has_result(items_[d].state); });
    if (is_free && (!best || items_[i].subtask.priority < items_[*best].subtask.priority)) best = i;
  }
  if (best) {
    WorkItem& item = items_[*best];
    item.state = State::running;
    item.tried.push_back(item.subtask.specialist);
  }
  return best;
}

void Workplan::give_up(std::size_t index, std::string problem) {
  WorkItem& item = items_[index];
  item.state = item.solution.content.empty() ? State::failed : State::refused;
  item.problem = std::move(problem);
}

std::optional<std::size_t> Workplan::fail_next_blocked() {
  for (std::size_t i = 0; i < items_.size(); ++i) {
    if (items_[i].state != State::waiting) continue;
    for (const std::size_t d : graph_.dependencies(i)) {
      if (!gives_nothing(items_[d].state)) continue;
      give_up(i, fmt::format("needs {}, which gave nothing", items_[d].subtask.id));
      return i;
    }
  }
  return std::nullopt;
}

std::optional<std::size_t> Workplan::next_unreviewed(std::size_t from) const {
  for (std::size_t i = from; i < items_.size(); ++i)
    if (items_[i].state == State::solved) return i;
  return std::nullopt;
}

bool Workplan::has(State state) const {
  return std::ranges::find(items_, state, &WorkItem::state) != items_.end();
}

std::vector<SubtaskSolution> Workplan::results_for(std::size_t index) const {
  std::vector<SubtaskSolution> results;
  const std::vector<std::size_t>& needed = graph_.dependencies(index);
  for (const std::size_t d : needed)
    results.push_back(with_origin(items_[d], kSolutionsBytesMax / needed.size()));
  return results;
}

std::vector<SubtaskSolution> Workplan::accepted() const {
  const auto count =
      static_cast<std::size_t>(std::ranges::count(items_, State::accepted, &WorkItem::state));
  std::vector<SubtaskSolution> solutions;
  for (const WorkItem& item : items_)
    if (item.state == State::accepted)
      solutions.push_back(with_origin(item, kSolutionsBytesMax / count));
  return solutions;
}

std::vector<std::string> Workplan::missing_titles() const {
  std::vector<std::string> titles;
  for (const WorkItem& item : items_)
    if (item.state != State::accepted) titles.push_back(item.subtask.title);
  return titles;
}

std::string Workplan::describe_missing() const {
  std::string text;
  for (const WorkItem& item : items_) {
    if (item.state == State::accepted) continue;
    if (!text.empty()) text += "; ";
    text += fmt::format("{} ({}): {}", item.subtask.id, utf8_cut(item.subtask.title, 80),
                        utf8_cut(item.problem, 300));
  }
  return text;
}

std::vector<SubtaskResult> Workplan::results() const {
  std::vector<SubtaskResult> results;
  for (const WorkItem& item : items_) {
    SubtaskStatus status = SubtaskStatus::accepted;
    if (item.state != State::accepted)
      status = gives_nothing(item.state) ? SubtaskStatus::failed : SubtaskStatus::not_accepted;
    results.push_back({.id = item.subtask.id,
                       .title = item.subtask.title,
                       .specialist = item.subtask.specialist,
                       .status = status,
                       .score = item.score,
                       .summary = item.solution.summary,
                       .problem = utf8_cut(item.problem, 2000)});
  }
  return results;
}

void order_revision(WorkItem& item, const std::vector<Specialist>& team) {
  item.state = State::waiting;
  if (item.verdict != Verdict::rejected) return;
  const auto fresh = std::ranges::find_if(team, [&](const Specialist& member) {
    return std::ranges::find(item.tried, member.type) == item.tried.end();
  });
  if (fresh != team.end()) item.subtask.specialist = fresh->type;
}

}  // namespace reprise
