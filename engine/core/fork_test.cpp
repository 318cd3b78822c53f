#include "engine/core/fork.hpp"

#include <gtest/gtest.h>

#include "engine/author/workflow.hpp"
#include "engine/core/testing/run_play.hpp"

namespace reprise {
namespace {

using testing::RunPlay;
using testing::Word;
using testing::Work;

const RunId kFork = RunId::make(UtcTime::from_micros(1'800'000'000'000'000), 3, 4);

// Two steps in stages, a signal, and a third step.
Workflow<Word> staged(Context ctx, Word word) {
  ctx.stage("first");
  word = co_await ctx.run<Work>(word);
  ctx.stage("second");
  word = co_await ctx.run<Work>(word);
  word = co_await ctx.signal<Word>("go");
  co_return co_await ctx.run<Work>(word);
}

Workflow<Word> with_child(Context ctx, Word word) {
  word = co_await ctx.run<Work>(word);
  word = co_await ctx.child<Word, Word>("t", word);
  co_return co_await ctx.run<Work>(word);
}

class ForkTest : public ::testing::Test {
 protected:
  explicit ForkTest() : play(testing::catalog_of(&staged)) {}

  // The whole of it: 1 run_started, 2 stage, 3 scheduled, 4 completed, 5 stage, 6 scheduled,
  // 7 completed, 8 signal, 9 scheduled, 10 completed, 11 run_completed.
  void play_all() {
    play.start("a");
    play.complete(2, "b");
    play.complete(4, "c");
    play.signal("go", "d");
    play.complete(5, "e");
  }
  std::vector<Record> records() {
    std::vector<Record> decoded;
    for (const EncodedRecord& record : play.records())
      decoded.push_back(
          decode_record(play.run().id(), record.bytes, testing::blobs_of_record(record))->record);
    return decoded;
  }
  Result<Sequence> cut(ForkAt at) {
    point = ForkPoint(std::move(at));
    for (const Record& record : records())
      if (point.take(record)) break;
    return point.through();
  }
  // The run that the copy is.
  std::unique_ptr<reprise::Run> fork_at(ForkAt at, const Catalog& catalog,
                                        bool keep_signals = true) {
    const Sequence through = cut(std::move(at)).value();
    Forker forker(catalog, {.from = play.run().id(),
                            .to = kFork,
                            .through = through,
                            .last_command = point.last_command(),
                            .reason = "again",
                            .keep_signals = keep_signals});
    auto run = std::make_unique<reprise::Run>(catalog, kFork, "test");
    const auto replay = [&](const ForkedRecord& record) {
      const Result<> ok =
          run->replay(record.encoded.bytes, testing::blobs_of_record(record.encoded));
      EXPECT_TRUE(ok.has_value()) << to_string(ok.error());
    };
    for (const Record& record : records())
      if (const auto copied = forker.take(record).value()) replay(*copied);
    Result<ForkedRecord> last = forker.finish(play.now);
    if (!last) {
      refusal = last.error();
      return nullptr;
    }
    replay(*last);
    EXPECT_EQ(run->tail(), last->encoded.hash);
    EXPECT_EQ(encode_view(run->view()), encode_view(forker.view()));
    return run;
  }

  RunPlay play;
  ForkPoint point{ForkAt{}};
  Error refusal{};
};

TEST_F(ForkTest, AnEventMeansTheStartOfTheActivationThatItBelongsTo) {
  play_all();
  EXPECT_EQ(cut({.event = Sequence(1)}), Sequence(1));
  EXPECT_EQ(cut({.event = Sequence(3)}), Sequence(1));  // issued by the first one
  EXPECT_EQ(cut({.event = Sequence(4)}), Sequence(4));  // consumed by the second one
  EXPECT_EQ(cut({.event = Sequence(6)}), Sequence(4));
  EXPECT_EQ(cut({.event = Sequence(7)}), Sequence(7));  // no command came of it
  EXPECT_EQ(cut({.event = Sequence(11)}), Sequence(10));
  EXPECT_EQ(cut({.event = Sequence(12)}).error().field, "event");
}

TEST_F(ForkTest, AStageIsFoundByItsNameAndVisit) {
  play_all();
  EXPECT_EQ(cut({.event = {}, .stage = "second"}), Sequence(4));
  EXPECT_EQ(cut({.event = {}, .stage = "third"}).error().field, "stage");
  EXPECT_EQ(cut({.event = {}, .stage = "second", .visit = 2}).error().code, Errc::not_found);
}

TEST_F(ForkTest, TheCopyReplaysToTheCutAndItsCodeRunsOnFromThere) {
  play_all();
  const Catalog catalog = testing::catalog_of(&staged);
  const auto run = fork_at({.event = Sequence(6)}, catalog, false);
  ASSERT_NE(run, nullptr);
  EXPECT_FALSE(run->parked());
  EXPECT_EQ(run->state().status(), RunStatus::running);
  ASSERT_EQ(run->state().pending().size(), 1U);  // the result of the first step, to be taken anew
  const auto sealed = run->seal(play.now);
  ASSERT_TRUE(sealed.has_value());
  EXPECT_EQ(kind_of(sealed->events.at(0).body), EventKind::stage_entered);
  EXPECT_EQ(std::get<ActivityScheduled>(sealed->events.at(1).body).input.bytes, "b");
}

TEST_F(ForkTest, SignalsBehindTheCutComeAgain) {
  play_all();
  const Catalog catalog = testing::catalog_of(&staged);
  const auto run = fork_at({.event = Sequence(6)}, catalog);
  ASSERT_EQ(run->state().pending().size(), 2U);
  const auto& signal = std::get<SignalReceived>(run->state().pending().back().body);
  EXPECT_EQ(signal.payload.bytes, "d");
  EXPECT_EQ(signal.carried_from, Sequence(8));
}

TEST_F(ForkTest, WithoutWhatTerminatedItARunGoesOn) {
  play.start("a");
  play.tell(RunTerminated{"oops"});
  const Catalog catalog = testing::catalog_of(&staged);
  const auto run = fork_at({.event = Sequence(4)}, catalog);
  EXPECT_EQ(run->state().status(), RunStatus::running);
  ASSERT_EQ(run->state().activities().size(), 1U);
  EXPECT_EQ(run->state().activities().begin()->second.attempt, Attempt(1));
}

TEST_F(ForkTest, TimersGoOnWithTheTimeTheyHadLeft) {
  static constexpr auto kNap = [](Context ctx, Word word) -> Workflow<Word> {
    co_await ctx.sleep(std::chrono::hours(2));
    co_return word;
  };
  play.reload(testing::catalog_of(+kNap));
  play.start("a");
  const UtcTime began = play.now;
  play.tell(RunTerminated{"oops"});
  play.now = play.now + std::chrono::hours(24);
  const Catalog catalog = testing::catalog_of(+kNap);
  const auto run = fork_at({.event = Sequence(3)}, catalog);
  EXPECT_EQ(run->state().earliest_timer(), play.now + std::chrono::hours(2));
  EXPECT_GT(run->state().earliest_timer(), began + std::chrono::hours(20));
}

TEST_F(ForkTest, ACutWhereAChildIsUnderWayIsRefused) {
  play.reload(testing::catalog_of(&with_child));
  play.start("a");
  play.complete(1, "b");
  play.tell(ChildStarted{CommandId(2), kFork});
  play.tell(RunTerminated{"oops"});
  const Catalog catalog = testing::catalog_of(&with_child);
  EXPECT_EQ(fork_at({.event = play.run().state().last()}, catalog), nullptr);
  EXPECT_EQ(refusal.code, Errc::conflict);
  EXPECT_NE(fork_at({.event = Sequence(3)}, catalog), nullptr);
}

}  // namespace
}  // namespace reprise
