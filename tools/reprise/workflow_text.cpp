#include "tools/reprise/workflow_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "tools/reprise/json_read.hpp"
#include "tools/reprise/task_picture.hpp"

namespace reprise::cli {
namespace {

std::string indented(const Json& value) {
  return printable(value.dump(2, ' ', false, Json::error_handler_t::replace), /*one_line=*/false);
}

// Fields, nested ones as "outer.inner".
void add_fields(TextTable& table, const Json& object, const std::string& prefix) {
  for (const auto& [key, value] : object.items()) {
    const std::string name = prefix + printable(key);
    if (value.is_object() && !value.empty())
      add_fields(table, value, name + ".");
    else if (!value.is_null())
      table.add({{.text = name, .tone = Tone::dim}, {.text = plain_text(value)}});
  }
}

// In the first line of a workflow, or in a table of its own.
bool is_shown_elsewhere(std::string_view key) {
  constexpr std::array<std::string_view, 5> kKeys = {"workflow_id", "type", "status",
                                                     "pending_activities", "pending_timers"};
  return std::ranges::find(kKeys, key) != kKeys.end();
}

std::string pending_activities(const Json& workflow, const TextStyle& style) {
  const Json& list = at(workflow, "pending_activities");
  if (!list.is_array() || list.empty()) return {};
  TextTable table({"#", "ACTIVITY", "ATTEMPT", "NEXT TRY", "LAST FAILURE"});
  for (const Json& item : list) {
    const Json& failure = at(item, "last_failure");
    const std::string message = text_at(failure, "message");
    table.add({{.text = plain_text(at(item, "command_id")), .right = true},
               {.text = text_at(item, "name")},
               {.text = plain_text(at(item, "attempt")), .right = true},
               {.text = first_text_at(item, {"next_attempt_at"})},
               {.text = text_at(failure, "type") + (message.empty() ? "" : ": ") + message,
                .tone = Tone::warn}});
  }
  return "\n" + style.paint(Tone::bold, "Open activities") + "\n" + table.text(style, "  ");
}

std::string pending_timers(const Json& workflow, const TextStyle& style) {
  const Json& list = at(workflow, "pending_timers");
  if (!list.is_array() || list.empty()) return {};
  TextTable table({"#", "FIRES AT"});
  for (const Json& item : list)
    table.add({{.text = plain_text(at(item, "command_id")), .right = true},
               {.text = text_at(item, "fire_at")}});
  return "\n" + style.paint(Tone::bold, "Timers") + "\n" + table.text(style, "  ");
}

}  // namespace

std::string started_workflow_text(std::string_view json, const TextStyle& style) {
  const Json answer = parse_or_null(json);
  const std::string id = text_at(answer, "workflow_id");
  return fmt::format(
      "{}  {}\n{}\n", style.paint(Tone::bold, id),
      style.paint(Tone::dim, text_at(answer, "run_id")),
      style.paint(Tone::dim, "  its events: reprise workflow history " + id + " --follow"));
}

std::string parked_list_text(std::string_view json, const TextStyle& style) {
  const Json page = parse_or_null(json);
  const Json& runs = at(page, "parked");
  if (!runs.is_array() || runs.empty()) return "no workflow is parked\n";
  std::string text;
  for (const Json& run : runs) {
    const Json& reason = at(run, "reason");
    text += fmt::format("{}  {}\n", style.paint(Tone::bold, printable(text_at(run, "workflow_id"))),
                        style.paint(Tone::dim, text_at(run, "run_id")));
    text += fmt::format("  at event {}, since {}, by {}\n", plain_text(at(reason, "at_seq")),
                        text_at(reason, "since"), printable(text_at(reason, "build")));
    text += fmt::format("  the log: {}\n  the code: {}\n", printable(text_at(reason, "expected")),
                        style.paint(Tone::warn, printable(text_at(reason, "found"))));
  }
  return text;
}

std::string workflow_list_text(std::string_view json, const TextStyle& style) {
  const Json page = parse_or_null(json);
  const Json& workflows = at(page, "workflows");
  if (!workflows.is_array() || workflows.empty()) return "no workflows\n";
  TextTable table({"WORKFLOW", "TYPE", "STATUS", "STARTED", "RUN"});
  for (const Json& item : workflows) {
    const std::string status = text_at(item, "status");
    table.add({{.text = text_at(item, "workflow_id")},
               {.text = text_at(item, "type")},
               {.text = status, .tone = tone_of_status(status)},
               {.text = text_at(item, "started_at"), .tone = Tone::dim},
               {.text = text_at(item, "run_id"), .tone = Tone::dim}});
  }
  return table.text(style);
}

std::string workflow_text(std::string_view json, const TextStyle& style) {
  const Json workflow = parse_or_null(json);
  const std::string status = text_at(workflow, "status");
  std::string out =
      fmt::format("{}  {}  {}\n", style.paint(Tone::bold, text_at(workflow, "workflow_id")),
                  text_at(workflow, "type"), style.paint(tone_of_status(status), status));
  TextTable table;
  if (workflow.is_object())
    for (const auto& [key, value] : workflow.items())
      if (!is_shown_elsewhere(key) && !value.is_null() && !value.empty())
        table.add({{.text = printable(key), .tone = Tone::dim}, {.text = plain_text(value)}});
  return out + table.text(style, "  ") + pending_activities(workflow, style) +
         pending_timers(workflow, style);
}

std::string workflow_result_text(std::string_view json, const TextStyle& style) {
  const Json outcome = parse_or_null(json);
  const std::string status = text_at(outcome, "status");
  std::string out;
  if (!status.empty() && status != "completed")
    out += style.paint(tone_of_status(status), status) + "\n";
  if (const Json& result = at(outcome, "result"); !result.is_null())
    return out +
           (result.is_string() ? printable(result.get<std::string>(), false) : indented(result)) +
           "\n";
  const Json& error = at(outcome, "error");
  std::string type = text_at(error, "type");
  if (type == status) type.clear();
  const std::string message =
      error.is_object() ? text_at(error, "message") : first_text_at(outcome, {"message", "reason"});
  if (!type.empty() || !message.empty())
    out += "  " + type + (type.empty() || message.empty() ? "" : ": ") + message + "\n";
  return out;
}

std::string fields_text(std::string_view json, const TextStyle& style) {
  const Json value = parse_or_null(json);
  if (!value.is_object()) return plain_text(value) + "\n";
  TextTable table;
  add_fields(table, value, "");
  return table.text(style);
}

std::string server_text(std::string_view json, std::string_view url, const TextStyle& style) {
  const Json health = parse_or_null(json);
  const std::string status = text_at(health, "status");
  TextTable table;
  if (health.is_object())
    for (const auto& [key, value] : health.items()) {
      if (key == "status" || key == "timestamp" || value.is_null()) continue;
      if (value.is_object())
        add_fields(table, value, printable(key) + ".");
      else
        table.add({{.text = printable(key), .tone = Tone::dim}, {.text = plain_text(value)}});
    }
  return style.paint(tone_of_status(status), status) + "  " + std::string(url) + "\n" +
         table.text(style, "  ");
}

}  // namespace reprise::cli
