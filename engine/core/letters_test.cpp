// Children and messages between runs: started, answered, cancelled, closed, and told again after a
// crash.
#include <gtest/gtest.h>

#include "engine/author/workflow.hpp"
#include "engine/core/testing/play.hpp"
#include "engine/core/testing/shard_driver.hpp"

namespace reprise {
namespace {

using std::chrono::seconds;
using testing::Play;
using testing::ShardDriver;
using testing::Texts;
using testing::Word;
using testing::Work;

Workflow<Word> parent(Context ctx, Word input) {
  const Word answer = co_await ctx.child<Word>("child", input, {.id = WorkflowId("c")});
  co_return Word{"child said " + answer.text};
}

Workflow<Word> impatient(Context ctx, Word input) {
  const std::optional<Word> answer =
      co_await within(ctx, seconds(10), ctx.child<Word>("child", input, {.id = WorkflowId("c")}));
  co_return Word{answer ? answer->text : "no answer"};
}

Workflow<Word> careless(Context ctx, Word input) {
  ChildOptions options{.id = WorkflowId("c")};
  if (input.text == "abandon") options.on_close = ParentClose::abandon;
  if (input.text == "cancel") options.on_close = ParentClose::cancel;
  co_await ctx.start_child<Word>("child", input, options);
  co_return Word{"gone"};
}

Workflow<Word> two_at_once(Context ctx, Word input) {
  const ChildHandle<Word> a = co_await ctx.start_child<Word>("child", input);
  const ChildHandle<Word> b = co_await ctx.start_child<Word>("child", input);
  const Word second = co_await b.result();
  const Word first = co_await a.result();
  co_return Word{first.text + second.text};
}

Workflow<Word> child(Context ctx, Word input) {
  const Word done = co_await ctx.run<Work>({input.text});
  if (done.text == "bad") throw WorkflowFailure("unlucky", "a bad day");
  co_return done;
}

Workflow<Word> caller(Context ctx, Word) {
  try {
    co_await ctx.external(WorkflowId("l")).signal("go", Word{"hello"});
  } catch (const ChildError& error) {
    co_return Word{error.failure().type};
  }
  co_return Word{"told"};
}

Workflow<Word> ender(Context ctx, Word) {
  co_await ctx.external(WorkflowId("l")).terminate("no longer needed");
  co_return Word{"ended it"};
}

Workflow<Word> listener(Context ctx, Word) { co_return co_await ctx.signal<Word>("go"); }

Catalog family() {
  Catalog catalog;
  catalog.add(define("parent", &parent));
  catalog.add(define("impatient", &impatient));
  catalog.add(define("careless", &careless));
  catalog.add(define("two", &two_at_once));
  catalog.add(define("child", &child));
  catalog.add(define("caller", &caller));
  catalog.add(define("ender", &ender));
  catalog.add(define("listener", &listener));
  return catalog;
}

RunId run_of(ShardDriver& shard, const std::string& workflow) {
  return decode_workflow_row(**shard.log().get(Table::workflow, workflow))->run;
}

std::string result_of(ShardDriver& shard, const RunId& run) {
  const Event end = shard.events(run).back();
  const auto* completed = std::get_if<RunCompleted>(&end.body);
  return completed != nullptr ? completed->result.bytes : std::string(to_string(kind_of(end.body)));
}

TEST(Child, ItsResultIsItsParents) {
  ShardDriver shard(family());
  const RunId run = shard.start("parent", "p")->run;
  EXPECT_EQ(shard.kinds(run), (Texts{"run_started", "child_scheduled", "child_started"}));
  shard.attempt_ends(1, Payload{"hello"});
  EXPECT_EQ(result_of(shard, run), "child said hello");
  EXPECT_EQ(shard.kinds(run_of(shard, "c")).back(), "run_completed");
}

TEST(Child, ItsFailureIsItsParents) {
  ShardDriver shard(family());
  const RunId run = shard.start("parent", "p")->run;
  shard.attempt_ends(1, Payload{"bad"});
  EXPECT_EQ(std::get<RunFailed>(shard.events(run).back().body).type, "unlucky");
}

TEST(Child, OneThatCannotStartFailsWithWhy) {
  ShardDriver shard(family());
  shard.start("listener", "c");
  const RunId run = shard.start("parent", "p")->run;
  EXPECT_EQ(std::get<RunFailed>(shard.events(run).back().body).type, "already_exists");
}

TEST(Child, AParentThatOnlyWaitsKeepsNothingBusy) {
  ShardDriver shard(family());
  const RunId run = shard.start("parent", "p")->run;
  shard.start("listener", "l");  // takes stale marks along
  shard.evict();
  EXPECT_EQ(shard.shard().peek(run), nullptr);
  shard.restart();
  EXPECT_EQ(shard.shard().peek(run), nullptr);
  shard.attempt_ends(1, Payload{"hello"});
  EXPECT_EQ(result_of(shard, run), "child said hello");
}

TEST(Child, AStartWhoseLetterIsLostIsPostedAgain) {
  ShardDriver shard(family());
  shard.step({shard.start_input("parent", "p")});
  while (shard.answer_read()) continue;
  ASSERT_TRUE(shard.commit());
  shard.restart();  // the command is durable, and nothing came of it
  const RunId run = run_of(shard, "p");
  EXPECT_EQ(shard.kinds(run).back(), "child_started");
  shard.restart();
  shard.attempt_ends(1, Payload{"hello"});
  EXPECT_EQ(result_of(shard, run), "child said hello");
}

TEST(Child, AnEndWhoseLetterIsLostIsPostedAgain) {
  ShardDriver shard(family());
  const RunId run = shard.start("parent", "p")->run;
  const std::vector<Dispatch> dispatched = shard.actions<Dispatch>();
  shard.step({AttemptEnded{dispatched.back().run, CommandId(1), Attempt(1), Payload{"hello"}}});
  while (shard.answer_read()) continue;
  ASSERT_TRUE(shard.commit());
  EXPECT_EQ(shard.kinds(run).back(), "child_started") << "the parent does not know yet";
  shard.restart();
  EXPECT_EQ(result_of(shard, run), "child said hello");
}

TEST(Child, WhatNobodyAwaitsAnyMoreIsCancelled) {
  ShardDriver shard(family());
  const RunId run = shard.start("impatient", "p")->run;
  shard.advance(seconds(10));
  shard.settle();
  EXPECT_EQ(result_of(shard, run), "no answer");
  EXPECT_EQ(shard.kinds(run_of(shard, "c")).back(), "run_terminated")
      << "the parent has ended: its policy comes before the cancel that it asked for";
}

std::string end_of_child(const std::string& policy) {
  ShardDriver shard(family());
  StartInput input = shard.start_input("careless", "p");
  input.request.input = Payload{policy};
  shard.start(std::move(input));
  shard.restart();
  return shard.kinds(run_of(shard, "c")).back();
}

TEST(ParentClose, DecidesWhatBecomesOfAChild) {
  EXPECT_EQ(end_of_child("terminate"), "run_terminated");
  EXPECT_EQ(end_of_child("cancel"), "run_cancelled");
  EXPECT_EQ(end_of_child("abandon"), "activity_attempt_lost");
}

TEST(ParentClose, HoldsForAParentThatIsTerminated) {
  ShardDriver shard(family());
  shard.start("parent", "p");
  shard.control("p", Control::terminate);
  EXPECT_EQ(shard.kinds(run_of(shard, "c")).back(), "run_terminated");
  EXPECT_EQ(shard.shard().runs_cached(), 0U) << "everything owed is delivered";
  EXPECT_EQ(shard.rows(Table::wake), 0U);
}

TEST(StartChild, ResultsAreTakenInAnyOrder) {
  ShardDriver shard(family());
  const RunId run = shard.start("two", "p")->run;
  const std::vector<Dispatch> dispatched = shard.actions<Dispatch>();
  ASSERT_EQ(dispatched.size(), 2U);
  shard.give(AttemptEnded{dispatched[0].run, CommandId(1), Attempt(1), Payload{"a"}});
  shard.restart();
  const auto again = shard.actions<Dispatch>();
  ASSERT_EQ(again.size(), 1U);
  shard.give(AttemptEnded{again[0].run, CommandId(1), again[0].attempt, Payload{"b"}});
  EXPECT_EQ(result_of(shard, run), "ab");
}

TEST(Message, ArrivesOnceThoughItsAnswerIsLost) {
  ShardDriver shard(family());
  const RunId there = shard.start("listener", "l")->run;
  shard.step({shard.start_input("caller", "p")});
  while (shard.answer_read()) continue;
  ASSERT_TRUE(shard.commit());
  ASSERT_TRUE(shard.deliver());
  while (shard.commit()) continue;
  shard.restart();  // the signal is there, and the caller has not heard
  EXPECT_EQ(shard.kinds(there), (Texts{"run_started", "signal_received", "run_completed"}));
  EXPECT_EQ(result_of(shard, run_of(shard, "p")), "told");
}

TEST(Message, ATerminationEndsTheOtherRunThoughItsCodeWaits) {
  ShardDriver shard(family());
  const RunId listening = shard.start("listener", "l")->run;
  const RunId run = shard.start("ender", "p")->run;
  EXPECT_EQ(result_of(shard, run), "ended it");
  const Event end = shard.events(listening).back();
  ASSERT_EQ(kind_of(end.body), EventKind::run_terminated);
  EXPECT_EQ(std::get<RunTerminated>(end.body).reason, "no longer needed");
}

TEST(Message, ARefusalIsAnAnswer) {
  ShardDriver shard(family());
  const RunId run = shard.start("caller", "p")->run;
  EXPECT_EQ(result_of(shard, run), "not_found");
}

}  // namespace
}  // namespace reprise
