// Schedules as JSON: what a body asks for, and rows and pages of answers.
//
// Guarantees: an action's input goes into the schedule byte by byte as it stands in the body.
#pragma once

#include <string>
#include <string_view>

#include "api/json_input.hpp"
#include "api/router.hpp"
#include "engine/core/view.hpp"
#include "workflows/schedule/schedule_state.hpp"

namespace reprise::api {

// A body {id?, spec, action, …}, with all that is wrong in it.
struct ScheduleBody {
  std::string id;
  ScheduleState state;
  std::string canonical;  // the whole body
};
enum class ScheduleUse : bool { create, change };  // a change has neither id nor paused nor note
ScheduleBody read_schedule(const ApiContext& api, const HttpRequest& request, ScheduleUse use,
                           InputErrors& errors);

// The id of the schedule whose run this is.
std::string_view schedule_id_of(const WorkflowId& workflow);

// A row of a list: the view's summary, and the next fire time behind `now`.
std::string schedule_row(const RunView& view, UtcTime now);

// The description that the schedule gave of itself, its recent starts replaced by these.
std::string with_recent_starts(const std::string& description, const JsonValue& starts);

}  // namespace reprise::api
