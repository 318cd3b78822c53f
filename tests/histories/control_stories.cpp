#include "tests/histories/facts.hpp"
#include "tests/histories/stories.hpp"
#include "workflows/schedule/schedule_state.hpp"
#include "workflows/schedule/schedule_updates.hpp"

namespace reprise::corpus {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// Starts an hour late, may run for two, and with its successors for five.
RunStarted under_limits(RunStarted started) {
  const UtcTime now = UtcTime::from_micros(1'700'000'000'000'000);
  started.not_before = now + hours(1);
  started.run_timeout = hours(2);
  started.execution_deadline = now + hours(5);
  started.parent = RunAddress{WorkflowId("parent"), RunId::make(now, 3, 4), CommandId(9)};
  return started;
}

// A schedule of the type "chain" at every full hour; the story begins 46 minutes and 40 seconds before.
RunStarted hourly(Overlap overlap) {
  ScheduleState state;
  state.plan.spec.cron = "@hourly";
  state.plan.action.type = "chain";
  state.plan.action.input = R"({"part":"one"})";
  state.plan.overlap = overlap;
  RunStarted begin = started("reprise.schedule", encode(state).bytes);
  begin.workflow = WorkflowId("schedule_story");
  return begin;
}
constexpr Duration kToFullHour = minutes(46) + seconds(40);

const RunId kOriginal = RunId::make(UtcTime::from_micros(1'600'000'000'000'000), 5, 6);

// Begins as a copy of another run, and somebody is told of its end.
RunStarted copied(RunStarted started) {
  started.origins = std::vector{ForkOrigin{kOriginal, CommandId(1)}};
  started.callback_url = std::string("https://example.com/done");
  return started;
}

}  // namespace

std::vector<Scenario> stories_of_control() {
  return {{"paused",
           "a result that waits while the run is paused",
           "control",
           {{seconds(0), {started("chain", "zero")}},
            {seconds(1), {RunPaused{"looking"}}},
            {seconds(1), {done(1, "1")}},
            {hours(1), {RunUnpaused{}}},
            {seconds(1), {done(2, "2")}}}},
          {"terminated",
           "the end from outside, with open work",
           "control",
           {{seconds(0), {started("ask", "who?")}},
            {seconds(1), {signal("answer", "me"), RunTerminated{"wrong question"}}}}},
          {"terminated-while-paused",
           "the end from outside of a paused run with a signal pending",
           "control",
           {{seconds(0), {started("ask", "who?")}},
            {seconds(1), {RunPaused{""}}},
            {seconds(1), {signal("answer", "me")}},
            {seconds(1), {RunTerminated{""}}}}},
          {"forked",
           "a copy of a run up to its first activity, which goes on a day later",
           "control",
           {{seconds(0), {copied(started("chain", "zero"))}},
            {hours(24), {RunForked{kOriginal, Sequence(2), hours(24), "a wrong model"}}},
            {seconds(1), {done(1, "1")}},
            {seconds(1), {done(2, "2")}}}},
          {"delayed",
           "a start delay: a signal waits for it; then the run is too slow for its deadline",
           "deadlines",
           {{seconds(0), {under_limits(started("ask", "who?"))}},
            {minutes(10), {signal("answer", "me")}},
            {minutes(50), {}},
            {hours(2), {RunTimedOut{false}}}}},
          {"cancelled-before-its-start",
           "a cancellation ends the delay",
           "deadlines",
           {{seconds(0), {under_limits(started("tidy", ""))}},
            {minutes(10), {CancelRequested{"changed my mind"}}}}},
          {"out-of-time",
           "the deadline of the whole execution",
           "deadlines",
           {{seconds(0), {under_limits(started("chain", "zero"))}},
            {hours(1), {}},
            {hours(1), {RunPaused{"asleep"}}},
            {hours(3), {RunTimedOut{true}}}}}};
}

std::vector<Scenario> stories_of_schedules() {
  return {{"schedule",
           "two fire times: one run ends well, one is refused; a pause, a trigger whose run fails",
           "schedules",
           {{seconds(0), {hourly(Overlap::skip)}},
            {kToFullHour, {fired(2)}},
            {seconds(1), {child_started(3)}},
            {seconds(9), {child_done(3, "")}},
            {hours(1) - seconds(10), {fired(5)}},
            {seconds(1), {child_failed(6, "already_exists")}},
            {minutes(1), {update("u1", "pause", R"({"note":"quiet"})")}},
            {minutes(1), {update("u2", "trigger", "{}")}},
            {seconds(1), {child_started(10)}},
            {minutes(1), {update("u3", "unpause", "{}")}},
            {minutes(1), {child_failed(10, "unlucky")}}}}};
}

}  // namespace reprise::corpus
