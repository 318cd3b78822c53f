#include "workflows/schedule/schedule_view.hpp"

#include <memory>
#include <utility>
#include <vector>

#include "activities/contracts/json_value.hpp"
#include "activities/contracts/utf8.hpp"

namespace reprise {
namespace {

constexpr std::size_t kSummaryBytesMax = kViewBytesMax - 1100;
constexpr std::size_t kTypeShownBytesMax = 100;
constexpr std::size_t kNoteShownBytesMax = 120;

// One object, member by member, in the order of the calls.
class Members {
 public:
  Members& text(std::string_view key, std::string_view value) {
    append_json_text(begin(key), value);
    return *this;
  }
  Members& number(std::string_view key, std::uint64_t value) {
    begin(key) += std::to_string(value);
    return *this;
  }
  Members& raw(std::string_view key, std::string_view json) {
    begin(key) += json;
    return *this;
  }
  Members& time(std::string_view key, std::uint64_t micros) {
    if (micros == 0) return raw(key, "null");
    return text(key, to_rfc3339(UtcTime::from_micros(static_cast<std::int64_t>(micros))));
  }
  [[nodiscard]] std::string take() { return std::move(json_) + "}"; }

 private:
  std::string& begin(std::string_view key) {
    if (json_.size() > 1) json_ += ',';
    append_json_text(json_, key);
    return json_ += ':';
  }
  std::string json_ = "{";
};

template <typename Item, typename Show>
std::string list_of(const std::vector<Item>& items, Show show) {
  std::string json = "[";
  for (const Item& item : items) {
    if (json.size() > 1) json += ',';
    json += show(item);
  }
  return json + "]";
}

std::string in_quotes(std::string_view text) {
  std::string json;
  append_json_text(json, text);
  return json;
}

std::string json_of(const RecentStart& start) {
  return Members()
      .time("fire_time", start.fire_us)
      .time("started_at", start.at_us)
      .text("workflow_id", start.workflow_id)
      .text("cause", to_string(start.cause))
      .text("outcome", start.outcome)
      .raw("message", start.message.empty() ? "null" : in_quotes(start.message))
      .take();
}

std::string json_of(const OpenBackfill& backfill) {
  return Members()
      .time("after", backfill.after_us)
      .time("to", backfill.to_us)
      .text("overlap", to_string(backfill.overlap))
      .take();
}

void put_counts(Members& members, const ScheduleCounts& counts) {
  members.number("started", counts.started)
      .number("refused", counts.refused)
      .number("missed", counts.missed)
      .number("skipped", counts.skipped)
      .number("overflowed", counts.overflowed);
}

std::string action_of(const ScheduleAction& action) {
  Members members;
  members.text("type", action.type);
  if (!action.input.empty())
    members.raw("input", parse_json(action.input) ? action.input : in_quotes(action.input));
  if (!action.run_timeout.empty()) members.text("run_timeout", action.run_timeout);
  if (!action.execution_timeout.empty())
    members.text("execution_timeout", action.execution_timeout);
  return members.take();
}

std::string text_or(const std::string& text, std::string_view otherwise) {
  return in_quotes(text.empty() ? otherwise : text);
}

}  // namespace

std::string schedule_summary(const Schedule& schedule) {
  const ScheduleState& state = schedule.state();
  Members members;
  members.raw("spec", encode(state.plan.spec).bytes)
      .text("type", utf8_cut(state.plan.action.type, kTypeShownBytesMax))
      .text("overlap", to_string(state.plan.overlap))
      .raw("paused", state.paused ? "true" : "false")
      .text("note", utf8_cut(state.note, kNoteShownBytesMax));
  const RecentStart last = state.recent.empty() ? RecentStart() : state.recent.back();
  members.time("last_fire_time", last.fire_us).text("last_workflow_id", last.workflow_id);
  if (state.plan.spec.remaining_actions > 0)
    members.number("remaining_actions", state.actions_left);
  put_counts(members, state.counts);
  return members.take();
}

std::string schedule_description(const Schedule& schedule, UtcTime now) {
  const ScheduleState& state = schedule.state();
  const auto time_text = [](UtcTime time) { return in_quotes(to_rfc3339(time)); };
  Members members;
  members.raw("spec", encode(state.plan.spec).bytes)
      .raw("action", action_of(state.plan.action))
      .text("overlap", to_string(state.plan.overlap))
      .raw("catchup_window", text_or(state.plan.catchup_window, "1h"))
      .raw("jitter", text_or(state.plan.jitter, "0s"))
      .raw("paused", state.paused ? "true" : "false")
      .text("note", state.note)
      .raw("next_fire_times", list_of(schedule.upcoming(now, kUpcomingShown), time_text))
      .raw("recent_starts",
           list_of(state.recent, [](const RecentStart& start) { return json_of(start); }))
      .raw("open_workflow_id",
           schedule.open_workflow() ? in_quotes(*schedule.open_workflow()) : "null")
      .number("waiting", state.ready.size() + state.waiting.size())
      .raw("backfills", list_of(state.backfills,
                                [](const OpenBackfill& backfill) { return json_of(backfill); }));
  if (state.plan.spec.remaining_actions > 0)
    members.number("remaining_actions", state.actions_left);
  put_counts(members, state.counts);
  return members.take();
}

bool ScheduleViewFold::apply(const Event& event) {
  const auto* recorded = std::get_if<FactRecorded>(&event.body);
  if (recorded == nullptr || recorded->name != kScheduleFact) return false;
  if (recorded->fact.bytes.size() > kSummaryBytesMax || !parse_json(recorded->fact.bytes))
    return false;
  summary_ = recorded->fact.bytes;
  return true;
}

ViewDefinition schedule_view() {
  return {.version = 1, .make = [] { return std::make_unique<ScheduleViewFold>(); }};
}

}  // namespace reprise
