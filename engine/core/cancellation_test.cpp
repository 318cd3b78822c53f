// shield, with_compensation, CancelScope: what cancelling reaches, and what it does not.
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

Workflow<Word> shielded(Context ctx, Word) {
  co_return co_await shield(ctx.run<Work>({"precious"}));
}

TEST(Shield, WhatItRunsGoesOnWhenTheRunIsCancelled) {
  Play play(define("t", &shielded));
  play.start();
  EXPECT_EQ(play.cancel(), Texts{});
  EXPECT_EQ(play.complete(1, "done"), (Texts{"completed done"}));
}

Workflow<Word> book(Context ctx) {
  co_await ctx.run<Work>({"book"});
  co_await ctx.sleep(seconds(100));
  co_return Word{"booked"};
}

Workflow<> unbook(Context ctx) { co_await ctx.run<Work>({"unbook"}); }

Workflow<Word> saga(Context ctx, Word) {
  co_return co_await with_compensation(book(ctx),
                                       [&] { return within(ctx, seconds(30), unbook(ctx)); });
}

TEST(WithCompensation, ACancelledPartIsUndoneBeforeTheRunEnds) {
  Play play(define("t", &saga));
  play.start();
  EXPECT_EQ(play.complete(1, "ok"), (Texts{"timer 2"}));
  EXPECT_EQ(play.cancel("enough"),
            (Texts{"timer cancelled 2", "activity 3 work:unbook", "timer 4"}));
  EXPECT_EQ(play.complete(3, "ok"), (Texts{"timer cancelled 4", "cancelled enough"}));
}

TEST(WithCompensation, CleanUpThatTakesTooLongIsGivenUp) {
  Play play(define("t", &saga));
  play.start();
  play.complete(1, "ok");
  play.cancel("enough");
  EXPECT_EQ(play.fire(4), (Texts{"activity cancelled 3", "cancelled enough"}));
}

TEST(WithCompensation, AFailedPartIsUndoneAndItsFailureGoesOn) {
  Play play(define("t", &saga));
  play.start();
  EXPECT_EQ(play.fail(1, "full"), (Texts{"activity 2 work:unbook", "timer 3"}));
  EXPECT_EQ(play.complete(2, "ok"), (Texts{"timer cancelled 3", "failed full"}));
}

Workflow<> stop_when_told(Context ctx, CancelScope& search) {
  co_await ctx.signal("stop");
  search.cancel();
}

Workflow<Word> searching(Context ctx, Word) {
  CancelScope search(ctx);
  std::vector<Workflow<Word>> parts;
  const auto find = [](Context c, CancelScope& scope) -> Workflow<Word> {
    const std::optional<Word> found = co_await scope.run(c.run<Work>({"find"}));
    co_return found.value_or(Word{"given up"});
  };
  const auto told = [](Context c, CancelScope& scope) -> Workflow<Word> {
    co_await stop_when_told(c, scope);
    co_return Word{"told"};
  };
  parts.push_back(find(ctx, search));
  parts.push_back(told(ctx, search));
  const std::vector<Word> words = co_await all(std::move(parts));
  co_return Word{words[0].text + ", " + words[1].text};
}

TEST(CancelScope, ItsAuthorCancelsItFromAnotherBranch) {
  Play play(define("t", &searching));
  EXPECT_EQ(play.start(), (Texts{"activity 1 work:find"}));
  EXPECT_EQ(play.signal("stop"), (Texts{"activity cancelled 1", "completed given up, told"}));
}

TEST(CancelScope, CancellingTheRunIsNotTakenForItsOwn) {
  Play play(define("t", &searching));
  play.start();
  EXPECT_EQ(play.cancel("enough"), (Texts{"activity cancelled 1", "cancelled enough"}));
}

Workflow<Word> cancelled_before(Context ctx, Word) {
  CancelScope scope(ctx);
  scope.cancel();
  const bool ran = co_await scope.run(ctx.sleep(seconds(1)));
  co_return Word{ran ? "ran" : "never began"};
}

TEST(CancelScope, CancelledBeforeItsPartNothingIsIssued) {
  EXPECT_EQ(Play(define("t", &cancelled_before)).start(), (Texts{"completed never began"}));
}

}  // namespace
}  // namespace reprise
