// LiveTask: what `watch` shows while a task runs: lines that stay, and one that is redrawn.
//
// Guarantees: an event or a picture that comes twice (after a reconnect) adds no line.
//             Pure: it returns text, and takes the time from the events.
#pragma once

#include <map>
#include <string>

#include "tools/reprise/history_event.hpp"
#include "tools/reprise/task_picture.hpp"
#include "tools/reprise/timeline.hpp"

namespace reprise::cli {

class LiveTask {
 public:
  // `redraws`: the screen can show footer(); a stage's line then comes when it ends, with its time.
  LiveTask(TextStyle style, bool redraws) : style_(style), redraws_(redraws) {}

  // Lines to print because of the event; often none.
  std::string apply(const HistoryEvent& event);
  // Lines to print because of what changed in the task since the last picture.
  std::string apply(const TaskPicture& task);

  // The line at the bottom, without a line break.
  [[nodiscard]] std::string footer() const;

  [[nodiscard]] const Timeline& timeline() const { return timeline_; }

 private:
  [[nodiscard]] std::string closed_stage_line(const StageSpan& stage) const;
  [[nodiscard]] std::string entered_line(const HistoryEvent& event) const;
  [[nodiscard]] std::string notice(const HistoryEvent& event) const;

  TextStyle style_;
  bool redraws_;
  Timeline timeline_;
  TaskPicture task_;
  std::map<std::string, std::string> statuses_;  // of subtasks, by id
  UtcTime latest_;
};

}  // namespace reprise::cli
