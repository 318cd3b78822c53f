// Recovery, eviction, parking, and the rows that tell a start what to look at.
#include <gtest/gtest.h>

#include <algorithm>

#include "engine/author/workflow.hpp"
#include "engine/core/testing/failed_answer.hpp"
#include "engine/core/testing/shard_driver.hpp"

namespace reprise {
namespace {

using std::chrono::seconds;
using testing::catalog_of;
using testing::ShardDriver;
using testing::Word;
using testing::Work;

Workflow<Word> call_then_nap(Context ctx, Word) {
  co_await ctx.run<Work>({"x"});
  co_await ctx.sleep(seconds(60));
  co_return Word{};
}

Workflow<Word> defect(Context, Word) {
  throw std::logic_error("a defect");
  co_return Word{};
}

std::size_t wakes_of(const ShardDriver& shard) { return shard.rows(Table::wake); }

// A run of call_then_nap that has nothing to do, and is marked busy on disk.
void sleeps_with_a_stale_mark(ShardDriver& shard) {
  const RunId run = shard.start("t", "w")->run;
  shard.attempt_ends(1, Payload{"y"});
  Batch stale;
  stale.put(Table::busy, busy_key(ShardIndex(3), run), "w");
  ASSERT_TRUE(shard.log().append({&stale, 1}).has_value());
}

TEST(ShardRows, ABusyMarkStandsWhileWorkIsOpenAndAWakeRowWhileItOnlySleeps) {
  ShardDriver shard(catalog_of(&call_then_nap));
  shard.start("t", "w");
  EXPECT_EQ(shard.rows(Table::busy), 1U);
  EXPECT_EQ(wakes_of(shard), 0U);
  shard.attempt_ends(1, Payload{"y"});
  EXPECT_EQ(shard.rows(Table::busy), 0U);
  EXPECT_EQ(wakes_of(shard), 1U);
  shard.advance(seconds(60));
  shard.settle();
  EXPECT_EQ(wakes_of(shard), 0U);
  const auto row = decode_workflow_row(**shard.log().get(Table::workflow, "w"));
  EXPECT_TRUE(row->closed);
}

TEST(ShardRows, AStaleBusyMarkGoesWithALaterBatch) {
  ShardDriver shard(catalog_of(&call_then_nap));
  sleeps_with_a_stale_mark(shard);
  shard.restart();
  EXPECT_EQ(shard.rows(Table::busy), 1U) << "it costs no write of its own";
  shard.start("t", "other");
  EXPECT_EQ(shard.rows(Table::busy), 1U) << "the one of the other run";
}

TEST(ShardRecovery, OnlyRunsWithOpenWorkAreLoaded) {
  ShardDriver shard(catalog_of(&call_then_nap));
  for (int i = 0; i < 20; ++i) shard.start("t", "sleeper-" + std::to_string(i));
  for (const Dispatch& dispatch : shard.actions<Dispatch>())
    shard.give(AttemptEnded{dispatch.run, dispatch.command, dispatch.attempt, Payload{"y"}});
  shard.start("t", "busy");
  shard.restart();
  EXPECT_EQ(shard.shard().runs_cached(), 1U);
  EXPECT_EQ(shard.actions<Dispatch>().size(), 1U);
}

TEST(ShardRecovery, DueTimersOfRunsOnDiskFireEachOnceAFewAtATime) {
  ShardDriver shard(catalog_of(&call_then_nap), {.runs_cached_max = 3, .waking_max = 2});
  std::vector<RunId> runs;
  for (int i = 0; i < 30; ++i) runs.push_back(shard.start("t", "w" + std::to_string(i))->run);
  for (const Dispatch& dispatch : shard.actions<Dispatch>())
    shard.give(AttemptEnded{dispatch.run, dispatch.command, dispatch.attempt, Payload{"y"}});
  shard.restart();
  shard.advance(seconds(61));
  shard.settle();
  for (const RunId& run : runs) EXPECT_EQ(shard.kinds(run).back(), "run_completed");
  EXPECT_LE(shard.shard().runs_cached(), 3U);
}

// Twelve runs whose timers are due at one moment, and some with open work, on disk.
struct Sleepers {
  explicit Sleepers(ShardLimits limits, int busy = 0) : shard(catalog_of(&call_then_nap), limits) {
    for (int i = 0; i < 12; ++i) runs.push_back(shard.start("t", "w" + std::to_string(i))->run);
    for (const Dispatch& dispatch : shard.actions<Dispatch>())
      shard.give(AttemptEnded{dispatch.run, dispatch.command, dispatch.attempt, Payload{"y"}});
    for (int i = 0; i < busy; ++i) shard.start("t", "busy" + std::to_string(i));
    shard.lose_memory();
    shard.advance(seconds(60));
  }
  [[nodiscard]] std::ptrdiff_t completed() const {
    return std::ranges::count_if(
        runs, [&](const RunId& run) { return shard.kinds(run).back() == "run_completed"; });
  }
  ShardDriver shard;
  std::vector<RunId> runs;
};

TEST(ShardRecovery, MoreTimersOfOneMomentThanOneReadBringsAllFire) {
  Sleepers sleepers({});
  ASSERT_GT(sleepers.runs.size(), 2 * testing::kSmallReads.wakes);
  sleepers.shard.settle();
  EXPECT_EQ(sleepers.completed(), 12);
}

TEST(ShardRecovery, AsManyRunsWakeAsMayUntilTheyAreDurable) {
  Sleepers sleepers({.waking_max = 2});
  ShardDriver& shard = sleepers.shard;
  shard.step();
  while (shard.answer_read()) {
  }
  for (int i = 0; i < 3; ++i) shard.step();
  EXPECT_EQ(shard.reads_open(), 0U);
  EXPECT_EQ(shard.shard().next_utc(), std::nullopt) << "nothing to do before a commit";
  EXPECT_EQ(sleepers.completed(), 0);
  while (shard.commit()) {
  }
  EXPECT_EQ(sleepers.completed(), 2);
  shard.settle();
  EXPECT_EQ(sleepers.completed(), 12);
}

// Else a caller for each would fill the waker's queue with reads that are of no use.
TEST(ShardRecovery, AReadThatACallerHasOvertakenCountsUntilItIsAnswered) {
  Sleepers sleepers({.waking_max = 2});
  ShardDriver& shard = sleepers.shard;
  const auto first = std::ranges::min_element(sleepers.runs);
  const std::string called = "w" + std::to_string(first - sleepers.runs.begin());
  shard.step();
  shard.step({shard.signal_input(called, "go")});
  for (const char* of : {"what is open", "what is due", "the id"})
    ASSERT_TRUE(shard.answer_read()) << of;
  ASSERT_EQ(shard.reads_open(), 3U) << "two runs wake, and one of them is read for the caller too";
  shard.answer_read(2);
  while (shard.commit()) {
  }
  EXPECT_EQ(sleepers.completed(), 1);
  EXPECT_EQ(shard.reads_open(), 2U) << "no third run is read before the read of no use has ended";
  shard.answer_read();
  EXPECT_EQ(shard.reads_open(), 2U) << "now it is";
  shard.settle();
  EXPECT_EQ(sleepers.completed(), 12);
}

TEST(ShardRecovery, WhatIsDueFirstComesFirstFromDiskOrFromMemory) {
  ShardDriver shard(catalog_of(&call_then_nap));
  const RunId on_disk = shard.start("t", "on disk")->run;
  shard.attempt_ends(1, Payload{"y"});
  shard.restart();
  shard.advance(seconds(30));
  const RunId in_memory = shard.start("t", "in memory")->run;
  shard.attempt_ends(1, Payload{"y"});
  shard.advance(seconds(70));
  shard.step();
  EXPECT_EQ(shard.reads_open(), 1U) << "although the one in memory is due as well";
  shard.settle();
  for (const RunId& run : {on_disk, in_memory}) EXPECT_EQ(shard.kinds(run).back(), "run_completed");
}

TEST(ShardRecovery, NobodyWaitsForABatchOfRunsThatTimersWoke) {
  Sleepers sleepers({.waking_max = 1});
  ShardDriver& shard = sleepers.shard;
  shard.step();
  while (shard.answer_read()) {
  }
  EXPECT_EQ(shard.batches_waited_for(), std::vector{false});
  shard.commit();  // the shard is told, and goes on to the next
  while (shard.answer_read()) {
  }
  EXPECT_EQ(shard.batches_waited_for(), std::vector{false});
  shard.step({shard.start_input("t", "another")});
  while (shard.answer_read()) {
  }
  EXPECT_EQ(shard.batches_waited_for(), (std::vector{false, true}));
}

TEST(ShardRecovery, OpenWorkDoesNotWaitForTheTimersThatAreDue) {
  Sleepers sleepers({.waking_max = 1}, 7);
  ShardDriver& shard = sleepers.shard;
  for (int turns = 0; !shard.shard().recovered(); ++turns) {
    ASSERT_LT(turns, 1000);
    if (!shard.answer_read() && !shard.commit()) shard.step();
  }
  EXPECT_LT(sleepers.completed(), 5) << "not even as many as one read brings";
  shard.settle();
  EXPECT_EQ(sleepers.completed(), 12);
}

TEST(ShardRecovery, TimersOfRunsInMemoryFireAFewAtATimeToo) {
  ShardDriver shard(catalog_of(&call_then_nap), {.waking_max = 2});
  std::vector<RunId> runs;
  for (int i = 0; i < 12; ++i) runs.push_back(shard.start("t", "w" + std::to_string(i))->run);
  for (const Dispatch& dispatch : shard.actions<Dispatch>())
    shard.give(AttemptEnded{dispatch.run, dispatch.command, dispatch.attempt, Payload{"y"}});
  shard.advance(seconds(60));
  for (int i = 0; i < 3; ++i) shard.step();
  EXPECT_EQ(shard.rows(Table::wake), 12U);
  ASSERT_TRUE(shard.commit());
  EXPECT_EQ(shard.rows(Table::wake), 10U) << "the first two";
  shard.settle();
  EXPECT_EQ(shard.rows(Table::wake), 0U);
}

TEST(ShardRecovery, AReadThatFailsOnceLosesNothing) {
  ShardDriver shard(catalog_of(&call_then_nap));
  const RunId run = shard.start("t", "w")->run;
  shard.attempt_ends(1, Payload{"y"});
  const RunId busy = shard.start("t", "busy")->run;
  shard.restart();
  shard.evict();
  shard.advance(seconds(60));
  shard.step();
  while (shard.fail_read()) shard.step();
  for (int i = 0; i < 5; ++i) {
    shard.advance(seconds(1));
    shard.settle();
  }
  EXPECT_EQ(shard.kinds(run).back(), "run_completed");
  EXPECT_NE(shard.kinds(busy).back(), "run_started");
}

TEST(ShardLoading, AnOutcomeThatComesWhileItsRunCannotBeReadIsKept) {
  ShardDriver shard(catalog_of(&call_then_nap));
  const RunId run = shard.start("t", "w")->run;
  const Dispatch dispatch = shard.actions<Dispatch>().back();
  shard.evict();
  shard.settle();
  ASSERT_EQ(shard.shard().runs_cached(), 0U);
  shard.forget_actions();
  shard.step({AttemptEnded{run, dispatch.command, dispatch.attempt, Payload{"dear"}}});
  ASSERT_TRUE(shard.fail_read());
  shard.step();
  shard.advance(seconds(1));
  shard.settle();
  EXPECT_EQ(shard.kinds(run), (std::vector<std::string>{"run_started", "activity_scheduled",
                                                        "activity_completed", "timer_started"}));
  EXPECT_TRUE(shard.actions<Dispatch>().empty()) << "it was made again";
}

TEST(ShardRecovery, FailedReadsAtTheStartAreMadeAgain) {
  ShardDriver shard(catalog_of(&call_then_nap));
  const RunId run = shard.start("t", "w")->run;
  shard.lose_memory();
  shard.step();
  while (shard.fail_read()) {
  }
  shard.settle();
  EXPECT_EQ(shard.kinds(run).back(), "activity_scheduled") << "not at once";
  shard.advance(seconds(1));
  shard.settle();
  EXPECT_EQ(shard.kinds(run).back(), "activity_attempt_lost");
}

TEST(ShardRecovery, ARunThatRestsLosesItsBusyMarkAlsoWhenTheFirstLoadFails) {
  ShardDriver shard(catalog_of(&call_then_nap));
  sleeps_with_a_stale_mark(shard);
  shard.lose_memory();
  shard.step();
  ASSERT_TRUE(shard.answer_read()) << "the marks";
  shard.step();
  while (shard.fail_read()) shard.step();
  ASSERT_EQ(shard.shard().runs_cached(), 0U);
  shard.advance(seconds(1));
  shard.settle();
  ASSERT_TRUE(shard.start("t", "another").has_value());  // a batch to take the mark away with
  EXPECT_EQ(shard.rows(Table::busy), 1U) << "of the other run";
}

TEST(ShardEviction, NothingLeavesBeforeItIsDurable) {
  ShardDriver shard(catalog_of(&call_then_nap), {.runs_cached_max = 1});
  std::vector<Input> inputs;
  for (int i = 0; i < 5; ++i) inputs.emplace_back(shard.start_input("t", "w" + std::to_string(i)));
  shard.step(std::move(inputs));
  while (shard.answer_read()) {
  }
  EXPECT_EQ(shard.shard().runs_cached(), 5U);
  inputs.clear();
  inputs.emplace_back(EvictIdle{});
  shard.step(std::move(inputs));
  EXPECT_EQ(shard.shard().runs_cached(), 5U);
  shard.settle();
  EXPECT_EQ(shard.shard().runs_cached(), 1U);
}

TEST(ShardLoading, ADamagedRunIsRefusedAndItsNeighboursGoOn) {
  ShardDriver shard(catalog_of(&call_then_nap));
  const RunId run = shard.start("t", "damaged")->run;
  shard.start("t", "well");
  Batch damage;
  std::string bytes = shard.log().get(Table::record, record_key(run, Sequence(1)))->value();
  bytes[20] = static_cast<char>(bytes[20] ^ 1);
  damage.erase(Table::record, record_key(run, Sequence(1)));
  damage.put(Table::record, record_key(run, Sequence(1)), bytes);
  ASSERT_TRUE(shard.log().append({&damage, 1}).has_value());
  shard.restart();
  EXPECT_EQ(shard.describe("damaged").error().code, Errc::corrupt);
  EXPECT_EQ(shard.start("t", "damaged").error().code, Errc::corrupt);
  EXPECT_TRUE(shard.describe("well").has_value());
}

TEST(ShardLoading, AHistoryOfManySlicesLoadsWhole) {
  const auto long_story = +[](Context ctx, Word) -> Workflow<Word> {
    for (;;) co_await ctx.signal<Word>("go");
  };
  ShardDriver shard(catalog_of(long_story));
  const RunId run = shard.start("t", "w")->run;
  for (int i = 0; i < 100; ++i) {
    SignalInput input = shard.signal_input("w", "go");
    input.request.payload =
        Payload{std::string(i == 99 ? 5000 : 100, 'x')};  // the last fills a slice
    shard.give(std::move(input));
  }
  shard.evict();
  EXPECT_EQ(shard.describe("w")->view.last, Sequence(101));
  EXPECT_EQ(shard.events(run).size(), 101U);
}

TEST(ShardParking, AParkedRunHasARowTakesInputsAndLeavesMemory) {
  ShardDriver shard(catalog_of(&call_then_nap));
  const RunId run = shard.start("t", "w")->run;
  shard.restart(catalog_of(&defect));
  EXPECT_EQ(shard.rows(Table::parked), 1U);
  EXPECT_TRUE(shard.describe("w")->parked.has_value());
  EXPECT_TRUE(shard.signal("w", "go").has_value());
  shard.attempt_ends(1, Payload{"y"});
  EXPECT_EQ(shard.describe("w")->inputs_pending, 2U);
  shard.evict();
  EXPECT_EQ(shard.shard().runs_cached(), 0U);

  shard.restart(catalog_of(&call_then_nap));
  EXPECT_EQ(shard.rows(Table::parked), 0U);
  EXPECT_EQ(shard.kinds(run).back(), "timer_started") << "a fixed build goes on by itself";
}

TEST(ShardParking, AClosedRunIsReadableByABuildThatWouldNotReplayIt) {
  ShardDriver shard(catalog_of(&call_then_nap));
  shard.start("t", "w");
  shard.cancel("w");
  shard.restart(catalog_of(&defect));
  EXPECT_EQ(shard.describe("w")->view.status, RunStatus::cancelled);
  EXPECT_EQ(shard.rows(Table::parked), 0U);
}

}  // namespace
}  // namespace reprise
