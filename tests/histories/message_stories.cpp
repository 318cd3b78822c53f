#include "engine/author/workflow.hpp"
#include "engine/core/testing/play.hpp"
#include "tests/histories/facts.hpp"
#include "tests/histories/stories.hpp"

namespace reprise::corpus {
namespace {

using std::chrono::hours;

using std::chrono::seconds;
using testing::Word;
using testing::Work;

// One child of each way to be left, and one that is waited for.
Workflow<Word> family(Context ctx, Word input) {
  [[maybe_unused]] const auto grown = co_await ctx.start_child<Word>(
      "chain", Word{input.text + " grown"},
      {.id = WorkflowId("grown-up"), .on_close = ParentClose::abandon});
  const auto young = co_await ctx.start_child<Word>(
      "chain", Word{input.text + " young"},
      {.on_close = ParentClose::cancel, .run_timeout = hours(1), .execution_timeout = hours(5)});
  std::string text;
  try {
    text = (co_await ctx.child<Word>("chain", Word{input.text + " small"})).text;
  } catch (const ChildError& error) {
    text = error.failure().type;
  }
  ctx.record("home", Word{text});
  text += (co_await young.result()).text;
  co_return Word{text};
}

Workflow<Word> letters(Context ctx, Word input) {
  const ExternalWorkflow other = ctx.external(WorkflowId(input.text));
  co_await other.signal("hello", Word{"it is me"});
  std::string text = "said";
  try {
    co_await other.cancel("please");
    text += ", asked";
  } catch (const ChildError& error) {
    text += ", " + error.failure().type;
  }
  co_await other.terminate("now");
  co_return Word{text};
}

// Signals and updates with handlers: one at once, one that works, one that never agrees.
Workflow<Word> ledger(Context ctx, Word input) {
  std::string text = input.text;
  const HandlerHandle noting =
      ctx.on_signal<Word>("note", [&text](const Word& note) { text += note.text; });
  const HandlerHandle writing = ctx.on_update<Word>(
      "write",
      [ctx, &text](Word word) -> Workflow<Word> {
        const Word checked = co_await ctx.run<Work>({word.text});
        text += checked.text;
        co_return Word{text};
      },
      [](const Word& word) -> Result<> {
        if (!word.text.empty()) return {};
        return fail(Errc::invalid_argument, "must not be empty", "text");
      });
  const HandlerHandle refusing = ctx.on_update<Word>(
      "tear", [](const Word&) -> Word { throw WorkflowFailure("never", "pages stay"); });
  co_await ctx.signal("close");
  co_await ctx.until([ctx] { return ctx.handlers_idle(); });
  co_return Word{text};
}

// Takes one signal a run, three in all.
Workflow<Word> relay(Context ctx, Word input) {
  const Word next = co_await ctx.signal<Word>("pass");
  const std::string text = input.text + next.text;
  if (text.size() < 3) ctx.continue_as_new(Word{text});
  const Word last = co_await ctx.run<Work>({text});
  co_return last;
}

RunStarted continuing(RunStarted started) {
  const RunId before = RunId::make(UtcTime::from_micros(1'699'999'000'000'000), 7, 7);
  started.first_run = before;
  started.continued_from = before;
  started.execution_deadline = UtcTime::from_micros(1'700'000'000'000'000) + hours(3);
  return started;
}
template <typename Message>
Message carried(Message message, std::uint64_t from) {
  message.carried_from = Sequence(from);
  return message;
}

std::vector<Scenario> families() {
  return {{"family",
           "children that are abandoned, cancelled or ended with their parent; results of two",
           "children",
           {{seconds(0), {started("family", "we")}},
            {seconds(1), {child_started(1)}},
            {seconds(1), {child_started(2)}},
            {seconds(1), {child_started(3)}},
            {seconds(9), {child_done(3, "slept")}},
            {seconds(9), {child_done(2, " and ate")}}}},
          {"family-in-trouble",
           "a child that fails, and one that is refused",
           "children",
           {{seconds(0), {started("family", "we")}},
            {seconds(1), {child_started(1)}},
            {seconds(1), {child_started(2), child_failed(2, "timed_out")}},
            {seconds(1), {child_failed(3, "already_exists")}}}},
          {"family-cancelled",
           "the cancellation of a parent reaches the child that it waits for",
           "children",
           {{seconds(0), {started("family", "we")}},
            {seconds(1), {child_started(1)}},
            {seconds(1), {child_started(2)}},
            {seconds(1), {child_started(3)}},
            {seconds(1), {CancelRequested{"moving house"}}}}}};
}

std::vector<Scenario> messages() {
  return {
      {"letters",
       "another workflow is signalled, cancelled in vain, and ended",
       "messages",
       {{seconds(0), {started("letters", "neighbour")}},
        {seconds(1), {answered(1)}},
        {seconds(1), {answered(2, "conflict")}},
        {seconds(1), {answered(3)}}}},
      {"letters-to-nobody",
       "a message that is refused fails the run",
       "messages",
       {{seconds(0), {started("letters", "nobody")}}, {seconds(1), {answered(1, "not_found")}}}},
      {"ledger",
       "signals and updates with handlers, two at once; answers, failures, a close in between",
       "handlers",
       {{seconds(0), {started("ledger", "0")}},
        {seconds(1), {signal("note", "n"), update("u1", "write", "a")}},
        {seconds(1), {update("u2", "write", "b"), update("u3", "tear", "page")}},
        {seconds(1), {done(2, "B")}},
        {seconds(1), {update("u4", "write", "c"), signal("close", "")}},
        {seconds(1), {failed(3, "smudged")}},
        {seconds(1), {done(1, "A")}}}},
      {"ledger-cut-off",
       "a run that is cancelled while an update is under way",
       "handlers",
       {{seconds(0), {started("ledger", "0")}},
        {seconds(1), {update("u1", "write", "a")}},
        {seconds(1), {CancelRequested{"fire"}}}}},
      {"continued",
       "a run that continues as new with a signal that it has not taken",
       "continuing",
       {{seconds(0), {started("relay", "a")}},
        {seconds(1), {signal("pass", "b"), signal("pass", "c")}}}},
      {"carried-over",
       "the next run, with the signal that was carried over, and a cancellation",
       "continuing",
       {{seconds(0), {continuing(started("relay", "ab")), carried(signal("pass", "c"), 3)}},
        {seconds(1), {CancelRequested{"late"}}}}}};
}

}  // namespace

void add_messages(Catalog& catalog) {
  catalog.add(define("family", &family));
  catalog.add(define("letters", &letters));
  catalog.add(define("ledger", &ledger));
  catalog.add(define("relay", &relay));
}

std::vector<Scenario> stories_of_messages() {
  std::vector<Scenario> stories = families();
  for (Scenario& scenario : messages()) stories.push_back(std::move(scenario));
  return stories;
}

}  // namespace reprise::corpus
