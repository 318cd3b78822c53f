#include "workflows/schedule/schedule_workflow.hpp"

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "workflows/schedule/schedule.hpp"
#include "workflows/schedule/schedule_updates.hpp"
#include "workflows/schedule/schedule_view.hpp"

namespace reprise {
namespace {

// What the branches and handlers of a run share; it lives in the root's frame, which outlives them.
struct Desk {
  Schedule schedule;
  std::optional<ChildHandle<void>> open{};  // of schedule.open_workflow()
  bool stirred = false;                     // something changed: look again
};

std::string id_of(const RunInfo& info) {
  const std::string& workflow = info.workflow.text();
  return workflow.starts_with(kScheduleIdPrefix) ? workflow.substr(kScheduleIdPrefix.size())
                                                 : workflow;
}

// Closes the open run's place in the schedule when it ends.
Workflow<> watch_open_run(Context ctx, Desk* desk) {
  for (;;) {
    co_await ctx.until([desk] { return desk->open.has_value(); });
    const ChildHandle<void> open = *desk->open;
    std::string outcome = "completed";
    try {
      co_await open.result();
    } catch (const ChildError& error) {
      const std::string& type = error.failure().type;
      const bool is_ended = type == "cancelled" || type == "terminated" || type == "timed_out";
      outcome = is_ended ? type : "failed";
    }
    desk->schedule.advance(ctx.now());  // until now it was open
    desk->schedule.closed(outcome);
    desk->open.reset();
    desk->stirred = true;
  }
}

Workflow<> begin(Context ctx, Desk* desk, PlannedStart start) {
  const ScheduleAction& action = desk->schedule.state().plan.action;
  const ChildOptions options{.id = WorkflowId(desk->schedule.workflow_id(start)),
                             .on_close = ParentClose::abandon,
                             .run_timeout = duration_of(action.run_timeout),
                             .execution_timeout = duration_of(action.execution_timeout)};
  std::string why;
  try {
    const ChildHandle<void> child =
        co_await ctx.start_child<void>(action.type, Payload{action.input}, options);
    desk->schedule.started(ctx.now());
    if (!start.beside) desk->open = child;
    co_return;
  } catch (const ChildError& error) {
    why = error.what();
  }
  desk->schedule.refused(ctx.now(), why);
}

Workflow<> stop_open_run(Context ctx, Desk* desk, StopVerb verb) {
  const ExternalWorkflow other = ctx.external(WorkflowId(*desk->schedule.open_workflow()));
  const std::string why = "the next start of its schedule is due";
  try {
    co_await (verb == StopVerb::cancel ? other.cancel(why) : other.terminate(why));
  } catch (const ChildError&) {
    // It has ended by itself; its end is on the way.
  }
}

// Returns when the next run should go on.
Workflow<> keep_schedule(Context ctx, Desk* desk) {
  Schedule& schedule = desk->schedule;
  for (std::string told;;) {
    desk->stirred = false;
    schedule.advance(ctx.now());
    if (const StopVerb verb = schedule.take_stop(); verb != StopVerb::none) {
      co_await stop_open_run(ctx, desk, verb);
      continue;
    }
    if (ctx.history_events() > kScheduleEventsMax && schedule.may_hand_over()) co_return;
    if (const auto start = schedule.take()) {
      co_await begin(ctx, desk, *start);
      continue;
    }
    if (std::string summary = schedule_summary(schedule); summary != told)
      ctx.record(std::string(kScheduleFact), Payload{told = std::move(summary)});
    const auto wake = schedule.wakes_at();
    if (!wake)
      co_await ctx.until([desk] { return desk->stirred; });
    else if (*wake > ctx.now())
      co_await within(ctx, *wake - ctx.now(), ctx.until([desk] { return desk->stirred; }));
  }
}

// An error of a check that only the handler can make: it knows the time.
[[noreturn]] void refuse(const Error& error) {
  throw WorkflowFailure(std::string(to_string(error.code)),
                        error.field.empty() ? error.detail : error.field + " " + error.detail);
}

std::array<HandlerHandle, 2> take_pauses(Context ctx, Desk* desk) {
  const auto setting = [ctx, desk](bool paused) {
    return [ctx, desk, paused](const PauseInput& input) {
      desk->schedule.advance(ctx.now());
      paused ? desk->schedule.pause(input.note) : desk->schedule.unpause(input.note);
      desk->stirred = true;
      return PauseAnswer{paused};
    };
  };
  return {ctx.on_update<PauseInput>("pause", setting(true)),
          ctx.on_update<PauseInput>("unpause", setting(false))};
}

HandlerHandle take_triggers(Context ctx, Desk* desk) {
  return ctx.on_update<TriggerInput>(
      "trigger",
      [ctx, desk](const TriggerInput& input) {
        desk->schedule.advance(ctx.now());
        const auto trigger = desk->schedule.trigger(ctx.now(), overlap_of(input.overlap).value());
        desk->stirred = true;
        return TriggerAnswer{trigger.workflow_id, std::string(to_string(trigger.offered))};
      },
      [](const TriggerInput& input) -> Result<> {
        const auto overlap = overlap_of(input.overlap);
        return overlap ? Result<>() : std::unexpected(overlap.error());
      });
}

HandlerHandle take_backfills(Context ctx, Desk* desk) {
  return ctx.on_update<BackfillInput>(
      "backfill",
      [ctx, desk](const BackfillInput& input) {
        const BackfillRange range = range_of(input).value();
        if (range.to > ctx.now())
          refuse({.code = Errc::invalid_argument, .detail = "is in the future", .field = "to"});
        const auto starts = desk->schedule.check_backfill(range.from, range.to);
        if (!starts) refuse(starts.error());
        desk->schedule.backfill(range.from, range.to, range.overlap);
        desk->stirred = true;
        return BackfillAnswer{*starts};
      },
      [desk](const BackfillInput& input) -> Result<> {
        const Result<BackfillRange> range = range_of(input);
        if (!range) return std::unexpected(range.error());
        const auto starts = desk->schedule.check_backfill(range->from, range->to);
        return starts ? Result<>() : std::unexpected(starts.error());
      });
}

HandlerHandle take_plans(Context ctx, Desk* desk) {
  return ctx.on_update<SchedulePlan>(
      "set",
      [ctx, desk](SchedulePlan plan) {
        desk->schedule.advance(ctx.now());
        desk->schedule.set(std::move(plan), ctx.now());
        desk->stirred = true;
        return Payload{"{}"};
      },
      [](const SchedulePlan& plan) { return check(plan); });
}

QueryHandle answer_questions(Context ctx, const Desk* desk) {
  return ctx.query("describe", [ctx, desk](const Payload& asked) -> Result<Payload> {
    ScheduleQuestion input;
    if (Result<> ok = decode(asked, input); !ok) return std::unexpected(ok.error());
    const auto now = parse_rfc3339(input.now);
    if (!now && !input.now.empty())
      return fail(Errc::invalid_argument, "must be a time like 2026-11-21T12:00:00Z", "now");
    return Payload{schedule_description(desk->schedule, now.value_or(ctx.now()))};
  });
}

}  // namespace

Workflow<> run_schedule(Context ctx, ScheduleState state) {
  Desk desk{.schedule = Schedule(id_of(ctx.info()), std::move(state))};
  if (desk.schedule.is_new()) desk.schedule.begin(ctx.now(), ctx.random("jitter"));
  const auto pauses = take_pauses(ctx, &desk);
  const HandlerHandle triggers = take_triggers(ctx, &desk);
  const HandlerHandle backfills = take_backfills(ctx, &desk);
  const HandlerHandle plans = take_plans(ctx, &desk);
  const QueryHandle questions = answer_questions(ctx, &desk);
  std::vector<Workflow<>> branches;
  branches.push_back(keep_schedule(ctx, &desk));
  branches.push_back(watch_open_run(ctx, &desk));
  co_await any(std::move(branches));
  ctx.continue_as_new(desk.schedule.state());
}

void register_schedule(Catalog& catalog) {
  catalog.add(define("reprise.schedule", &run_schedule), schedule_view());
}

}  // namespace reprise
