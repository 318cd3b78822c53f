#include "tools/reprise/timeline.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace reprise::cli {
namespace {

constexpr std::int64_t kBarColumns = 30;

// The part of the run's time that the stage took, at its place.
std::string bar_of(const StageSpan& stage, UtcTime began, Duration total, const TextStyle& style) {
  const std::int64_t micros = std::max<std::int64_t>(total.count(), 1);
  const std::int64_t first =
      std::min((stage.entered - began).count() * kBarColumns / micros, kBarColumns - 1);
  const std::int64_t last =
      std::max(first + 1, ((stage.left - began).count() * kBarColumns + micros / 2) / micros);
  std::string bar;
  for (std::int64_t column = 0; column < kBarColumns; ++column)
    bar += column >= first && column < last ? style.glyph("█", "#") : style.glyph("·", ".");
  return bar;
}

}  // namespace

bool Timeline::apply(const HistoryEvent& event) {
  if (event.sequence <= last_sequence_) return false;
  last_sequence_ = event.sequence;
  if (began_ == UtcTime()) began_ = event.time;
  latest_ = event.time;
  if (event.kind == "stage_entered") {
    if (!stages_.empty()) stages_.back().left = event.time;
    stages_.push_back({.name = event.name, .entered = event.time, .left = event.time});
    return true;
  }
  if (stages_.empty()) return true;
  StageSpan& stage = stages_.back();
  stage.left = event.time;
  if (!event.note.empty()) stage.note = event.note;
  if (event.kind == "activity_completed") ++stage.calls;
  if (event.kind == "activity_attempt_failed") ++stage.retries;
  if (event.kind == "activity_attempt_lost") ++stage.lost;
  return true;
}

std::string what_happened(const StageSpan& stage) {
  std::string out;
  const auto add = [&out](unsigned count, std::string_view one, std::string_view more) {
    if (count == 0) return;
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", count, count == 1 ? one : more);
  };
  add(stage.calls, "call", "calls");
  add(stage.retries, "retry", "retries");
  add(stage.lost, "attempt lost in a restart", "attempts lost in a restart");
  return out;
}

std::string Timeline::text(const TextStyle& style, std::string_view indent) const {
  TextTable table;
  for (const StageSpan& stage : stages_) {
    if (stage.is_end()) continue;
    const Tone tone = stage.lost + stage.retries > 0 ? Tone::warn : Tone::dim;
    table.add({{.text = stage.name},
               {.text = human_duration(stage.left - stage.entered), .right = true},
               {.text = bar_of(stage, began_, latest_ - began_, style), .tone = Tone::accent},
               {.text = what_happened(stage), .tone = tone}});
  }
  return table.text(style, indent);
}

}  // namespace reprise::cli
