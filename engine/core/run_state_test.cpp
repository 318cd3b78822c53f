#include "engine/core/run_state.hpp"

#include <gtest/gtest.h>

namespace reprise {
namespace {

const RunId kRun = RunId::make(UtcTime::from_micros(1'000'000), 1, 2);

// Tells a history event by event, and expects each of them to be legal, unless it says otherwise.
class Story {
 public:
  Story() { add(RunStarted{WorkflowId("w"), "type", {}, 1, kRun}); }

  Story& add(EventBody body) {
    const Result<> ok = state.apply(next(std::move(body)));
    EXPECT_TRUE(ok.has_value()) << ok.error().detail;
    return *this;
  }
  // The event is refused, and changes nothing.
  Story& refuse(EventBody body, Errc code = Errc::corrupt) {
    const Sequence before = state.last();
    const Result<> ok = state.apply(next(std::move(body)));
    EXPECT_FALSE(ok.has_value());
    if (!ok) EXPECT_EQ(ok.error().code, code) << ok.error().detail;
    EXPECT_EQ(state.last(), before);
    return *this;
  }
  RunState state{kRun};

 private:
  Event next(EventBody body) const {
    const Sequence sequence = state.last().next();
    return {sequence, UtcTime::from_micros(static_cast<std::int64_t>(sequence.value())),
            std::move(body)};
  }
};

ActivityScheduled scheduled(std::uint32_t command) {
  return {.command = CommandId(command), .name = "a", .input = {}, .options = {}};
}
TimerStarted timer(std::uint32_t command, std::int64_t at = 100) {
  return {.command = CommandId(command), .fire_at = UtcTime::from_micros(at)};
}
ActivityAttemptFailed attempt_failed(std::uint32_t attempt, const char* type = "flaky") {
  return {CommandId(1), Attempt(attempt), {.type = type, .message = ""}, UtcTime::from_micros(50)};
}

TEST(RunState, AHistoryBeginsOnce) {
  RunState state(kRun);
  EXPECT_FALSE(state.apply({Sequence(1), UtcTime(), SignalReceived{"s", {}, {}}}).has_value());
  Story().refuse(RunStarted{WorkflowId("w"), "type", {}, 1, kRun});
}

TEST(RunState, SequencesAreDense) {
  Story story;
  EXPECT_FALSE(story.state.apply({Sequence(3), UtcTime(), CancelRequested{}}).has_value());
  EXPECT_FALSE(story.state.apply({Sequence(1), UtcTime(), CancelRequested{}}).has_value());
}

TEST(RunState, CommandsAreNumberedInTheirOrder) {
  Story()
      .refuse(scheduled(2))
      .add(scheduled(1))
      .refuse(timer(1))
      .add(timer(2))
      .refuse(StageEntered{CommandId(4), "s", 1});
}

TEST(RunState, AnActivityEndsOnce) {
  Story()
      .refuse(ActivityCompleted{CommandId(1), Attempt(1), {}})
      .add(scheduled(1))
      .add(ActivityCompleted{CommandId(1), Attempt(1), {}})
      .refuse(ActivityCompleted{CommandId(1), Attempt(1), {}})
      .refuse(ActivityFailed{CommandId(1), Attempt(1), {}, 0})
      .refuse(ActivityCancelled{CommandId(1)})
      .refuse(attempt_failed(1));
}

TEST(RunState, OnlyTheCurrentAttemptEnds) {
  Story()
      .add(scheduled(1))
      .refuse(ActivityCompleted{CommandId(1), Attempt(2), {}})
      .add(attempt_failed(1))
      .refuse(attempt_failed(1))
      .refuse(ActivityCompleted{CommandId(1), Attempt(1), {}})
      .add(ActivityAttemptLost{CommandId(1), Attempt(2)})
      .add(ActivityCompleted{CommandId(1), Attempt(3), {}});
}

TEST(RunState, PastTheTenthFailureTheAttemptMayHaveRunAhead) {
  Story story;
  story.add(scheduled(1));
  for (std::uint32_t attempt = 1; attempt <= 10; ++attempt) story.add(attempt_failed(attempt));
  story.refuse(ActivityCompleted{CommandId(1), Attempt(10), {}})
      .add(ActivityCompleted{CommandId(1), Attempt(17), {}});
}

TEST(RunState, AnOpenActivityKnowsItsAttemptsLossesAndTimeouts) {
  Story story;
  story.add(scheduled(1)).add(attempt_failed(1, "timeout"));
  const OpenActivity* open = story.state.activity(CommandId(1));
  EXPECT_EQ(open->timeouts, 1U);
  EXPECT_EQ(open->next_attempt_at, UtcTime::from_micros(50));
  story.add(ActivityAttemptLost{CommandId(1), Attempt(2)});
  EXPECT_EQ(open->losses, 1U);
  EXPECT_EQ(open->attempt, Attempt(3));
  EXPECT_FALSE(open->next_attempt_at.has_value());
}

TEST(RunState, ATimerFiresOrIsCancelledOnce) {
  Story()
      .add(timer(1))
      .add(TimerFired{CommandId(1)})
      .refuse(TimerFired{CommandId(1)})
      .refuse(TimerCancelled{CommandId(1)});
  Story().add(timer(1)).add(TimerCancelled{CommandId(1)}).refuse(TimerFired{CommandId(1)});
  Story().add(scheduled(1)).refuse(TimerFired{CommandId(1)});
}

TEST(RunState, TheEarliestTimerIsTheOneThatWakes) {
  Story story;
  EXPECT_EQ(story.state.earliest_timer(), std::nullopt);
  story.add(timer(1, 300)).add(timer(2, 200)).add(timer(3, 400));
  EXPECT_EQ(story.state.earliest_timer(), UtcTime::from_micros(200));
  story.add(TimerFired{CommandId(2)});
  EXPECT_EQ(story.state.earliest_timer(), UtcTime::from_micros(300));
}

TEST(RunState, ARunEndsOnceWithNothingOpen) {
  Story().add(scheduled(1)).refuse(RunCompleted{});
  Story().add(timer(1)).refuse(RunFailed{"t", "m"});
  Story story;
  story.add(RunCancelled{"enough"}).refuse(SignalReceived{"s", {}, {}}).refuse(RunCompleted{});
  EXPECT_EQ(story.state.status(), RunStatus::cancelled);
  EXPECT_EQ(story.state.end()->sequence, Sequence(2));
}

TEST(RunState, AKeyedSignalStandsOnce) {
  const SignalKey key{digest_of("key"), digest_of("request")};
  Story story;
  story.add(SignalReceived{"s", {}, key})
      .refuse(SignalReceived{"s", {}, key})
      .add(SignalReceived{"s", {}, {}});
  EXPECT_EQ(story.state.signal_with(key.key)->sequence, Sequence(2));
  EXPECT_FALSE(story.state.signal_with(digest_of("other")).has_value());
}

TEST(RunState, ACancellationIsAskedOnce) {
  Story().add(CancelRequested{"a"}).refuse(CancelRequested{"b"});
}

TEST(RunState, InputsWaitInOrderUntilTheyAreConsumed) {
  Story story;
  story.add(SignalReceived{"a", {}, {}}).add(scheduled(1)).add(SignalReceived{"b", {}, {}});
  ASSERT_EQ(story.state.pending().size(), 3U);
  EXPECT_FALSE(story.state.consume({Sequence(2)}).has_value()) << "the start comes first";
  EXPECT_FALSE(story.state.consume({Sequence(1), Sequence(4)}).has_value());
  EXPECT_TRUE(story.state.consume({Sequence(1), Sequence(2)}).has_value());
  EXPECT_FALSE(story.state.consume({Sequence(4), Sequence(5)}).has_value());
  ASSERT_EQ(story.state.pending().size(), 1U);
  EXPECT_EQ(story.state.pending().front().sequence, Sequence(4));
}

TEST(RunState, AKindOfANewerBuildIsNoDamage) {
  Story().refuse(UnknownEvent{99, "x"}, Errc::unsupported);
}

}  // namespace
}  // namespace reprise
