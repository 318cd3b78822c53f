#include "api/routes/schedule_json.hpp"

#include <algorithm>

#include "api/json_output.hpp"
#include "api/routes/call_input.hpp"
#include "workflows/schedule/fire_times.hpp"
#include "workflows/schedule/schedule_updates.hpp"

namespace reprise::api {
namespace {

// Room is left for what stands around it in the ids of the runs: "schedule_", the fire time, "-t1".
constexpr std::size_t kIdBytesMax = 200;

JsonValue* member_of(JsonValue& object, std::string_view key) {
  const auto found = std::ranges::find(object.members, key, &JsonMember::key);
  return found == object.members.end() ? nullptr : &found->value;
}

// A plan holds its action's input as a text: its bytes.
void take_input_as_text(JsonValue& body, std::string_view bytes) {
  JsonValue* action = member_of(body, "action");
  JsonValue* input = action == nullptr ? nullptr : member_of(*action, "input");
  if (input == nullptr) return;
  const auto action_bytes = raw_member(bytes, "action");
  const auto input_bytes = action_bytes ? raw_member(*action_bytes, "input") : std::nullopt;
  std::string text = input_bytes ? std::string(*input_bytes) : to_json(*input);
  *input = JsonValue{.kind = JsonValue::Kind::text, .text = std::move(text)};
}

void check_id(const std::string& id, InputErrors& errors) {
  if (id.size() <= kIdBytesMax && WorkflowId::parse(id)) return;
  errors.add("id",
             "must be 1 to 200 printable ASCII characters without space and / ? # % \" \\ < >, and "
             "neither . nor ..");
}

bool is_exhausted(const JsonValue& summary) {
  const JsonValue* left = summary.find("remaining_actions");
  return left != nullptr && left->integer == 0;
}

UtcTime next_fire_time(const JsonValue& summary, UtcTime now) {
  const JsonValue* spec_json = summary.find("spec");
  const JsonValue* paused = summary.find("paused");
  if (spec_json == nullptr || paused == nullptr || paused->boolean || is_exhausted(summary))
    return {};
  ScheduleSpec spec;
  if (!decode(Payload{to_json(*spec_json)}, spec)) return {};
  const auto times = FireTimes::of(spec);
  return times ? times->next(now).value_or(UtcTime()) : UtcTime();
}

}  // namespace

ScheduleBody read_schedule(const ApiContext& api, const HttpRequest& request, ScheduleUse use,
                           InputErrors& errors) {
  ScheduleBody asked;
  auto body = read_object(request.body(), errors);
  if (!body) return asked;
  asked.canonical = to_json(*body);
  take_input_as_text(*body, request.body());
  SchedulePlan& plan = asked.state.plan;
  ObjectReader read(*body, errors);
  if (use == ScheduleUse::create) {
    read("id", asked.id, Text{.max = kIdBytesMax});
    read("paused", asked.state.paused);
    read("note", asked.state.note, Text{.max = kNoteCharactersMax});
  }
  SchedulePlan::fields(read, plan);
  read.finish();
  if (use == ScheduleUse::create) check_id(asked.id, errors);
  if (!errors.empty()) return asked;
  if (const Result<> fits = check(plan); !fits) errors.add(fits.error().field, fits.error().detail);
  if (!plan.action.type.empty())
    check_start(api, {plan.action.type, Payload{plan.action.input}}, "action.", errors);
  return asked;
}

std::string_view schedule_id_of(const WorkflowId& workflow) {
  return std::string_view(workflow.text()).substr(kScheduleIdPrefix.size());
}

std::string schedule_row(const RunView& view, UtcTime now) {
  std::string row;
  const Result<JsonValue> summary = parse_json(view.custom);
  ObjectWriter json(row);
  json.text("schedule_id", schedule_id_of(view.workflow));
  json.text("workflow_id", view.workflow.text());
  json.time_or_null("next_fire_time", summary ? next_fire_time(*summary, now) : UtcTime());
  if (summary)
    for (const JsonMember& member : summary->members) json.raw(member.key, to_json(member.value));
  json.close();
  return row;
}

std::string with_recent_starts(const std::string& description, const JsonValue& starts) {
  const auto old = raw_member(description, "recent_starts");
  if (!old) return description;
  std::string whole = description;
  return whole.replace(static_cast<std::size_t>(old->data() - description.data()), old->size(),
                       to_json(starts));
}

}  // namespace reprise::api
