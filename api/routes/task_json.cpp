#include "api/routes/task_json.hpp"

namespace reprise::api {
namespace {

// `{"a":1}` → `"a":1`
std::string_view members_of(std::string_view object) {
  return object.size() < 2 ? std::string_view() : object.substr(1, object.size() - 2);
}

// Of a run whose view a build without the task's fold has made.
void put_bare(ObjectWriter& json, const RunView& view) {
  const bool runs = view.status == RunStatus::running;
  json.text("status", runs ? "in_progress" : to_string(view.status));
  json.time("created_at", view.started_at).time("updated_at", view.updated_at);
}

}  // namespace

std::string task_json(const RunView& view, const std::optional<RunOutcome>& outcome) {
  std::string out;
  ObjectWriter json(out);
  json.text("task_id", view.workflow.text());
  if (const std::string_view members = members_of(view.custom); !members.empty())
    (out += ',') += members;
  else
    put_bare(json, view);
  json.text("run_id", to_string(view.run)).null("estimated_completion");
  if (outcome && outcome->status == RunStatus::completed)
    json.payload("result", outcome->result);
  else
    json.null("result");
  json.close();
  return out;
}

std::string task_result_json(const RunView& view, const RunOutcome& outcome) {
  std::string out;
  ObjectWriter json(out);
  json.text("task_id", view.workflow.text()).text("status", to_string(outcome.status));
  if (outcome.status == RunStatus::completed)
    json.payload("result", outcome.result).null("error");
  else
    ObjectWriter(json.null("result").begin("error"))
        .text("type", outcome.status == RunStatus::cancelled ? "cancelled" : outcome.error_type)
        .text("message", outcome.message)
        .close();
  json.time("completed_at", outcome.closed_at);
  json.close();
  return out;
}

std::string task_member(const RunView& view, std::string_view key) {
  const Result<JsonValue> custom = parse_json(view.custom);
  const JsonValue* found = custom ? custom->find(key) : nullptr;
  return found == nullptr ? std::string() : found->text;
}

}  // namespace reprise::api
