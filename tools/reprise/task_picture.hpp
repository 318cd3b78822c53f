// TaskPicture: a task as `GET /api/v1/tasks/{id}` tells it, in plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "tools/reprise/text.hpp"

namespace reprise::cli {

struct SubtaskPicture {
  std::string id;
  std::string title;
  std::string specialist;
  std::string status;
  std::optional<double> score;  // of its review, 0 to 10

  [[nodiscard]] bool is_done() const;
  [[nodiscard]] Tone tone() const;
  [[nodiscard]] std::string_view glyph(const TextStyle& style) const;
};

struct TaskPicture {
  std::string id;
  std::string title;
  std::string status;
  std::string stage;
  std::string priority;
  std::string completion;      // "partial" when something is missing
  std::string error;           // why it failed
  std::string usage;           // "12 model calls, 900 tokens in, 80 out"
  std::uint64_t progress = 0;  // percent
  UtcTime created_at;
  UtcTime updated_at;
  std::vector<SubtaskPicture> subtasks;
  std::string result;  // JSON; empty while there is none

  [[nodiscard]] bool has_ended() const { return status == "completed" || has_failed(); }
  [[nodiscard]] bool has_failed() const { return status == "failed" || status == "cancelled"; }
  [[nodiscard]] std::size_t subtasks_done() const;
};

// Nothing when the text is no task.
std::optional<TaskPicture> read_task(std::string_view json);

// "completed" is good, "failed" is bad.
Tone tone_of_status(std::string_view status);

// "[████████░░░░]  65 %".
std::string progress_bar(std::uint64_t percent, const TextStyle& style);

}  // namespace reprise::cli
