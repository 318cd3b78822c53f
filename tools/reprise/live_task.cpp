#include "tools/reprise/live_task.hpp"

#include <fmt/format.h>

namespace reprise::cli {

std::string LiveTask::closed_stage_line(const StageSpan& stage) const {
  std::string came_to = stage.note;
  if (stage.note.empty() || stage.retries + stage.lost > 0)
    (came_to += came_to.empty() ? "" : "; ") += what_happened(stage);
  return fmt::format(
      "  {} {} {}  {}\n", style_.paint(Tone::good, style_.glyph("✓", "+")), padded(stage.name, 22),
      style_.paint(Tone::dim, fmt::format("{:>9}", human_duration(stage.left - stage.entered))),
      style_.paint(Tone::dim, came_to));
}

std::string LiveTask::entered_line(const HistoryEvent& event) const {
  return fmt::format("{:>10}  {}\n", "+" + human_duration(event.time - timeline_.began()),
                     event.name);
}

// What a person should see at once, whatever the stage.
std::string LiveTask::notice(const HistoryEvent& event) const {
  const std::string detail = cut(event.detail, 120, style_.glyph("…", "~"));
  const auto line = [&](Tone tone, std::string_view text) {
    return fmt::format("    {} #{} {}\n", style_.paint(tone, "!"), event.command, text);
  };
  if (event.kind == "activity_attempt_failed")
    return line(Tone::warn,
                fmt::format("attempt {} failed, it is tried again: {}", event.attempt, detail));
  if (event.kind == "activity_attempt_lost")
    return line(Tone::warn,
                fmt::format("attempt {} was lost with the server, it runs again", event.attempt));
  if (event.kind == "activity_failed") return line(Tone::bad, detail);
  if (event.kind == "signal_received" || event.kind == "cancel_requested")
    return fmt::format("    {} {} {} {}\n", style_.paint(Tone::accent, "!"), event.kind, event.name,
                       detail);
  return {};
}

std::string LiveTask::apply(const HistoryEvent& event) {
  const std::size_t stages_before = timeline_.stages().size();
  if (!timeline_.apply(event)) return {};
  latest_ = event.time;
  const bool enters_stage = event.kind == "stage_entered";
  if (!redraws_) {
    if (enters_stage) return entered_line(event);
    return event.note.empty() ? notice(event) : fmt::format("{:14}{}\n", "", event.note);
  }
  std::string lines;
  if (stages_before > 0 && (enters_stage || event.is_last()))
    if (const StageSpan& left = timeline_.stages()[stages_before - 1]; !left.is_end())
      lines = closed_stage_line(left);
  return lines + notice(event);
}

std::string LiveTask::apply(const TaskPicture& task) {
  std::string lines;
  for (const SubtaskPicture& subtask : task.subtasks) {
    std::string& known = statuses_[subtask.id.empty() ? subtask.title : subtask.id];
    if (known == subtask.status) continue;
    known = subtask.status;
    if (subtask.tone() == Tone::dim || subtask.status == "in_review") continue;
    const std::string title =
        cut(subtask.title, style_.columns > 60 ? style_.columns - 44 : 16, style_.glyph("…", "~"));
    lines +=
        fmt::format("      {} {}  {}\n", style_.paint(subtask.tone(), subtask.glyph(style_)), title,
                    style_.paint(Tone::dim, subtask.specialist + "  " + subtask.status));
  }
  task_ = task;
  return lines;
}

// Never wider than the screen: a line that wraps cannot be redrawn.
std::string LiveTask::footer() const {
  std::string text = "  " + progress_bar(task_.progress, style_) + "  " + task_.stage;
  std::size_t used = columns_of("  " + progress_bar(task_.progress, {}) + "  " + task_.stage);
  const auto add = [&](const std::string& part) {
    used += columns_of(part);
    if (used < style_.columns) text += style_.paint(Tone::dim, part);
  };
  if (!timeline_.empty()) add("  " + human_duration(latest_ - timeline_.began()));
  if (!task_.subtasks.empty())
    add(fmt::format("  {} of {} subtasks", task_.subtasks_done(), task_.subtasks.size()));
  return text;
}

}  // namespace reprise::cli
