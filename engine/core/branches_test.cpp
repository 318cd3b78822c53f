// all, any and within: what they issue, in which order, and who wins.
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

std::vector<ActivityCall<Work>> three_calls(Context ctx) {
  std::vector<ActivityCall<Work>> calls;
  for (const char* name : {"a", "b", "c"}) calls.push_back(ctx.run<Work>({name}));
  return calls;
}

Workflow<Word> all_of_three(Context ctx, Word) {
  std::string text;
  for (const Word& word : co_await all(three_calls(ctx))) text += word.text;
  co_return Word{text};
}

TEST(All, StartsInIndexOrderAndGivesValuesInIndexOrder) {
  Play play(define("t", &all_of_three));
  EXPECT_EQ(play.start(), (Texts{"activity 1 work:a", "activity 2 work:b", "activity 3 work:c"}));
  EXPECT_EQ(play.complete(3, "z"), Texts{});
  EXPECT_EQ(play.complete(1, "x"), Texts{});
  EXPECT_EQ(play.complete(2, "y"), (Texts{"completed xyz"}));
}

TEST(All, ThrowsTheFirstFailureByLogOrderAfterCancellingTheRest) {
  Play play(define("t", &all_of_three));
  play.start();
  EXPECT_EQ(play.fail(2, "second"),
            (Texts{"activity cancelled 1", "activity cancelled 3", "failed second"}));
}

TEST(All, OfTwoFailuresInOneActivationTheEarlierOneCounts) {
  Play play(define("t", &all_of_three));
  play.start();
  EXPECT_EQ(play.together({ActivityFailed{CommandId(3), Attempt(1), {"third", ""}, 0},
                           ActivityFailed{CommandId(1), Attempt(1), {"first", ""}, 0}}),
            (Texts{"activity cancelled 2", "failed third"}))
      << "command 1 has ended already: it is not cancelled";
}

TEST(All, OfNothingEndsAtOnce) {
  const auto nothing = +[](Context, Word) -> Workflow<Word> {
    co_return Word{std::to_string((co_await all(std::vector<ActivityCall<Work>>())).size())};
  };
  EXPECT_EQ(Play(define("t", nothing)).start(), (Texts{"completed 0"}));
}

Workflow<Word> all_of_types(Context ctx, Word) {
  const auto [word, maybe] = co_await all(ctx.run<Work>({"a"}), ctx.try_run<Work>({"b"}));
  co_return Word{word.text + (maybe ? maybe->text : maybe.error().type)};
}

TEST(All, TakesPartsOfDifferentTypes) {
  Play play(define("t", &all_of_types));
  play.start();
  play.fail(2, "soft");
  EXPECT_EQ(play.complete(1, "x"), (Texts{"completed xsoft"}));
}

Workflow<Word> all_of_two_calls(Context ctx, Word) {
  const auto [one, other] = co_await all(ctx.run<Work>({"a"}), ctx.run<Work>({"b"}));
  co_return Word{one.text + other.text};
}

TEST(All, OfDifferentTypesThrowsTheFailureThatDecidedNotTheCancellation) {
  Play play(define("t", &all_of_two_calls));
  play.start();
  EXPECT_EQ(play.fail(2, "second"), (Texts{"activity cancelled 1", "failed second"}));
}

Workflow<Word> fails_at_once(Context, Word) {
  throw WorkflowFailure("at_once", "");
  co_return Word{};
}

Workflow<Word> call(Context ctx, std::string what) { co_return co_await ctx.run<Work>({what}); }

Workflow<Word> all_with_early_failure(Context ctx, Word input) {
  std::vector<Workflow<Word>> parts;
  parts.push_back(call(ctx, "a"));
  parts.push_back(fails_at_once(ctx, input));
  parts.push_back(call(ctx, "never"));
  co_await all(std::move(parts));
  co_return Word{};
}

TEST(All, StartsNothingMoreOnceAPartHasFailed) {
  EXPECT_EQ(Play(define("t", &all_with_early_failure)).start(),
            (Texts{"activity 1 work:a", "activity cancelled 1", "failed at_once"}));
}

Workflow<Word> any_of_three(Context ctx, Word) {
  const First<Word> first = co_await any(three_calls(ctx));
  co_return Word{std::to_string(first.index) + first.value.text};
}

TEST(Any, TheFirstToEndWinsAndTheOthersAreCancelledInIndexOrder) {
  Play play(define("t", &any_of_three));
  play.start();
  EXPECT_EQ(play.complete(2, "y"),
            (Texts{"activity cancelled 1", "activity cancelled 3", "completed 1y"}));
}

