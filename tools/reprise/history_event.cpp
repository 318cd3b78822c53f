#include "tools/reprise/history_event.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tools/reprise/json_read.hpp"

namespace reprise::cli {
namespace {

// What the event says beyond its name: the failure, the reason, or the payload's beginning.
std::string detail_of(const Json& data) {
  const Json& failure = at(data, "failure");
  if (failure.is_object()) {
    std::string detail = text_at(failure, "type");
    const std::string message = text_at(failure, "message");
    if (!message.empty()) (detail += detail.empty() ? "" : ": ") += message;
    return detail;
  }
  for (const std::string_view key : {"message", "reason", "fact", "payload", "input", "result"})
    if (std::string detail = cut(plain_text(at(data, key)), 400); !detail.empty()) return detail;
  return {};
}

// The facts with which a task says what a stage came to.
std::string note_of(std::string_view name, const Json& fact) {
  if (name == "task_analyzed") return text_at(fact, "complexity") + ", " + text_at(fact, "domain");
  if (name == "subtasks_planned") {
    const std::size_t count = at(fact, "subtasks").size();
    return fmt::format("{} {}", count, count == 1 ? "subtask" : "subtasks");
  }
  if (name != "specialists_selected") return {};
  const Json& team = at(fact, "specialists");
  std::string note;
  if (team.is_array())
    for (const Json& member : team) (note += note.empty() ? "" : ", ") += text_at(member, "type");
  return note;
}

std::optional<HistoryEvent> event_of(const Json& json) {
  HistoryEvent event;
  event.sequence = count_at(json, "seq").value_or(0);
  event.kind = text_at(json, "kind");
  if (event.sequence == 0 || event.kind.empty()) return std::nullopt;
  const Json& data = at(json, "data");
  event.time = time_at(json, "time").value_or(UtcTime());
  event.command = count_at(json, "command_id").value_or(0);
  event.attempt = count_at(json, "attempt").value_or(0);
  event.name = first_text_at(data, {"name", "type"});
  event.detail = detail_of(data);
  if (event.kind == "fact_recorded") event.note = note_of(event.name, at(data, "fact"));
  if (event.kind == "run_failed") event.name = text_at(data, "type");
  return event;
}

Tone tone_of(std::string_view kind) {
  if (kind == "stage_entered") return Tone::accent;
  if (kind == "run_completed" || kind == "activity_completed") return Tone::good;
  if (kind == "activity_attempt_failed" || kind == "activity_attempt_lost") return Tone::warn;
  if (kind == "run_failed" || kind == "activity_failed" || kind == "run_cancelled")
    return Tone::bad;
  return Tone::plain;
}

}  // namespace

std::optional<HistoryEvent> read_event(std::string_view json) {
  return event_of(parse_or_null(json));
}

std::optional<HistoryPart> read_history(std::string_view json) {
  const Json page = parse_or_null(json);
  const Json& events = at(page, "events");
  if (!events.is_array()) return std::nullopt;
  HistoryPart part;
  for (const Json& item : events)
    if (auto event = event_of(item)) part.events.push_back(std::move(*event));
  part.next = count_at(page, "next").value_or(0);
  return part;
}

std::string event_line(const HistoryEvent& event, UtcTime began, const TextStyle& style) {
  std::string about = event.command == 0 ? std::string() : fmt::format("#{}", event.command);
  const auto add = [&about](std::string_view text) {
    if (!text.empty()) (about += about.empty() ? "" : " ") += text;
  };
  add(event.name);
  if (event.attempt > 1) add(fmt::format("(attempt {})", event.attempt));
  add(event.detail);
  const std::string head =
      fmt::format("{:>5}  {:>10}  ", event.sequence, "+" + human_duration(event.time - began));
  const std::size_t used = head.size() + 25;
  return style.paint(Tone::dim, head) + style.paint(tone_of(event.kind), padded(event.kind, 23)) +
         "  " +
         cut(about, style.columns > used + 16 ? style.columns - used : 16, style.glyph("…", "~")) +
         "\n";
}

}  // namespace reprise::cli
