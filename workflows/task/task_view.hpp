// TaskView: a task as lists, pages and progress bars show it, folded from its events.
//
// Guarantees: pure; never throws, whatever the events hold; at most kTaskViewBytesMax bytes, giving
//             up titles, then subtasks, before it gives up the rest; progress never goes back.
// Units:      progress in percent; scores 0 to 10; times RFC 3339 UTC.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "activities/contracts/json_value.hpp"
#include "activities/contracts/priority.hpp"
#include "activities/contracts/task_result.hpp"
#include "engine/core/view.hpp"
#include "workflows/task/stage_machine.hpp"

namespace reprise {

inline constexpr std::size_t kTaskViewBytesMax = 3072;

class TaskViewFold final : public ViewFold {
 public:
  bool apply(const Event& event) override;
  [[nodiscard]] std::string encode() const override;

 private:
  enum class Work : std::uint8_t { pending, in_progress, review, accepted, not_accepted, failed };

  struct Part {
    std::string id;
    std::string title;
    std::string specialist;
    Work work = Work::pending;
    bool was_finished = false;
    Hundredths score;
  };

  void start(const RunStarted& started, UtcTime time);
  bool count(const ActivityCompleted& completed);
  void enter(const StageEntered& entered);
  void take_fact(const FactRecorded& recorded);
  void note_team(const JsonValue& fact);
  void note_plan(const JsonValue& fact);
  void note_start(const JsonValue& fact);
  void note_finish(const JsonValue& fact);
  void note_review(const JsonValue& fact);
  void note_revision(const JsonValue& fact);
  void note_escalation(const JsonValue& fact);
  void note_decision(const JsonValue& fact);
  void note_missing(const JsonValue& fact);
  void end(std::string_view status, UtcTime time, std::string type, std::string message);
  void advance(std::uint32_t progress);
  void advance_by_parts();
  Part* part_of(const JsonValue& fact);

  using Members = std::map<std::string_view, std::string>;
  [[nodiscard]] std::string_view status() const;
  void add_end(Members& members, bool with_missing) const;
  [[nodiscard]] std::string agents() const;
  [[nodiscard]] std::string parts(std::size_t title_bytes_max) const;
  [[nodiscard]] std::string encode_with(std::size_t title_bytes_max, bool with_parts) const;
  static std::string_view name_of(Work work);

  std::string title_;
  std::string user_id_;
  Priority priority_ = Priority::normal;
  Stage stage_ = Stage::pending;
  std::string_view ended_as_;  // empty while it runs
  bool waits_for_human_ = false;
  std::uint32_t progress_ = 0;
  std::uint32_t revision_cycles_ = 0;
  std::vector<std::string> team_;
  std::vector<Part> parts_;
  bool is_partial_ = false;
  std::vector<std::string> missing_;
  ModelUsage usage_;
  std::string error_type_;
  std::string error_message_;
  UtcTime created_at_;
  UtcTime updated_at_;
  UtcTime completed_at_;
};

ViewDefinition task_view();

}  // namespace reprise
