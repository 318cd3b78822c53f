// What ends or holds a run from outside: terminate, pause, deadlines, a start delay, a taken id.
#include <gtest/gtest.h>

#include "engine/author/workflow.hpp"
#include "engine/core/testing/shard_driver.hpp"

namespace reprise {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using testing::catalog_of;
using testing::ShardDriver;
using testing::Texts;
using testing::Word;
using testing::Work;

Workflow<Word> two_steps(Context ctx, Word) {
  co_await ctx.run<Work>({"one"});
  co_await ctx.run<Work>({"two"});
  co_return Word{"done"};
}

Workflow<Word> nap_then_work(Context ctx, Word) {
  co_await ctx.sleep(seconds(60));
  co_return co_await ctx.run<Work>({"late"});
}

Workflow<Word> defect(Context, Word) {
  throw std::logic_error("a defect");
  co_return Word{};
}

std::string last_kind(const ShardDriver& shard, const RunId& run) {
  return shard.kinds(run).back();
}

TEST(Terminate, EndsARunAtOnceAndStopsItsWork) {
  ShardDriver shard(catalog_of(&two_steps));
  const RunId run = shard.start("t", "w")->run;
  shard.forget_actions();
  EXPECT_FALSE(shard.control("w", Control::terminate)->repeated);
  EXPECT_EQ(last_kind(shard, run), "run_terminated");
  EXPECT_EQ(shard.actions<CancelAttempt>().size(), 1U);
  EXPECT_EQ(shard.actions<Notify>().back().outcome->status, RunStatus::terminated);
  EXPECT_EQ(shard.rows(Table::wake), 0U);
}

TEST(Terminate, AnOutcomeThatComesWithItIsRefused) {
  ShardDriver shard(catalog_of(&two_steps));
  const RunId run = shard.start("t", "w")->run;
  shard.step({ControlInput{RequestId(77), {WorkflowId("w"), {}, Control::terminate, "now"}},
              AttemptEnded{run, CommandId(1), Attempt(1), Payload{"late"}}});
  shard.settle();
  EXPECT_EQ(shard.kinds(run), (Texts{"run_started", "activity_scheduled", "run_terminated"}));
}

TEST(Terminate, EndsAParkedRun) {
  ShardDriver shard(catalog_of(&defect));
  const RunId run = shard.start("t", "w")->run;
  EXPECT_EQ(shard.rows(Table::parked), 1U);
  EXPECT_TRUE(shard.control("w", Control::terminate).has_value());
  EXPECT_EQ(last_kind(shard, run), "run_terminated");
  EXPECT_EQ(shard.rows(Table::parked), 0U);
}

TEST(Terminate, TwiceIsOnce) {
  ShardDriver shard(catalog_of(&two_steps));
  shard.start("t", "w");
  shard.control("w", Control::terminate);
  EXPECT_TRUE(shard.control("w", Control::terminate)->repeated);
  EXPECT_EQ(shard.control("w", Control::pause).error().code, Errc::conflict);
}

TEST(Pause, InputsWaitUntilItIsUnpaused) {
  ShardDriver shard(catalog_of(&two_steps));
  const RunId run = shard.start("t", "w")->run;
  shard.control("w", Control::pause);
  shard.attempt_ends(1, Payload{"x"});
  EXPECT_EQ(last_kind(shard, run), "activity_completed");
  EXPECT_EQ(shard.describe("w")->paused->reason, "by hand");
  shard.control("w", Control::unpause);
  EXPECT_EQ(last_kind(shard, run), "activity_scheduled");
  EXPECT_FALSE(shard.describe("w")->paused.has_value());
}

TEST(Pause, OutlivesACrashAndKeepsNothingBusy) {
  ShardDriver shard(catalog_of(&two_steps));
  const RunId run = shard.start("t", "w")->run;
  shard.control("w", Control::pause);
  shard.attempt_ends(1, Payload{"x"});
  shard.start("t", "another");  // takes the stale mark along
  shard.restart();
  EXPECT_EQ(last_kind(shard, run), "activity_completed");
  EXPECT_EQ(shard.shard().peek(run), nullptr) << "no work: it is loaded when it is asked for";
  EXPECT_FALSE(shard.control("w", Control::unpause)->repeated);
  EXPECT_EQ(last_kind(shard, run), "activity_scheduled");
}

TEST(Pause, TimersStillFireOnTime) {
  ShardDriver shard(catalog_of(&nap_then_work));
  const RunId run = shard.start("t", "w")->run;
  shard.control("w", Control::pause);
  shard.advance(seconds(61));
  shard.settle();
  EXPECT_EQ(last_kind(shard, run), "timer_fired");
  shard.control("w", Control::unpause);
  EXPECT_EQ(last_kind(shard, run), "activity_scheduled");
}

StartInput with_options(ShardDriver& shard, Duration delay, Duration run_timeout,
                        Duration execution_timeout = {}) {
  StartInput input = shard.start_input("t", "w");
  input.request.start_delay = delay;
  input.request.run_timeout = run_timeout;
  input.request.execution_timeout = execution_timeout;
  return input;
}

TEST(StartDelay, TheCodeRunsNoEarlier) {
  ShardDriver shard(catalog_of(&two_steps));
  const RunId run = shard.start(with_options(shard, hours(1), {}))->run;
  EXPECT_EQ(shard.kinds(run), (Texts{"run_started"}));
  EXPECT_EQ(shard.describe("w")->starts_at, shard.utc + hours(1));
  shard.advance(hours(1));
  shard.settle();
  EXPECT_EQ(shard.kinds(run), (Texts{"run_started", "activity_scheduled"}));
}

TEST(StartDelay, OutlivesACrash) {
  ShardDriver shard(catalog_of(&two_steps));
  const RunId run = shard.start(with_options(shard, hours(1), {}))->run;
  shard.restart();
  EXPECT_EQ(shard.shard().peek(run), nullptr);
  shard.advance(hours(1));
  shard.settle();
  EXPECT_EQ(last_kind(shard, run), "activity_scheduled");
}

TEST(StartDelay, ACancelDoesNotWaitForIt) {
  ShardDriver shard(catalog_of(&two_steps));
  const RunId run = shard.start(with_options(shard, hours(1), {}))->run;
  shard.cancel("w");
  EXPECT_EQ(last_kind(shard, run), "run_cancelled");
}

TEST(RunTimeout, EndsARunThatIsLate) {
  ShardDriver shard(catalog_of(&two_steps));
  const RunId run = shard.start(with_options(shard, {}, seconds(30)))->run;
  shard.forget_actions();
  shard.advance(seconds(30));
  shard.settle();
  EXPECT_EQ(last_kind(shard, run), "run_timed_out");
  EXPECT_EQ(shard.actions<CancelAttempt>().size(), 1U);
  EXPECT_EQ(shard.actions<Notify>().back().outcome->status, RunStatus::timed_out);
}

TEST(RunTimeout, CountsFromTheEndOfTheStartDelay) {
  ShardDriver shard(catalog_of(&nap_then_work));
  const RunId run = shard.start(with_options(shard, seconds(20), seconds(30)))->run;
  shard.restart();
  shard.advance(seconds(49));
  shard.settle();
  EXPECT_EQ(last_kind(shard, run), "timer_started");
  shard.advance(seconds(1));
  shard.settle();
  EXPECT_EQ(last_kind(shard, run), "run_timed_out");
}

TEST(RunTimeout, ARunThatEndsInTimeIsLeftAlone) {
  ShardDriver shard(catalog_of(&two_steps));
  const RunId run = shard.start(with_options(shard, {}, seconds(30)))->run;
  shard.attempt_ends(1, Payload{"x"});
  shard.attempt_ends(2, Payload{"y"});
  shard.advance(hours(1));
  shard.settle();
  EXPECT_EQ(last_kind(shard, run), "run_completed");
}

Workflow<Word> restless(Context ctx, Word input) {
  co_await ctx.sleep(seconds(10));
  ctx.continue_as_new(input);
  co_return input;
}

TEST(ExecutionTimeout, EndsAllRunsThatContinueTheFirst) {
  ShardDriver shard(catalog_of(&restless));
  shard.start(with_options(shard, {}, seconds(15), seconds(35)));
  for (int i = 0; i < 7; ++i) {
    shard.advance(seconds(5));
    shard.settle();
  }
  const auto row = decode_workflow_row(**shard.log().get(Table::workflow, "w"));
  EXPECT_TRUE(row->closed);
  const std::vector<Event> last = shard.events(row->run);
  EXPECT_EQ(last.back().body, EventBody(RunTimedOut{true}));
  EXPECT_EQ(std::get<RunStarted>(last.front().body).run_timeout, seconds(15));
}

StartInput on_conflict(ShardDriver& shard, IdConflict conflict) {
  StartInput input = shard.start_input("t", "w");
  input.request.id_conflict = conflict;
  return input;
}

TEST(IdConflict, TheOpenRunCanBeUsed) {
  ShardDriver shard(catalog_of(&two_steps));
  const RunId run = shard.start("t", "w")->run;
  const auto second = shard.start(on_conflict(shard, IdConflict::use_existing));
  EXPECT_EQ(second->run, run);
  EXPECT_TRUE(second->repeated);
}

TEST(IdConflict, TheOpenRunCanBeReplacedInOneCommit) {
  ShardDriver shard(catalog_of(&two_steps));
  const RunId first = shard.start("t", "w")->run;
  const auto second = shard.start(on_conflict(shard, IdConflict::terminate_existing));
  EXPECT_EQ(last_kind(shard, first), "run_terminated");
  EXPECT_EQ(shard.kinds(second->run), (Texts{"run_started", "activity_scheduled"}));
  const auto row = decode_workflow_row(**shard.log().get(Table::workflow, "w"));
  EXPECT_EQ(row->run, second->run);
  EXPECT_FALSE(row->closed);
}

TEST(IdReuse, ARunThatDidNotCompleteCanBeAllowedASecondTry) {
  ShardDriver shard(catalog_of(&two_steps));
  const auto again = [&] { return shard.start("t", "w", {}, IdReuse::allow_if_unsuccessful); };
  ASSERT_TRUE(again().has_value());
  shard.control("w", Control::terminate);
  shard.restart();
  ASSERT_TRUE(again().has_value());
  shard.attempt_ends(1, Payload{"x"});
  shard.attempt_ends(2, Payload{"y"});
  EXPECT_EQ(again().error().code, Errc::already_exists);
}

}  // namespace
}  // namespace reprise
