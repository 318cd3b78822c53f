#include "tools/reprise/schedule_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "tools/reprise/json_read.hpp"
#include "tools/reprise/task_picture.hpp"

namespace reprise::cli {
namespace {

// "0 9 * * *", or "every 15m, offset 1m".
std::string pattern_of(const Json& spec) {
  if (const std::string cron = text_at(spec, "cron"); !cron.empty()) return cron;
  const Json& interval = at(spec, "interval");
  const std::string offset = text_at(interval, "offset");
  return "every " + text_at(interval, "every") + (offset.empty() ? "" : ", offset " + offset);
}

Tone tone_of_outcome(std::string_view outcome) {
  return outcome == "refused" ? Tone::bad : tone_of_status(outcome);
}

std::string state_of(const Json& schedule) {
  return true_at(schedule, "paused") ? "paused" : "active";
}
Tone tone_of_state(const Json& schedule) {
  return true_at(schedule, "paused") ? Tone::warn : Tone::good;
}

// In the first lines, or in a table of its own.
bool is_shown_elsewhere(std::string_view key) {
  constexpr std::array<std::string_view, 6> kKeys = {
      "schedule_id", "paused", "spec", "action", "next_fire_times", "recent_starts"};
  return std::ranges::find(kKeys, key) != kKeys.end();
}

std::string next_fire_times(const Json& schedule, const TextStyle& style) {
  const Json& times = at(schedule, "next_fire_times");
  if (!times.is_array() || times.empty()) return {};
  std::string out = "\n" + style.paint(Tone::bold, "Next fire times") + "\n";
  for (const Json& time : times) out += "  " + plain_text(time) + "\n";
  return out;
}

std::string recent_starts(const Json& schedule, const TextStyle& style) {
  const Json& starts = at(schedule, "recent_starts");
  if (!starts.is_array() || starts.empty()) return {};
  TextTable table({"FIRE TIME", "BY", "OUTCOME", "WORKFLOW", ""});
  for (const Json& start : starts) {
    const std::string outcome = text_at(start, "outcome");
    table.add({{.text = text_at(start, "fire_time")},
               {.text = text_at(start, "cause")},
               {.text = outcome, .tone = tone_of_outcome(outcome)},
               {.text = text_at(start, "workflow_id")},
               {.text = text_at(start, "message"), .tone = Tone::warn}});
  }
  return "\n" + style.paint(Tone::bold, "Last starts") + "\n" + table.text(style, "  ");
}

}  // namespace

std::string schedule_list_text(std::string_view json, const TextStyle& style) {
  const Json page = parse_or_null(json);
  const Json& schedules = at(page, "schedules");
  if (!schedules.is_array() || schedules.empty()) return "no schedules\n";
  TextTable table({"SCHEDULE", "STATE", "WHEN (UTC)", "STARTS", "NEXT", "STARTED", "MISSED"});
  for (const Json& item : schedules)
    table.add({{.text = text_at(item, "schedule_id")},
               {.text = state_of(item), .tone = tone_of_state(item)},
               {.text = pattern_of(at(item, "spec"))},
               {.text = text_at(item, "type")},
               {.text = text_at(item, "next_fire_time"), .tone = Tone::dim},
               {.text = plain_text(at(item, "started")), .right = true},
               {.text = plain_text(at(item, "missed")), .right = true}});
  return table.text(style);
}

std::string schedule_text(std::string_view json, const TextStyle& style) {
  const Json schedule = parse_or_null(json);
  std::string out =
      fmt::format("{}  {}  {}  {}\n", style.paint(Tone::bold, text_at(schedule, "schedule_id")),
                  style.paint(tone_of_state(schedule), state_of(schedule)),
                  pattern_of(at(schedule, "spec")), text_at(at(schedule, "action"), "type"));
  TextTable table;
  if (schedule.is_object())
    for (const auto& [key, value] : schedule.items())
      if (!is_shown_elsewhere(key) && !value.is_null() && !value.empty() && value != "")
        table.add({{.text = printable(key), .tone = Tone::dim}, {.text = plain_text(value)}});
  return out + table.text(style, "  ") + next_fire_times(schedule, style) +
         recent_starts(schedule, style);
}

}  // namespace reprise::cli
