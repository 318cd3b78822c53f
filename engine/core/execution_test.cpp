#include "engine/core/execution.hpp"

#include <gtest/gtest.h>

#include "engine/author/workflow.hpp"
#include "engine/core/testing/play.hpp"

namespace reprise {
namespace {

using std::chrono::seconds;
using testing::Play;
using testing::Texts;
using testing::Word;
using testing::Work;

Workflow<Word> two_steps(Context ctx, Word input) {
  const Word first = co_await ctx.run<Work>({input.text + "1"});
  ctx.record("first", first);
  const Word second = co_await ctx.run<Work>({first.text + "2"});
  co_return second;
}

TEST(Execution, EachAnswerGivesTheNextCommand) {
  Play play(define("t", &two_steps));
  EXPECT_EQ(play.start("a"), (Texts{"activity 1 work:a1"}));
  EXPECT_EQ(play.complete(1, "b"), (Texts{"fact 2 first:b", "activity 3 work:b2"}));
  EXPECT_EQ(play.complete(3, "c"), (Texts{"completed c"}));
  EXPECT_TRUE(play.execution().finished());
}

TEST(Execution, AFailureOfAnActivityFailsTheRunUnlessCaught) {
  Play play(define("t", &two_steps));
  play.start();
  EXPECT_EQ(play.fail(1, "refused"), (Texts{"failed refused"}));
}

Workflow<Word> tries(Context ctx, Word) {
  const auto result = co_await ctx.try_run<Work>({"x"});
  co_return Word{result ? "fine" : result.error().type};
}

TEST(Execution, TryRunGivesTheFailureAsAValue) {
  Play play(define("t", &tries));
  play.start();
  EXPECT_EQ(play.fail(1, "refused"), (Texts{"completed refused"}));
}

TEST(Execution, AResultThatIsNoOutputFailsTheRun) {
  Play play(define("t", &two_steps));
  play.start();
  EXPECT_EQ(play.complete(1, "?"), (Texts{"failed bad_payload"}));
}

TEST(Execution, AnInputThatIsNoInputFailsTheRun) {
  Play play(define("t", &two_steps));
  EXPECT_EQ(play.start("?"), (Texts{"failed bad_input"}));
}

TEST(Execution, ALateResultIsIgnored) {
  Play play(define("t", &two_steps));
  play.start();
  play.complete(1, "b");
  EXPECT_EQ(play.complete(1, "again"), Texts{});
  EXPECT_EQ(play.complete(77, "never asked"), Texts{});
}

Workflow<Word> waits(Context ctx, Word) {
  const Word first = co_await ctx.signal<Word>("go");
  co_await ctx.sleep(seconds(5));
  const Word second = co_await ctx.signal<Word>("go");
  co_return Word{first.text + second.text};
}

TEST(Execution, SignalsAreTakenInOrderAndKeptUntilAsked) {
  Play play(define("t", &waits));
  EXPECT_EQ(play.start(), Texts{});
  EXPECT_EQ(play.signal("other", "x"), Texts{});
  EXPECT_EQ(play.signal("go", "a"), (Texts{"timer 1"}));
  EXPECT_EQ(play.signal("go", "b"), Texts{});
  EXPECT_EQ(play.signal("go", "c"), Texts{});
  EXPECT_EQ(play.fire(1), (Texts{"completed ab"}));
}

TEST(Execution, ATimersTimeCountsFromTheActivationThatStartsIt) {
  Play play(define("t", &waits));
  play.start();
  play.now = play.now + seconds(100);
  const Event input{Sequence(2), play.now, SignalReceived{"go", {"a"}, {}}};
  const auto issued = play.execution().activate({&input, 1}, play.now);
  EXPECT_EQ(std::get<TimerStarted>(issued->front()).fire_at, play.now + seconds(5));
}

Workflow<Word> clock_reader(Context ctx, Word) {
  const UtcTime before = ctx.now();
  co_await ctx.signal<Word>("go");
  co_return Word{ctx.now() < before ? "back" : ctx.now() == before ? "same" : "on"};
}

TEST(Execution, NowNeverGoesBack) {
  Play play(define("t", &clock_reader));
  play.start();
  play.now = play.now + seconds(-3600);
  EXPECT_EQ(play.signal("go"), (Texts{"completed same"}));
}

Workflow<Word> draws(Context ctx, Word which) {
  std::string text;
  if (which.text == "more") text = std::to_string(ctx.random("other")).substr(0, 0);
  text += std::to_string(ctx.random("a")) + " " + std::to_string(ctx.random("a")) + " ";
  co_return Word{text + ctx.uuid("id")};
}

TEST(Execution, RandomNumbersAndIdsAreAFunctionOfTheSeedAndTheirName) {
  const char* expected =
      "completed 873104684624215962 2362544865978703123 78300304-8431-8c90-9b0c-8d2112691ee4";
  EXPECT_EQ(Play(define("t", &draws)).start(), (Texts{expected}));
  EXPECT_EQ(Play(define("t", &draws)).start("more"), (Texts{expected}))
      << "whatever other names do";
}

Workflow<Word> stages(Context ctx, Word) {
  ctx.stage("review");
  co_await ctx.sleep(seconds(1));
  ctx.stage("synthesis");
  ctx.stage("review");
  co_return Word{};
}

TEST(Execution, VisitsOfAStageAreNumbered) {
  Play play(define("t", &stages));
  EXPECT_EQ(play.start(), (Texts{"stage 1 review#1", "timer 2"}));
  EXPECT_EQ(play.fire(2), (Texts{"stage 3 synthesis#1", "stage 4 review#2", "completed "}));
}

Workflow<Word> asked(Context ctx, Word) {
  int seen = 0;
  const QueryHandle handle = ctx.query("seen", [&seen](const Payload& add) -> Result<Payload> {
    return Payload{std::to_string(seen) + add.bytes};
  });
  const QueryHandle rude = ctx.query("rude", [ctx](const Payload&) -> Result<Payload> {
    ctx.record("never", Word{"in a query"});
    return Payload{};
  });
  const QueryHandle lucky = ctx.query("lucky", [ctx](const Payload&) -> Result<Payload> {
    return Payload{std::to_string(ctx.random("a"))};
  });
  for (;; ++seen) co_await ctx.signal<Word>("go");
}

TEST(Execution, AQueryReadsThePresentState) {
  Play play(define("t", &asked));
  play.start();
  play.signal("go");
  EXPECT_EQ(play.execution().query("seen", Payload{"!"})->bytes, "1!");
  EXPECT_EQ(play.execution().query("unknown", {}).error().code, Errc::not_found);
}

TEST(Execution, AQueryChangesNothing) {
  Play play(define("t", &asked));
  play.start();
  EXPECT_EQ(play.execution().query("rude", {}).error().code, Errc::internal);
  EXPECT_EQ(play.execution().query("lucky", {}).error().code, Errc::internal);
  EXPECT_EQ(play.signal("go"), Texts{}) << "nothing was issued meanwhile";
}

TEST(Execution, AQueryEndsWithTheRun) {
  Play play(define("t", &tries));
  play.start();
  play.complete(1, "x");
  EXPECT_EQ(play.execution().query("seen", {}).error().code, Errc::conflict);
}

// --- cancellation ---

TEST(Execution, ACancelRequestCancelsWhatIsOpenAndEndsTheRun) {
  Play play(define("t", &two_steps));
  play.start();
  EXPECT_EQ(play.cancel("enough"), (Texts{"activity cancelled 1", "cancelled enough"}));
}

Workflow<Word> sweeps(Context ctx, Word) {
  try {
    co_await ctx.sleep(seconds(5));
  } catch (const Cancelled&) {
    ctx.record("swept", Word{});
  }
  co_await ctx.run<Work>({"after"});
  co_return Word{};
}

TEST(Execution, NothingIsIssuedInACancelledScope) {
  Play play(define("t", &sweeps));
  play.start();
  EXPECT_EQ(play.cancel("now"), (Texts{"timer cancelled 1", "fact 2 swept:", "cancelled now"}));
}

TEST(Execution, ACancelRequestBeforeTheFirstAwaitIsSeenThere) {
  Play play(define("t", &two_steps));
  EXPECT_EQ(
      play.together({RunStarted{WorkflowId("w"), "t", {"a"}, 42, RunId()}, CancelRequested{"x"}}),
      (Texts{"activity 1 work:a1", "activity cancelled 1", "cancelled x"}));
}

Workflow<Word> leaks_cancelled(Context, Word) {
  throw Cancelled();
  co_return Word{};
}

TEST(Execution, CancelledWithoutARequestIsAFailure) {
  EXPECT_EQ(Play(define("t", &leaks_cancelled)).start(), (Texts{"failed cancelled"}));
}

Workflow<Word> fails(Context, Word) {
  throw WorkflowFailure("too_expensive", "over budget");
  co_return Word{};
}

TEST(Execution, AFailureOfTheBusinessFailsTheRun) {
  EXPECT_EQ(Play(define("t", &fails)).start(), (Texts{"failed too_expensive"}));
}

// --- what parks ---

Workflow<Word> defect(Context, Word) {
  throw std::out_of_range("a defect");
  co_return Word{};
}

TEST(Execution, AnyOtherExceptionParks) {
  Play play(define("t", &defect));
  EXPECT_EQ(play.start(), (Texts{"parked"}));
  EXPECT_NE(play.parked().find("a defect"), std::string::npos);
}

Workflow<Word> many(Context ctx, Word) {
  for (;;) ctx.record("again", Word{"x"});
  co_return Word{};
}

TEST(Execution, ALoopOfCommandsParks) {
  Play play(define("t", &many), {.commands_max = 100});
  EXPECT_EQ(play.start(), (Texts{"parked"}));
  EXPECT_NE(play.parked().find("limit_exceeded"), std::string::npos) << play.parked();
}

TEST(Execution, TooManyBytesOfCommandsPark) {
  Play play(define("t", &many), {.command_bytes_max = 1000});
  EXPECT_EQ(play.start(), (Texts{"parked"}));
}

Workflow<Word> never_gives_up(Context ctx, Word) {
  for (;;) {
    try {
      co_await ctx.sleep(seconds(1));
    } catch (const Cancelled&) {  // and on
    }
  }
}

TEST(Execution, ALoopThatCatchesCancelledParks) {
  Play play(define("t", &never_gives_up), {.resumes_max = 1000});
  play.start();
  EXPECT_EQ(play.cancel(), (Texts{"parked"}));
  EXPECT_NE(play.parked().find("does a loop catch Cancelled?"), std::string::npos);
}

Workflow<Word> deep(Context ctx, Word input) {
  if (input.text == "deep enough") co_return Word{};
  try {
    co_return co_await deep(ctx, input);
  } catch (const std::bad_alloc&) {
    co_return Word{"swallowed"};
  }
}

TEST(Execution, FramesOverTheirBudgetParkEvenWhenTheCodeSwallowsIt) {
  Play play(define("t", &deep), {.frame_bytes_max = 100'000});
  EXPECT_EQ(play.start(), (Texts{"parked"}));
  EXPECT_NE(play.parked().find("coroutine frames"), std::string::npos) << play.parked();
}

// --- eviction ---

TEST(Execution, EvictingAtEachSuspensionIssuesNothingAndLeaksNothing) {
  for (int steps = 0; steps < 3; ++steps) {
    Play play(define("t", &two_steps));
    play.start("a");
    if (steps > 0) play.complete(1, "b");
    if (steps > 1) play.complete(3, "c");
    play.evict();
  }
}

}  // namespace
}  // namespace reprise
