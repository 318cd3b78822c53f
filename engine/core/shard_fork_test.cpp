// A copy of a run comes into memory as any run does, but that nothing of it can have been lost.
#include <gtest/gtest.h>

#include "engine/author/workflow.hpp"
#include "engine/core/fork.hpp"
#include "engine/core/testing/play.hpp"
#include "engine/core/testing/shard_driver.hpp"

namespace reprise {
namespace {

using std::chrono::seconds;
using testing::ShardDriver;
using testing::Word;
using testing::Work;

const RunId kFork = RunId::make(UtcTime::from_micros(1'800'000'000'000'000), 3, 4);

constexpr std::size_t kWaitingMax = 3;

ActivityOptions options;  // of the activity of one_call
bool rests = false;       // it sleeps instead

Workflow<Word> one_call(Context ctx, Word word) {
  if (!rests) co_return co_await ctx.run<Work>(word, options);
  co_await ctx.sleep(std::chrono::hours(1));
  co_return word;
}

// A run that was terminated while its activity was under way, and a copy of all before that.
class ShardFork : public ::testing::Test {
 protected:
  ShardFork()
      : catalog(testing::catalog_of(&one_call)),
        shard(testing::catalog_of(&one_call), {.waiting_max = kWaitingMax}) {}
  ~ShardFork() override {
    options = {};
    rests = false;
  }

  ForkInput copy_of(const RunId& run) {
    Forker forker(catalog, {.from = run,
                            .to = kFork,
                            .through = Sequence(2),
                            .last_command = CommandId(1),
                            .reason = {}});
    ForkRequest page{
        .workflow = WorkflowId("w"), .run = kFork, .latest = run, .rows = {}, .entries = {}};
    const auto add = [&page](ForkedRecord record) {
      page.rows.push_back(
          {Table::record, false, record_key(kFork, record.first), std::move(record.encoded.bytes)});
    };
    for (const Record& record : shard.records(run))
      if (std::optional<ForkedRecord> copied = forker.take(record).value()) add(std::move(*copied));
    add(forker.finish(shard.utc).value());
    page.is_first = page.is_last = true;
    page.row = {kFork, forker.state().started()->first_run, false};
    page.view = encode_view(forker.view());
    return {.id = RequestId(9000), .request = std::move(page)};
  }
  void terminate_and_copy() {
    const RunId run = shard.start("t", "w")->run;
    shard.advance(seconds(4));
    ASSERT_TRUE(shard.control("w", Control::terminate).has_value());
    shard.forget_actions();
    shard.step({copy_of(run)});
    ASSERT_TRUE(shard.answer_read());  // who has the id
    ASSERT_TRUE(shard.commit());
  }
  std::vector<std::string> behind_the_cut() {
    std::vector<std::string> kinds = shard.kinds(kFork);
    kinds.erase(kinds.begin(), kinds.begin() + 2);
    return kinds;
  }

  Catalog catalog;
  ShardDriver shard;
};

TEST_F(ShardFork, AnAttemptOfTheOriginalIsMadeAgainAndIsNotLost) {
  terminate_and_copy();
  shard.settle();
  ASSERT_EQ(shard.actions<Dispatch>().size(), 1U);
  EXPECT_EQ(shard.actions<Dispatch>().back().attempt, Attempt(1));
  EXPECT_EQ(behind_the_cut(), (std::vector<std::string>{"run_forked"}));
}

TEST_F(ShardFork, NorIsItWhenTheFirstLoadFails) {
  terminate_and_copy();
  ASSERT_TRUE(shard.fail_read());
  shard.step();
  EXPECT_TRUE(shard.actions<Dispatch>().empty());
  shard.advance(seconds(1));
  shard.settle();
  EXPECT_EQ(shard.actions<Dispatch>().size(), 1U);
  EXPECT_EQ(behind_the_cut(), (std::vector<std::string>{"run_forked"}));
}

TEST_F(ShardFork, ACopyThatRestsLosesItsBusyMarkAlsoWhenTheFirstLoadFails) {
  rests = true;
  terminate_and_copy();
  ASSERT_TRUE(shard.fail_read());
  shard.step();
  EXPECT_EQ(shard.rows(Table::busy), 1U);
  shard.advance(seconds(1));
  shard.settle();
  ASSERT_TRUE(shard.start("t", "another").has_value());  // a batch to take the mark away with
  shard.settle();
  EXPECT_EQ(shard.rows(Table::busy), 0U);
}

TEST_F(ShardFork, ACopyHasRoomWhereTooManyRequestsWait) {
  const RunId run = shard.start("t", "w")->run;
  ASSERT_TRUE(shard.control("w", Control::terminate).has_value());
  std::vector<Input> inputs;
  for (std::size_t i = 0; i <= kWaitingMax; ++i) inputs.emplace_back(shard.signal_input("w", "go"));
  inputs.emplace_back(copy_of(run));
  shard.forget_actions();
  shard.step(std::move(inputs));
  ASSERT_EQ(shard.actions<Reply>().size(), 1U);
  EXPECT_EQ(shard.actions<Reply>().front().answer.error().code, Errc::overloaded);
  shard.settle();
  EXPECT_EQ(shard.describe("w")->view.run, kFork);
}

TEST_F(ShardFork, TheTimeThatAllAttemptsHadLeftIsKept) {
  options.schedule_to_close = seconds(10);
  terminate_and_copy();
  shard.settle();
  shard.advance(seconds(9));
  shard.settle();
  EXPECT_EQ(behind_the_cut(), (std::vector<std::string>{"run_forked"}));
  shard.advance(seconds(2));
  shard.settle();
  EXPECT_EQ(behind_the_cut(),
            (std::vector<std::string>{"run_forked", "activity_failed", "run_failed"}));
}

}  // namespace
}  // namespace reprise
