#include "tools/reprise/task_picture.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tools/reprise/json_read.hpp"

namespace reprise::cli {
namespace {

constexpr std::uint64_t kBarColumns = 24;

std::string usage_of(const Json& usage) {
  const auto calls = count_at(usage, "calls");
  if (!calls) return {};
  return fmt::format("{} model calls, {} tokens in, {} out{}", *calls,
                     count_at(usage, "input_tokens").value_or(0),
                     count_at(usage, "output_tokens").value_or(0),
                     true_at(usage, "simulated") ? ", simulated" : "");
}

SubtaskPicture subtask_of(const Json& json) {
  if (json.is_string()) return {.title = plain_text(json)};
  return {.id = text_at(json, "id"),
          .title = first_text_at(json, {"title", "id"}),
          .specialist = text_at(json, "specialist"),
          .status = text_at(json, "status"),
          .score = number_at(json, "score")};
}

}  // namespace

bool SubtaskPicture::is_done() const { return status == "accepted"; }

Tone SubtaskPicture::tone() const {
  if (is_done()) return Tone::good;
  if (status == "failed") return Tone::bad;
  if (status == "not_accepted") return Tone::warn;
  return status.empty() || status == "pending" ? Tone::dim : Tone::accent;
}

std::string_view SubtaskPicture::glyph(const TextStyle& style) const {
  switch (tone()) {
    case Tone::good: return style.glyph("✓", "+");
    case Tone::bad: return style.glyph("✗", "x");
    case Tone::warn: return style.glyph("↻", "~");
    case Tone::accent: return style.glyph("●", "*");
    default: return style.glyph("○", "-");
  }
}

std::size_t TaskPicture::subtasks_done() const {
  return static_cast<std::size_t>(std::count_if(
      subtasks.begin(), subtasks.end(), [](const SubtaskPicture& s) { return s.is_done(); }));
}

std::optional<TaskPicture> read_task(std::string_view json) {
  const Json task = parse_or_null(json);
  TaskPicture picture{.id = text_at(task, "task_id"),
                      .title = text_at(task, "title"),
                      .status = text_at(task, "status"),
                      .stage = text_at(task, "current_stage"),
                      .priority = text_at(task, "priority"),
                      .completion = text_at(task, "completion")};
  if (picture.id.empty() || picture.status.empty()) return std::nullopt;
  picture.usage = usage_of(at(task, "usage"));
  const Json& error = at(task, "error");
  picture.error = error.is_object() ? first_text_at(error, {"message", "type"}) : plain_text(error);
  picture.progress = count_at(task, "progress").value_or(0);
  picture.created_at = time_at(task, "created_at").value_or(UtcTime());
  picture.updated_at = time_at(task, "updated_at").value_or(picture.created_at);
  const Json& subtasks = at(task, "subtasks");
  if (subtasks.is_array())
    for (const Json& item : subtasks) picture.subtasks.push_back(subtask_of(item));
  if (const Json& result = at(task, "result"); !result.is_null())
    picture.result = result.dump(-1, ' ', false, Json::error_handler_t::replace);
  return picture;
}

Tone tone_of_status(std::string_view status) {
  if (status == "completed" || status == "healthy" || status == "ready") return Tone::good;
  if (status == "failed" || status == "parked" || status == "unhealthy") return Tone::bad;
  if (status == "cancelled" || status == "paused" || status == "waiting_for_human" ||
      status == "degraded")
    return Tone::warn;
  return Tone::accent;
}

std::string progress_bar(std::uint64_t percent, const TextStyle& style) {
  const std::uint64_t filled = std::min<std::uint64_t>(percent, 100) * kBarColumns / 100;
  std::string done;
  std::string rest;
  for (std::uint64_t i = 0; i < filled; ++i) done += style.glyph("█", "#");
  for (std::uint64_t i = filled; i < kBarColumns; ++i) rest += style.glyph("░", ".");
  return style.paint(Tone::accent, done) + style.paint(Tone::dim, rest) +
         fmt::format(" {:>3} %", percent);
}

}  // namespace reprise::cli
