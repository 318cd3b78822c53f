// Timeline: how long each stage of a run took and what happened in it, from its events.
//
// Guarantees: fed the same events in order, the same text; events that come twice count once.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/reprise/history_event.hpp"
#include "tools/reprise/text.hpp"

namespace reprise::cli {

struct StageSpan {
  std::string name;
  UtcTime entered;
  UtcTime left;  // so far, while it lasts

  // The end is a stage too, and takes no time.
  [[nodiscard]] bool is_end() const { return name == "completed"; }
  unsigned calls = 0;    // activities that gave their result in it
  unsigned retries = 0;  // attempts that failed
  unsigned lost = 0;     // attempts that died with the process
  std::string note;      // what the stage came to: "4 subtasks"
};

class Timeline {
 public:
  // False when the event came before.
  bool apply(const HistoryEvent& event);

  [[nodiscard]] bool empty() const { return stages_.empty(); }
  [[nodiscard]] const std::vector<StageSpan>& stages() const { return stages_; }
  [[nodiscard]] UtcTime began() const { return began_; }
  [[nodiscard]] std::uint64_t last_sequence() const { return last_sequence_; }

  // A line for each stage with a bar over the whole run's time.
  [[nodiscard]] std::string text(const TextStyle& style, std::string_view indent = "") const;

 private:
  std::vector<StageSpan> stages_;
  UtcTime began_;
  UtcTime latest_;
  std::uint64_t last_sequence_ = 0;
};

// "4 calls, 1 retry, 2 lost in a restart"; empty when nothing happened.
std::string what_happened(const StageSpan& stage);

}  // namespace reprise::cli
