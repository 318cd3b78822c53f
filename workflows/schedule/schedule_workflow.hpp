// The workflow type "reprise.schedule": a schedule is a run that starts others, for ever.
//
// Guarantees: each fire time is dealt with once, whatever crashes when: that a start was decided is in
//             this run's history, and the start itself is a child's (ADR-0012). Its history stays short:
//             it continues as new behind kScheduleEventsMax events, as soon as no run is waited for;
//             while one is, it sleeps unless a fire time can change something.
//             What it started goes on when it ends.
// Errors:     a start that is refused (an unknown type, an open run with the id) is counted and shown;
//             the schedule goes on.
// Why:        docs/adr/0016-a-schedule-is-a-run.md. Inputs: schedule_state.hpp, schedule_updates.hpp.
#pragma once

#include "engine/author/workflow.hpp"
#include "engine/core/catalog.hpp"
#include "workflows/schedule/schedule_state.hpp"

namespace reprise {

inline constexpr std::uint64_t kScheduleEventsMax = 1'000;

Workflow<> run_schedule(Context ctx, ScheduleState state);

void register_schedule(Catalog& catalog);

}  // namespace reprise
