#include "engine/author/workflow.hpp"
#include "engine/core/testing/play.hpp"
#include "tests/histories/facts.hpp"
#include "tests/histories/stories.hpp"

namespace reprise::corpus {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::Word;
using testing::Work;

// The first of a long sleep, a short one, and a signal.
Workflow<Word> race(Context ctx, Word) {
  std::vector<Workflow<bool>> parts;
  parts.push_back(within(ctx, hours(2), ctx.sleep(hours(1))));
  parts.push_back(within(ctx, minutes(5), ctx.sleep(minutes(30))));
  const First<bool> first = co_await any(std::move(parts));
  const auto told = co_await within(ctx, minutes(1), ctx.signal<Word>("go"));
  co_return Word{std::to_string(first.index) + (first.value ? " in time" : " too late") +
                 (told ? ", " + told->text : ", untold")};
}

// A saga: what was booked is given back when the trip falls through.
Workflow<Word> trip(Context ctx, Word input) {
  const auto unbook = [ctx, input] { return ctx.run<Work>({"unbook " + input.text}); };
  co_await with_compensation(ctx.sleep(hours(1)), unbook);
  co_return co_await with_compensation(ctx.run<Work>({"book " + input.text}), unbook);
}

// Goes on under a shield after it was cancelled.
Workflow<Word> careful(Context ctx, Word input) {
  try {
    co_await ctx.run<Work>({input.text});
  } catch (const Cancelled&) {
    ctx.record("sweeping", Word{});
  }
  const Word swept = co_await shield(ctx.run<Work>({"sweep"}));
  co_await shield(ctx.sleep(seconds(5)));
  ctx.record("swept", swept);
  co_await ctx.sleep(seconds(1));
  co_return swept;
}

Workflow<Word> look(Context ctx, CancelScope& search) {
  const auto found =
      co_await search.run(all(std::vector{ctx.run<Work>({"attic"}), ctx.run<Work>({"cellar"})}));
  co_return Word{found ? "found" : "stopped"};
}

Workflow<Word> stop_when_told(Context ctx, CancelScope& search) {
  const auto why = co_await within(ctx, minutes(10), ctx.signal<Word>("stop"));
  search.cancel();
  co_return why.value_or(Word{"too long"});
}

// A search that its author's own code calls off.
Workflow<Word> search(Context ctx, Word) {
  CancelScope scope(ctx);
  std::vector<Workflow<Word>> parts;
  parts.push_back(look(ctx, scope));
  parts.push_back(stop_when_told(ctx, scope));
  std::string text;
  for (const Word& word : co_await all(std::move(parts))) text += word.text + ".";
  co_return Word{text};
}

// Its code was changed: what came after the change does more.
Workflow<Word> changed(Context ctx, Word input) {
  std::string text = input.text;
  for (int i = 0; i < 2; ++i) {
    if (ctx.patched("ask-first")) text += (co_await ctx.signal<Word>("asked")).text;
    text += (co_await ctx.run<Work>({text})).text;
  }
  co_return Word{text};
}

Workflow<Word> labelled(Context ctx, Word) {
  ctx.upsert({{"customer", "acme"}, {"items", std::int64_t{3}}, {"share", 0.25}, {"draft", true}});
  co_await ctx.sleep(seconds(1));
  ctx.upsert({{"draft", std::nullopt}, {"items", std::int64_t{4}}});
  co_await ctx.sleep(seconds(1));
  co_return Word{std::to_string(ctx.attributes().size()) + " and " + ctx.memo().bytes};
}

RunStarted with_labels(RunStarted started) {
  started.labels = RunLabels{.attributes = {{"customer", "none"}, {"region", "north"}},
                             .memo = {"{\"asked\":\"by phone\"}"}};
  return started;
}

}  // namespace

void add_scopes(Catalog& catalog) {
  catalog.add(define("race", &race));
  catalog.add(define("trip", &trip));
  catalog.add(define("careful", &careful));
  catalog.add(define("search", &search));
  catalog.add(define("changed", &changed));
  catalog.add(define("labelled", &labelled));
}

std::vector<Scenario> stories_of_scopes() {
  return {{"race-of-timers",
           "any over withins: the losers' timers are cancelled in their order",
           "scopes",
           {{seconds(0), {started("race", "")}},
            {minutes(5), {fired(4)}},
            {seconds(30), {signal("go", "now")}}}},
          {"race-that-nobody-ends",
           "a limit that passes, and the signal after it that nobody takes",
           "scopes",
           {{seconds(0), {started("race", "")}},
            {minutes(5), {fired(4)}},
            {minutes(1), {fired(5), signal("go", "too late")}}}},
          {"trip-undone",
           "a saga: the cancellation of a part, and its compensation under a shield",
           "scopes",
           {{seconds(0), {started("trip", "rome")}},
            {hours(1), {fired(1)}},
            {seconds(1), {CancelRequested{"ill"}}},
            {seconds(2), {done(3, "given back")}}}},
          {"trip-failed",
           "a saga: the failure of a part, and a compensation that fails as well",
           "scopes",
           {{seconds(0), {started("trip", "rome")}},
            {hours(1), {fired(1)}},
            {seconds(1), {failed(2, "sold_out")}},
            {seconds(2), {failed(3, "closed")}}}},
          {"careful-cancelled",
           "work behind a cancellation, under shields",
           "scopes",
           {{seconds(0), {started("careful", "dust")}},
            {seconds(1), {CancelRequested{"enough"}}},
            {seconds(1), {done(3, "clean")}},
            {seconds(5), {fired(4)}}}},
          {"search-stopped",
           "a scope that another branch cancels",
           "scopes",
           {{seconds(0), {started("search", "")}},
            {seconds(1), {done(2, "nothing")}},
            {minutes(1), {signal("stop", "found it in the car")}}}},
          {"search-given-up",
           "a scope that a timer of another branch cancels",
           "scopes",
           {{seconds(0), {started("search", "")}}, {minutes(10), {fired(3)}}}},
          {"changed",
           "a change of the code, guarded, in a run that came there with it",
           "changes",
           {{seconds(0), {started("changed", "x")}},
            {seconds(1), {signal("asked", "yes")}},
            {seconds(1), {done(2, "1")}},
            {seconds(1), {signal("asked", "again")}},
            {seconds(1), {done(3, "2")}}}},
          {"labelled",
           "attributes of each type, changed and removed; a memo",
           "attributes",
           {{seconds(0), {with_labels(started("labelled", ""))}},
            {seconds(1), {fired(2)}},
            {seconds(1), {fired(4)}}}}};
}

}  // namespace reprise::corpus
