// Local steps: run off the shard, recorded like activities; windows of them share a commit.
#include <gtest/gtest.h>

#include "engine/author/workflow.hpp"
#include "engine/core/testing/play.hpp"
#include "engine/core/testing/shard_driver.hpp"

namespace reprise {
namespace {

using testing::catalog_of;
using testing::ShardDriver;
using testing::Word;
using Kinds = std::vector<std::string>;

Word shout(const Word& word) { return Word{word.text + "!"}; }

// As many steps one after the other as its input has letters.
Workflow<Word> stepping(Context ctx, Word input) {
  Word word{"a"};
  for (const char kind : input.text)
    word =
        co_await ctx.step("shout", [word] { return shout(word); }, {.shares_commit = kind == 's'});
  co_return word;
}

// The local steps that were handed out since the last look, each done.
struct Steps {
  explicit Steps(const std::string& kinds) : shard(catalog_of(&stepping)) {
    StartInput start = shard.start_input("t", "w");
    start.request.input = Payload{kinds};
    shard.step({Input(std::move(start))});
    while (shard.answer_read()) {
    }
  }
  // Does the open step; false when there is none.
  bool run_one() {
    const auto open = shard.actions<Dispatch>();
    shard.forget_actions();
    if (open.empty()) return false;
    EXPECT_EQ(open.size(), 1U);
    const Dispatch& step = open.back();
    run = step.run;
    EXPECT_NE(step.step, nullptr);
    shard.step({Input(AttemptEnded{step.run, step.command, step.attempt, (*step.step)()})});
    ++done;
    return true;
  }
  std::size_t commits() {
    std::size_t count = 0;
    while (shard.commit()) ++count;
    return count;
  }
  ShardDriver shard;
  RunId run;
  int done = 0;
};

TEST(Steps, EachIsRecordedBeforeTheNextBegins) {
  Steps steps("eee");
  EXPECT_EQ(steps.commits(), 1U);
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(steps.run_one());
    EXPECT_TRUE(steps.shard.actions<Dispatch>().empty());
    EXPECT_EQ(steps.commits(), 1U);
  }
  EXPECT_EQ(steps.shard.events(steps.run).back().body, EventBody(RunCompleted{{"a!!!"}}));
}

TEST(Steps, BeginOnlyOnceAllBeforeThemIsDurable) {
  Steps steps("sss");
  EXPECT_FALSE(steps.run_one());
  EXPECT_EQ(steps.commits(), 1U);
  EXPECT_TRUE(steps.run_one());
}

TEST(Steps, ThatShareACommitAreOneRecord) {
  Steps steps("sssss");
  steps.commits();
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(steps.run_one());
    EXPECT_EQ(steps.shard.shard().peek(steps.run)->parked().has_value(), false);
  }
  EXPECT_EQ(steps.commits(), 1U);
  EXPECT_EQ(steps.shard.events(steps.run).back().body, EventBody(RunCompleted{{"a!!!!!"}}));
}

TEST(Steps, ACrashInAWindowRunsItsStepsAgain) {
  Steps steps("ssss");
  steps.commits();
  steps.run_one();
  steps.run_one();
  steps.shard.restart();
  EXPECT_EQ(steps.shard.kinds(steps.run),
            (Kinds{"run_started", "activity_scheduled", "activity_attempt_lost"}));
  while (steps.run_one()) steps.shard.settle();
  EXPECT_EQ(steps.done, 2 + 4);
  EXPECT_EQ(steps.shard.events(steps.run).back().body, EventBody(RunCompleted{{"a!!!!"}}));
}

TEST(Steps, WhatACallerIsToldOfAWindowIsDurableFirst) {
  Steps steps("ssss");
  steps.commits();
  steps.run_one();
  const DescribeInput look{RequestId(77), {WorkflowId("w"), {}}};
  const auto open = steps.shard.actions<Dispatch>();
  steps.shard.step({Input(look)});
  EXPECT_FALSE(steps.shard.reply(RequestId(77)).has_value());
  EXPECT_EQ(steps.commits(), 1U);
  EXPECT_TRUE(steps.shard.reply(RequestId(77)).has_value());
  EXPECT_EQ(steps.shard.kinds(steps.run), (Kinds{"run_started", "activity_scheduled",
                                                 "activity_completed", "activity_scheduled"}));
  // The open step goes on, and is not begun twice.
  EXPECT_EQ(steps.shard.actions<Dispatch>().size(), open.size());
}

TEST(Steps, AWindowIsWrittenAfterAWhile) {
  Steps steps("ssss");
  steps.commits();
  steps.run_one();
  steps.shard.step();
  EXPECT_EQ(steps.commits(), 0U);
  steps.shard.advance(std::chrono::milliseconds(101));
  steps.shard.step();
  EXPECT_EQ(steps.commits(), 1U);
  EXPECT_TRUE(steps.run_one());
}

TEST(Steps, ARunWithAnOpenWindowStaysInMemory) {
  Steps steps("ssss");
  steps.commits();
  steps.run_one();
  steps.shard.step({Input(EvictIdle{})});
  EXPECT_NE(steps.shard.shard().peek(steps.run), nullptr);
}

TEST(Steps, AWindowEndsWithALimit) {
  Steps steps(std::string(300, 's'));
  steps.commits();
  std::size_t commits = 0;
  while (steps.run_one()) commits += steps.commits();
  EXPECT_EQ(steps.done, 300);
  EXPECT_GT(commits, 3U);
  EXPECT_LT(commits, 10U);
}

Workflow<Word> failing(Context ctx, Word input) {
  co_return co_await ctx.step("fail", [input]() -> Word {
    if (input.text == "final") throw WorkflowFailure("no_stock", "none left");
    throw std::runtime_error("not today");
  });
}

std::expected<Payload, ActivityFailure> outcome_of_failing(const std::string& input) {
  ShardDriver shard(catalog_of(&failing));
  StartInput start = shard.start_input("t", "w");
  start.request.input = Payload{input};
  EXPECT_TRUE(shard.start(std::move(start)).has_value());
  return (*shard.actions<Dispatch>().at(0).step)();
}

TEST(Steps, AnExceptionIsTriedAgainAndAWorkflowFailureIsFinal) {
  EXPECT_EQ(outcome_of_failing("x").error(), (ActivityFailure{"exception", "not today"}));
  EXPECT_EQ(outcome_of_failing("final").error(), (ActivityFailure{"no_stock", "none left", false}));
}

Workflow<Word> other_code(Context ctx, Word) {
  co_await ctx.signal("never");
  co_return Word{};
}

TEST(Steps, OfAParkedRunWaitForABuildThatHasThem) {
  Steps steps("e");
  steps.shard.settle();
  const RunId run = steps.shard.actions<Dispatch>().at(0).run;
  steps.shard.restart(catalog_of(&other_code));
  EXPECT_TRUE(steps.shard.describe("w")->parked.has_value());
  EXPECT_TRUE(steps.shard.actions<Dispatch>().empty());
  steps.shard.restart(catalog_of(&stepping));
  while (steps.run_one()) steps.shard.settle();
  EXPECT_EQ(steps.shard.events(run).back().body, EventBody(RunCompleted{{"a!"}}));
}

}  // namespace
}  // namespace reprise
