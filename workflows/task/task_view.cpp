#include "workflows/task/task_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>

#include "activities/contracts/model_answer.hpp"
#include "activities/contracts/task_request.hpp"
#include "activities/contracts/utf8.hpp"
#include "workflows/task/facts.hpp"

namespace reprise {
namespace {

constexpr std::size_t kNameBytesMax = 64;
constexpr std::size_t kTitleBytesMax = 160;
constexpr std::size_t kMessageBytesMax = 300;
constexpr std::size_t kTeamMax = 8;
constexpr std::uint32_t kExecutionFrom = 20;
constexpr std::uint32_t kExecutionTo = 70;

std::string quoted(std::string_view text) {
  std::string json;
  append_json_text(json, text);
  return json;
}

// Cut, and without control characters, which take six bytes each as JSON.
std::string line_of(std::string_view text, std::size_t bytes_max) {
  std::string line = utf8_cut(text, bytes_max);
  std::ranges::replace_if(
      line, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' ');
  return line;
}

// The text member; empty when there is none.
std::string text_of(const JsonValue& object, std::string_view key, std::size_t bytes_max) {
  const JsonValue* found = object.find(key);
  return found == nullptr ? std::string() : line_of(found->text, bytes_max);
}

const std::vector<JsonValue>& items_of(const JsonValue& object, std::string_view key) {
  static const std::vector<JsonValue> kNone;
  const JsonValue* found = object.find(key);
  return found == nullptr ? kNone : found->items;
}

std::string time_or_null(UtcTime time) {
  return time == UtcTime() ? "null" : fmt::format("\"{}\"", to_rfc3339(time));
}

std::string list_of(const std::vector<std::string>& texts) {
  std::string json = "[";
  for (const std::string& text : texts) json += (json.size() > 1 ? "," : "") + quoted(text);
  return json + "]";
}

}  // namespace

bool TaskViewFold::apply(const Event& event) {
  const bool changed = std::visit(
      [&]<typename Body>(const Body& body) {
        if constexpr (std::same_as<Body, RunStarted>) {
          start(body, event.time);
        } else if constexpr (std::same_as<Body, StageEntered>) {
          enter(body);
        } else if constexpr (std::same_as<Body, FactRecorded>) {
          take_fact(body);
        } else if constexpr (std::same_as<Body, ActivityCompleted>) {
          return count(body);
        } else if constexpr (std::same_as<Body, RunCompleted>) {
          end("completed", event.time, {}, {});
        } else if constexpr (std::same_as<Body, RunFailed>) {
          end("failed", event.time, body.type, body.message);
        } else if constexpr (std::same_as<Body, RunCancelled>) {
          end("cancelled", event.time, "cancelled", body.reason);
        } else {
          return false;
        }
        return true;
      },
      event.body);
  if (changed) updated_at_ = event.time;
  return changed;
}

void TaskViewFold::start(const RunStarted& started, UtcTime time) {
  created_at_ = time;
  TaskRequest request;
  if (!decode(started.input, request)) return;
  title_ = line_of(request.brief.title, kTitleBytesMax);
  user_id_ = line_of(request.user_id, kNameBytesMax);
  priority_ = request.priority;
}

bool TaskViewFold::count(const ActivityCompleted& completed) {
  ModelAnswer answer;
  if (!decode(completed.result, answer)) return false;
  ++usage_.calls;
  usage_.input_tokens += answer.input_tokens;
  usage_.output_tokens += answer.output_tokens;
  usage_.simulated = usage_.simulated || answer.simulated;
  return true;
}

void TaskViewFold::enter(const StageEntered& entered) {
  const auto stage = parse_stage(entered.name);
  if (!stage) return;
  stage_ = *stage;
  advance(progress_at(*stage));
}

void TaskViewFold::advance(std::uint32_t progress) { progress_ = std::max(progress_, progress); }

void TaskViewFold::advance_by_parts() {
  if (parts_.empty()) return;
  const auto finished =
      static_cast<std::uint32_t>(std::ranges::count(parts_, true, &Part::was_finished));
  const auto all = static_cast<std::uint32_t>(parts_.size());
  advance(kExecutionFrom + (kExecutionTo - kExecutionFrom) * finished / all);
}

void TaskViewFold::take_fact(const FactRecorded& recorded) {
  using Reader = void (TaskViewFold::*)(const JsonValue&);
  static constexpr std::array<std::pair<std::string_view, Reader>, 9> kReaders = {{
      {fact::kTeam, &TaskViewFold::note_team},
      {fact::kPlan, &TaskViewFold::note_plan},
      {fact::kStarted, &TaskViewFold::note_start},
      {fact::kFinished, &TaskViewFold::note_finish},
      {fact::kReviewed, &TaskViewFold::note_review},
      {fact::kRevision, &TaskViewFold::note_revision},
      {fact::kEscalated, &TaskViewFold::note_escalation},
      {fact::kDecided, &TaskViewFold::note_decision},
      {fact::kPartial, &TaskViewFold::note_missing},
  }};
  const auto reader = std::ranges::find(kReaders, std::string_view(recorded.name),
                                        [](const auto& entry) { return entry.first; });
  if (reader == kReaders.end()) return;
  if (const Result<JsonValue> fact = parse_json(recorded.fact.bytes, {.depth_max = 8}))
    (this->*reader->second)(*fact);
}

void TaskViewFold::note_team(const JsonValue& fact) {
  team_.clear();
  for (const JsonValue& member : items_of(fact, "specialists"))
    if (team_.size() < kTeamMax) team_.push_back(text_of(member, "type", kNameBytesMax));
}

void TaskViewFold::note_start(const JsonValue& fact) {
  Part* part = part_of(fact);
  if (part == nullptr) return;
  part->work = Work::in_progress;
  part->specialist = text_of(fact, "specialist", kNameBytesMax);
}

void TaskViewFold::note_finish(const JsonValue& fact) {
  Part* part = part_of(fact);
  if (part == nullptr) return;
  part->work = text_of(fact, "status", 16) == "solved" ? Work::review : Work::failed;
  part->was_finished = true;
  advance_by_parts();
}

void TaskViewFold::note_revision(const JsonValue& fact) {
  if (const JsonValue* cycle = fact.find("cycle"))
    revision_cycles_ = static_cast<std::uint32_t>(std::clamp<std::int64_t>(cycle->integer, 0, 99));
}

void TaskViewFold::note_escalation(const JsonValue&) { waits_for_human_ = true; }

void TaskViewFold::note_decision(const JsonValue&) { waits_for_human_ = false; }

void TaskViewFold::note_missing(const JsonValue& fact) {
  is_partial_ = true;
  missing_.clear();
  for (const JsonValue& title : items_of(fact, "missing"))
    if (missing_.size() < parts_.size()) missing_.push_back(line_of(title.text, 48));
}

void TaskViewFold::note_plan(const JsonValue& fact) {
  parts_.clear();
  for (const JsonValue& subtask : items_of(fact, "subtasks"))
    if (parts_.size() < SubtaskGraph::kSubtasksMax)
      parts_.push_back({.id = text_of(subtask, "id", kNameBytesMax),
                        .title = text_of(subtask, "title", kTitleBytesMax),
                        .specialist = text_of(subtask, "specialist", kNameBytesMax)});
}

void TaskViewFold::note_review(const JsonValue& fact) {
  Part* part = part_of(fact);
  if (part == nullptr) return;
  part->work = text_of(fact, "verdict", 16) == "accepted" ? Work::accepted : Work::not_accepted;
  const JsonValue* score = fact.find("score");
  const double points = score == nullptr ? 0 : std::clamp(score->number, 0.0, 10.0);
  part->score.value = static_cast<std::int32_t>(points * 100 + 0.5);
}

TaskViewFold::Part* TaskViewFold::part_of(const JsonValue& fact) {
  const std::string id = text_of(fact, "id", kNameBytesMax);
  const auto found = std::ranges::find(parts_, id, &Part::id);
  return found == parts_.end() ? nullptr : &*found;
}

void TaskViewFold::end(std::string_view status, UtcTime time, std::string type,
                       std::string message) {
  ended_as_ = status;
  completed_at_ = time;
  waits_for_human_ = false;
  error_type_ = line_of(type, kNameBytesMax);
  error_message_ = line_of(message, kMessageBytesMax);
  if (status == "completed") advance(100);
}

std::string_view TaskViewFold::status() const {
  if (!ended_as_.empty()) return ended_as_;
  if (waits_for_human_) return "waiting_for_human";
  return stage_ == Stage::pending ? "pending" : "in_progress";
}

std::string_view TaskViewFold::name_of(Work work) {
  constexpr std::array<std::string_view, 6> kNames = {"pending",  "in_progress",  "in_review",
                                                      "accepted", "not_accepted", "failed"};
  return kNames.at(static_cast<std::size_t>(work));
}

// The manager first, then the team, then who writes the answer.
std::string TaskViewFold::agents() const {
  if (stage_ == Stage::pending) return "[]";
  const bool runs = ended_as_.empty();
  std::string json = "[";
  const auto add = [&](std::string_view type, bool is_busy, bool is_done) {
    const std::string_view state = is_busy && runs    ? "working"
                                   : is_done || !runs ? "completed"
                                                      : "idle";
    const std::string name = quoted(type);
    json += fmt::format(R"({}{{"agent_id":{},"status":"{}","type":{}}})",
                        json.size() > 1 ? "," : "", name, state, name);
  };
  const bool others_work = stage_ == Stage::specialist_execution || stage_ == Stage::coordination ||
                           stage_ == Stage::synthesis;
  add("manager", !others_work, false);
  for (const std::string& type : team_) {
    const auto is_at = [&](Work work) {
      return [&type, work](const Part& p) { return p.specialist == type && p.work == work; };
    };
    const bool has_part = std::ranges::find(parts_, type, &Part::specialist) != parts_.end();
    add(type, std::ranges::any_of(parts_, is_at(Work::in_progress)),
        has_part && std::ranges::none_of(parts_, is_at(Work::pending)));
  }
  if (stage_ >= Stage::coordination)
    add("coordinator", stage_ == Stage::coordination, stage_ > Stage::coordination);
  if (stage_ >= Stage::synthesis)
    add("analyst", stage_ == Stage::synthesis, stage_ > Stage::synthesis);
  return json + "]";
}

std::string TaskViewFold::parts(std::size_t title_bytes_max) const {
  std::string json = "[";
  for (const Part& part : parts_) {
    const std::string score =
        part.score.value == 0 ? "" : fmt::format(R"("score":{},)", to_string(part.score));
    const std::string title =
        title_bytes_max == 0
            ? ""
            : fmt::format(R"(,"title":{})", quoted(utf8_cut(part.title, title_bytes_max)));
    json += fmt::format(R"({}{{"id":{},{}"specialist":{},"status":"{}"{}}})",
                        json.size() > 1 ? "," : "", quoted(part.id), score, quoted(part.specialist),
                        name_of(part.work), title);
  }
  return json + "]";
}

void TaskViewFold::add_end(Members& members, bool with_missing) const {
  if (ended_as_.empty()) return;
  if (ended_as_ != "completed") {
    members["ended_in"] = quoted(to_string(stage_));
    members["error"] =
        fmt::format(R"({{"message":{},"type":{}}})", quoted(error_message_), quoted(error_type_));
    return;
  }
  members["completion"] = quoted(to_string(is_partial_ ? Completion::partial : Completion::full));
  if (is_partial_) members["missing"] = with_missing ? list_of(missing_) : "[]";
}

std::string TaskViewFold::encode_with(std::size_t title_bytes_max, bool with_parts) const {
  Members members = {
      {"assigned_agents", with_parts ? agents() : "[]"},
      {"completed_at", time_or_null(completed_at_)},
      {"created_at", time_or_null(created_at_)},
      {"current_stage",
       quoted(ended_as_.empty() || ended_as_ == "completed" ? to_string(stage_) : ended_as_)},
      {"priority", quoted(to_string(priority_))},
      {"progress", fmt::format("{}", progress_)},
      {"revision_cycles", fmt::format("{}", revision_cycles_)},
      {"status", quoted(status())},
      {"subtasks", with_parts ? parts(title_bytes_max) : "[]"},
      {"subtasks_count", fmt::format("{}", parts_.size())},
      {"title", quoted(title_)},
      {"updated_at", time_or_null(updated_at_)},
      {"usage",
       fmt::format(R"({{"calls":{},"input_tokens":{},"output_tokens":{},"simulated":{}}})",
                   usage_.calls, usage_.input_tokens, usage_.output_tokens, usage_.simulated)},
      {"user_id", quoted(user_id_)},
  };
  add_end(members, with_parts);
  std::string json = "{";
  for (const auto& [key, value] : members)
    json += fmt::format("{}\"{}\":{}", json.size() > 1 ? "," : "", key, value);
  return json + "}";
}

std::string TaskViewFold::encode() const {
  for (const std::size_t title_bytes_max :
       {kTitleBytesMax, std::size_t{60}, std::size_t{24}, std::size_t{0}})
    if (std::string json = encode_with(title_bytes_max, true); json.size() <= kTaskViewBytesMax)
      return json;
  return encode_with(0, false);
}

ViewDefinition task_view() {
  return {.version = 1, .make = [] { return std::make_unique<TaskViewFold>(); }};
}

}  // namespace reprise
