#include "api/routes/run_json.hpp"

#include "api/attribute_json.hpp"

namespace reprise::api {
namespace {

void append_activity(std::string& out, const PendingActivity& activity) {
  ObjectWriter json(out);
  json.number("command_id", activity.command.value()).text("name", activity.name);
  json.number("attempt", activity.attempt.value()).time("scheduled_at", activity.scheduled_at);
  json.time_or_null("next_attempt_at", activity.next_attempt_at.value_or(UtcTime()));
  if (activity.last_failure)
    ObjectWriter(json.begin("last_failure"))
        .text("type", activity.last_failure->type)
        .text("message", activity.last_failure->message)
        .boolean("retryable", activity.last_failure->retryable)
        .close();
  else
    json.null("last_failure");
  json.close();
}

void append_limit(std::string& out, const LimitUse& use) {
  ObjectWriter(out)
      .text("limit", use.limit)
      .number("used", use.used)
      .number("max", use.max)
      .close();
}

void append_timer(std::string& out, const PendingTimer& timer) {
  ObjectWriter(out)
      .number("command_id", timer.command.value())
      .time("fire_at", timer.fire_at)
      .close();
}

void append_child(std::string& out, const PendingChild& child) {
  ObjectWriter json(out);
  json.number("command_id", child.command.value()).text("type", child.type);
  json.text("workflow_id", child.workflow.text());
  if (child.run)
    json.text("run_id", to_string(*child.run));
  else
    json.null("run_id");
  json.close();
}

template <typename Item>
void put_list(ObjectWriter& json, std::string_view key, const std::vector<Item>& items,
              void (*append)(std::string&, const Item&)) {
  std::string& out = json.begin(key) += '[';
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out += ',';
    append(out, items[i]);
  }
  out += ']';
}

}  // namespace

void append_parked(std::string& out, const ParkedReason& parked) {
  ObjectWriter(out)
      .number("at_seq", parked.at.value())
      .text("expected", parked.expected)
      .text("found", parked.found)
      .text("build", parked.build)
      .time("since", parked.since)
      .close();
}

void put_view(ObjectWriter& json, const RunView& view) {
  json.text("workflow_id", view.workflow.text()).text("run_id", to_string(view.run));
  json.text("type", view.type).text("status", to_string(view.status));
  json.time("started_at", view.started_at).time("updated_at", view.updated_at);
  json.time_or_null("closed_at", view.closed_at);
  append_attributes(json.begin("attributes"), view.attributes);
}

std::string to_json(const RunDescription& description) {
  std::string out;
  ObjectWriter json(out);
  const RunView& view = description.view;
  put_view(json, view);
  if (description.memo.bytes.empty())
    json.null("memo");
  else
    json.payload("memo", description.memo);
  json.number("last_seq", view.last.value());
  json.boolean("cancel_requested", description.cancel_requested);
  json.number("pending_inputs", description.inputs_pending);
  put_list(json, "pending_activities", description.activities, append_activity);
  put_list(json, "pending_timers", description.timers, append_timer);
  put_list(json, "pending_children", description.children, append_child);
  json.number("pending_updates", description.updates_open);
  json.time_or_null("starts_at", description.starts_at.value_or(UtcTime()));
  json.time_or_null("deadline", description.deadline.value_or(UtcTime()));
  if (description.paused)
    ObjectWriter(json.begin("paused"))
        .time("since", description.paused->since)
        .text("reason", description.paused->reason)
        .close();
  else
    json.null("paused");
  if (description.parked)
    append_parked(json.begin("parked"), *description.parked);
  else
    json.null("parked");
  put_list(json, "warnings", description.near_limits, append_limit);
  json.raw("view", view.custom.empty() ? "null" : view.custom);
  json.close();
  return out;
}

void put_outcome(ObjectWriter& json, const RunOutcome& outcome) {
  json.text("status", to_string(outcome.status));
  if (outcome.status == RunStatus::completed)
    json.payload("result", outcome.result).null("error");
  else
    ObjectWriter(json.null("result").begin("error"))
        .text("type", outcome.error_type.empty() ? to_string(outcome.status) : outcome.error_type)
        .text("message", outcome.message)
        .close();
  json.time("closed_at", outcome.closed_at);
}

}  // namespace reprise::api
