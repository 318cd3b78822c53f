// How a schedule looks: a summary for lists, which is its view, and a description for one of it.
//
// Guarantees: the summary is under kViewBytesMax - 1024 bytes, whatever the plan holds. The view is the
//             last summary that the workflow recorded.
// Units:      times RFC 3339 UTC; fire times without their jitter.
#pragma once

#include <string>

#include "engine/core/view.hpp"
#include "workflows/schedule/schedule.hpp"

namespace reprise {

// The fact that carries the summary.
inline constexpr std::string_view kScheduleFact = "schedule";
inline constexpr std::size_t kUpcomingShown = 10;

std::string schedule_summary(const Schedule& schedule);
// Everything, with the next fire times behind `now`.
std::string schedule_description(const Schedule& schedule, UtcTime now);

class ScheduleViewFold final : public ViewFold {
 public:
  bool apply(const Event& event) override;
  [[nodiscard]] std::string encode() const override { return summary_; }

 private:
  std::string summary_ = "{}";
};

ViewDefinition schedule_view();

}  // namespace reprise
