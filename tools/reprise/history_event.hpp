// HistoryEvent: one event of a workflow's history, as the server's JSON tells it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "tools/reprise/text.hpp"

namespace reprise::cli {

struct HistoryEvent {
  std::uint64_t sequence = 0;
  std::string kind;  // "activity_completed"
  UtcTime time;
  std::uint64_t command = 0;  // 0: none
  std::uint64_t attempt = 0;  // 0: none
  std::string name;           // of the stage, activity, signal, fact or workflow type
  std::string detail;         // what went wrong, or what was said; one line, may be long
  std::string note;           // of a fact that sums up a stage: "4 subtasks"

  // The workflow is over.
  [[nodiscard]] bool is_last() const {
    return kind == "run_completed" || kind == "run_failed" || kind == "run_cancelled" ||
           kind == "run_continued";
  }
};

// Nothing when the text is no event.
std::optional<HistoryEvent> read_event(std::string_view json);

struct HistoryPart {
  std::vector<HistoryEvent> events;
  std::uint64_t next = 0;  // ask again with after=next
};
// Of `GET …/history`; nothing when the text is something else.
std::optional<HistoryPart> read_history(std::string_view json);

// One line: sequence, time since `began`, kind, what it is about. It ends in a line break.
std::string event_line(const HistoryEvent& event, UtcTime began, const TextStyle& style);

}  // namespace reprise::cli
