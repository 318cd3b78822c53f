#include "tests/histories/corpus.hpp"

#include "engine/author/pool.hpp"
#include "engine/author/workflow.hpp"
#include "engine/core/testing/play.hpp"
#include "tests/histories/facts.hpp"
#include "tests/histories/stories.hpp"
#include "workflows/schedule/schedule_workflow.hpp"

namespace reprise::corpus {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::Word;
using testing::Work;

Workflow<Word> chain(Context ctx, Word input) {
  const Word one = co_await ctx.run<Work>({input.text + " one"});
  const Word two = co_await ctx.run<Work>({one.text + " two"});
  co_return Word{two.text + " three"};
}

Workflow<Word> fan(Context ctx, Word input) {
  std::vector<ActivityCall<Work>> calls;
  for (const char* part : {" a", " b", " c"}) calls.push_back(ctx.run<Work>({input.text + part}));
  try {
    std::string text;
    for (const Word& word : co_await all(std::move(calls))) text += word.text;
    co_return Word{text};
  } catch (const ActivityError& error) {
    ctx.record("gave_up", Word{error.failure().type});
  }
  throw WorkflowFailure("incomplete", "a part is missing");
}

Workflow<Word> ask(Context ctx, Word question) {
  const auto answer = co_await within(ctx, minutes(10), ctx.signal<Word>("answer"));
  if (!answer) co_return Word{"nobody answered " + question.text};
  const auto checked = co_await within(ctx, seconds(30), ctx.run<Work>({answer->text}));
  co_return checked.value_or(Word{"unchecked"});
}

Workflow<Word> report(Context ctx, Word input) {
  ctx.stage("draft");
  ctx.record("id", Word{ctx.uuid("report")});
  const Word draft = co_await ctx.run<Work>({input.text});
  ctx.stage("review");
  while (ctx.random("luck") % 3 != 0) {
    co_await ctx.sleep(hours(1));
    ctx.stage("review");
  }
  co_return draft;
}

Workflow<Word> tidy(Context ctx, Word) {
  try {
    co_await all(ctx.run<Work>({"long"}), ctx.run<Work>({"longer"}));
  } catch (const Cancelled&) {
    ctx.record("swept", Word{});
  }
  co_await ctx.sleep(seconds(1));
  co_return Word{};
}

Workflow<> errand(Context ctx, std::string what) {
  const auto done = co_await ctx.try_run<Work>({what});
  ctx.record("errand", Word{done ? done->text : done.error().type});
}

Workflow<Word> errands(Context ctx, Word input) {
  co_await pool(2, [ctx, input, given = 0]() mutable -> std::optional<Workflow<>> {
    if (given == 4) return std::nullopt;
    return errand(ctx, input.text + " " + std::to_string(given++));
  });
  co_return Word{"all run"};
}

std::vector<Scenario> stories_that_go_well() {
  return {{"chain",
           "two activities, one after the other",
           "activities",
           {{seconds(0), {started("chain", "zero")}},
            {milliseconds(120), {done(1, "1")}},
            {seconds(2), {done(2, "2")}}}},
          {"fan",
           "three at once; two results in one record",
           "branches",
           {{seconds(0), {started("fan", "x")}},
            {seconds(1), {done(3, "C")}},
            {seconds(1), {done(1, "A"), done(2, "B")}}}},
          {"answered",
           "a signal in time, and a result in time",
           "signals",
           {{seconds(0), {started("ask", "who?")}},
            {minutes(3), {signal("answer", "me")}},
            {seconds(2), {done(2, "it was you")}}}},
          {"report",
           "stages with visits, facts, random numbers and timers",
           "determinism",
           {{seconds(0), {started("report", "autumn")}},
            {seconds(4), {done(3, "leaves")}},
            {hours(1), {fired(5)}}}},
          {"errands",
           "a pool of two places; a failure among its parts",
           "branches",
           {{seconds(0), {started("errands", "go")}},
            {seconds(1), {done(2, "second first")}},
            {seconds(1), {failed(1, "closed")}},
            {seconds(1), {done(4, "third"), done(6, "fourth")}}}}};
}

std::vector<Scenario> stories_with_trouble() {
  return {
      {"tried-again",
       "failed and lost attempts before a result",
       "activities",
       {{seconds(0), {started("chain", "zero")}},
        {seconds(1),
         {ActivityAttemptFailed{CommandId(1),
                                Attempt(1),
                                {"flaky", "later", true, seconds(9)},
                                UtcTime::from_micros(1'700'000'010'000'000)}}},
        {seconds(60), {ActivityAttemptLost{CommandId(1), Attempt(2)}}},
        {seconds(3), {done(1, "1", 3)}},
        {seconds(1), {done(2, "2")}}}},
      {"fan-failed",
       "the first failure cancels the rest; the run fails for a reason of its own",
       "branches",
       {{seconds(0), {started("fan", "x")}},
        {seconds(1), {done(1, "A")}},
        {seconds(1), {failed(3, "refused")}}}},
      {"answered-too-late",
       "the timer and the signal in one record: the timer came first",
       "signals",
       {{seconds(0), {started("ask", "who?")}}, {minutes(10), {fired(1), signal("answer", "me")}}}},
      {"unchecked",
       "an activity that is slower than its limit is cancelled",
       "signals",
       {{seconds(0), {started("ask", "who?")}},
        {minutes(3), {signal("answer", "me")}},
        {seconds(30), {fired(3)}}}},
      {"cancelled",
       "a cancellation that the code catches, and cannot outlive",
       "cancellation",
       {{seconds(0), {started("tidy", "")}},
        {seconds(1), {done(2, "in time")}},
        {seconds(1), {CancelRequested{"enough"}}}}},
      {"clock-set-back",
       "the wall clock goes back an hour between two results",
       "time",
       {{seconds(0), {started("chain", "zero")}},
        {-hours(1), {done(1, "1")}},
        {seconds(5), {done(2, "2")}}}}};
}

}  // namespace

Catalog make_catalog() {
  Catalog catalog;
  catalog.add(define("chain", &chain));
  catalog.add(define("fan", &fan));
  catalog.add(define("ask", &ask));
  catalog.add(define("report", &report));
  catalog.add(define("tidy", &tidy));
  catalog.add(define("errands", &errands));
  add_work(catalog);
  add_scopes(catalog);
  add_messages(catalog);
  register_schedule(catalog);
  return catalog;
}

std::vector<Scenario> scenarios() {
  std::vector<Scenario> all;
  for (auto* const stories :
       {&stories_that_go_well, &stories_with_trouble, &stories_of_work, &stories_of_scopes,
        &stories_of_messages, &stories_of_control, &stories_of_schedules})
    for (Scenario& scenario : stories()) all.push_back(std::move(scenario));
  return all;
}

}  // namespace reprise::corpus
