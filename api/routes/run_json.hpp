// Runs as JSON: a row of a list, a description, an end.
#pragma once

#include <string>

#include "api/json_output.hpp"
#include "engine/core/describe.hpp"

namespace reprise::api {

// The members that every picture of a run begins with: workflow_id, run_id, type, status, times.
void put_view(ObjectWriter& json, const RunView& view);

void append_parked(std::string& out, const ParkedReason& parked);

// The view, open activities and timers, why it is parked; one object.
std::string to_json(const RunDescription& description);

// status, result, error and closed_at of an ended run.
void put_outcome(ObjectWriter& json, const RunOutcome& outcome);

}  // namespace reprise::api