TEST(Any, AFailureThatComesFirstIsThrown) {
  Play play(define("t", &any_of_three));
  play.start();
  EXPECT_EQ(play.fail(3, "third"),
            (Texts{"activity cancelled 1", "activity cancelled 2", "failed third"}));
}

TEST(Any, ALoserThatEndedInTheSameActivationIsNotCancelled) {
  Play play(define("t", &any_of_three));
  play.start();
  EXPECT_EQ(play.together({ActivityCompleted{CommandId(3), Attempt(1), {"z"}},
                           ActivityCompleted{CommandId(1), Attempt(1), {"x"}}}),
            (Texts{"activity cancelled 2", "completed 2z"}));
}

Workflow<Word> any_of_none(Context, Word) {
  co_await any(std::vector<ActivityCall<Work>>());
  co_return Word{};
}

TEST(Any, OfNothingIsADefectOfTheCode) {
  EXPECT_EQ(Play(define("t", &any_of_none)).start(), (Texts{"parked"}));
}

Workflow<Word> limited(Context ctx, Word) {
  const std::optional<Word> word = co_await within(ctx, seconds(9), ctx.signal<Word>("go"));
  co_return word.value_or(Word{"too late"});
}

TEST(Within, ThePartInTimeCancelsTheTimer) {
  Play play(define("t", &limited));
  EXPECT_EQ(play.start(), (Texts{"timer 1"}));
  EXPECT_EQ(play.signal("go", "here"), (Texts{"timer cancelled 1", "completed here"}));
}

TEST(Within, TheTimerInTimeGivesNothing) {
  Play play(define("t", &limited));
  play.start();
  EXPECT_EQ(play.fire(1), (Texts{"completed too late"}));
}

TEST(Within, OfTimerAndPartInOneActivationTheFirstInTheLogWins) {
  for (const bool signal_first : {true, false}) {
    Play play(define("t", &limited));
    play.start();
    std::vector<EventBody> inputs{SignalReceived{"go", {"here"}, {}}, TimerFired{CommandId(1)}};
    if (!signal_first) std::swap(inputs[0], inputs[1]);
    EXPECT_EQ(play.together(inputs),
              (Texts{signal_first ? "completed here" : "completed too late"}));
  }
}

Workflow<Word> takes_leftover(Context ctx, Word) {
  const auto first = co_await within(ctx, seconds(9), ctx.signal<Word>("go"));
  const Word second = co_await ctx.signal<Word>("go");
  co_return Word{(first ? first->text : "none") + second.text};
}

TEST(Within, ASignalThatCameTooLateIsNotLost) {
  Play play(define("t", &takes_leftover));
  play.start();
  EXPECT_EQ(play.together({TimerFired{CommandId(1)}, SignalReceived{"go", {"kept"}, {}}}),
            (Texts{"completed nonekept"}));
}

Workflow<Word> stage_in_branch(Context ctx, Word) {
  ctx.stage("too deep");
  co_return Word{};
}

Workflow<Word> branch_that_swallows(Context ctx, Word input) {
  try {
    std::vector<Workflow<Word>> parts;
    parts.push_back(stage_in_branch(ctx, input));
    co_await all(std::move(parts));
  } catch (const std::exception&) {  // swallowed, and noted all the same
  }
  co_return Word{};
}

TEST(Branches, AStageInABranchParks) {
  Play play(define("t", &branch_that_swallows));
  EXPECT_EQ(play.start(), (Texts{"parked"}));
  EXPECT_NE(play.parked().find("root branch only"), std::string::npos);
}

Workflow<Word> nested(Context ctx, Word) {
  std::vector<Workflow<Word>> parts;
  parts.push_back(any_of_three(ctx, {}));
  parts.push_back(limited(ctx, {}));
  const auto words = co_await all(std::move(parts));
  co_return Word{words[0].text + words[1].text};
}

TEST(Branches, ACancelRequestReachesEveryDepthInIssueOrder) {
  Play play(define("t", &nested));
  play.start();
  EXPECT_EQ(play.cancel("x"), (Texts{"activity cancelled 1", "activity cancelled 2",
                                     "activity cancelled 3", "timer cancelled 4", "cancelled x"}));
}

TEST(Branches, EvictingWithBranchesOpenIssuesNothingAndLeaksNothing) {
  for (int steps = 0; steps < 3; ++steps) {
    Play play(define("t", &nested));
    play.start();
    if (steps > 0) play.complete(2, "y");
    if (steps > 1) play.signal("go");
    play.evict();
  }
}

}  // namespace
}  // namespace reprise
