#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <thread>

#include "engine/runtime/testing/engine_fixture.hpp"
#include "engine/runtime/verify.hpp"
#include "storage/testing/forwarding_log.hpp"

namespace reprise {
namespace {

class ResetTest : public ::testing::Test, public testing::EngineFixture {
 protected:
  Result<ForkAnswer> reset(const std::string& id, std::uint64_t event,
                           std::optional<RunId> run = {}) {
    return wait(engine->reset({.workflow = WorkflowId(id), .run = run, .event = Sequence(event)}));
  }
  RunView view(const std::string& id, std::optional<RunId> run = {}) {
    return wait(engine->view({.workflow = WorkflowId(id), .run = run})).value();
  }
  void expect_whole() {
    engine.reset();
    log.restart();
    const StoreReport report = verify_store(log, catalog(), {});
    for (const Error& fault : report.faults) ADD_FAILURE() << to_string(fault);
  }
};

TEST_F(ResetTest, AClosedRunGoesOnFromAnEarlierEventAsARunOfItsOwn) {
  ASSERT_TRUE(start("echo", "hello", "w").has_value());
  const RunId first = outcome(WorkflowId("w"))->run;
  const Result<ForkAnswer> answer = reset("w", 3);
  ASSERT_TRUE(answer.has_value()) << to_string(answer.error());
  EXPECT_EQ(answer->from, first);
  EXPECT_EQ(answer->through, Sequence(3));
  EXPECT_EQ(outcome(WorkflowId("w"))->run, answer->run);
  EXPECT_EQ(outcome(WorkflowId("w"))->result.bytes, "hello");
  EXPECT_EQ(view("w", first).status, RunStatus::completed);  // the original stays
  EXPECT_EQ(count(WorkflowId("w"), EventKind::run_forked), 1U);
  expect_whole();
}

TEST_F(ResetTest, AnOpenRunIsTerminatedAndItsPlaceTaken) {
  ASSERT_TRUE(start("take_two", "", "w").has_value());
  const RunId first = view("w").run;
  const auto signal = [this](const std::string& word) {
    return wait(engine->signal({.workflow = WorkflowId("w"), .name = "word", .payload = {word}}));
  };
  ASSERT_TRUE(signal("a").has_value());
  const Result<ForkAnswer> answer = reset("w", 1);
  ASSERT_TRUE(answer.has_value()) << to_string(answer.error());
  EXPECT_EQ(answer->signals, 1U);
  EXPECT_EQ(view("w", first).status, RunStatus::terminated);
  ASSERT_TRUE(signal("b").has_value());
  EXPECT_EQ(outcome(WorkflowId("w"))->result.bytes, "ab");
  expect_whole();
}

TEST_F(ResetTest, ARequestThatCannotBeMetEndsNoRun) {
  ASSERT_TRUE(start("take_two", "", "w").has_value());
  const Result<ForkAnswer> answer = reset("w", 99);
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().field, "event");
  EXPECT_EQ(view("w").status, RunStatus::running);
}

TEST_F(ResetTest, ALongHistoryIsCopiedPageByPageAndSurvivesARestart) {
  const std::string many(2000, 'a');
  ASSERT_TRUE(start("echo_each", many + std::string(1, 'b'), "w").has_value());
  ASSERT_TRUE(outcome(WorkflowId("w")).has_value());
  const RunView before = view("w");
  const Result<ForkAnswer> answer = reset("w", before.last.value());
  ASSERT_TRUE(answer.has_value()) << to_string(answer.error());
  engine.reset();
  log.restart();
  open();
  EXPECT_EQ(outcome(WorkflowId("w"))->run, answer->run);
  EXPECT_EQ(outcome(WorkflowId("w"))->result.bytes, many + "b");
  expect_whole();
}

// A log that says when something was written.
class TellingLog final : public testing::ForwardingLog {
 public:
  TellingLog(EventLog& log, std::function<void()> written)
      : ForwardingLog(log), written_(std::move(written)) {}
  Result<> append(std::span<const Batch> batches) override {
    const Result<> ok = ForwardingLog::append(batches);
    written_();
    return ok;
  }

 private:
  const std::function<void()> written_;
};

// The disk is full once something has been written.
class ResetOnAFullDisk : public ResetTest {
 protected:
  ResetOnAFullDisk() {
    EXPECT_TRUE(free(100ULL << 30U).has_value());
    disk = &guard_;
    log_to_open = &telling_;
  }
  void TearDown() override { engine.reset(); }
  Result<DiskLevel> free(std::uint64_t bytes) {
    bytes_free_ = bytes;
    return guard_.check();
  }

 private:
  const testing::TemporaryDirectory folder_;
  std::atomic<std::uint64_t> bytes_free_ = 0;
  DiskGuard guard_{folder_.path(),
                   {.reserve = {}, .read_space = [this](const auto&) -> Result<DiskSpace> {
                      return DiskSpace{bytes_free_, 100ULL << 30U};
                    }}};
  TellingLog telling_{log, [this] { static_cast<void>(free(0)); }};
};

TEST_F(ResetOnAFullDisk, TheErrorSaysThatTheRunHasEndedAndAnotherResetCopiesIt) {
  ASSERT_TRUE(start("take_two", "", "w").has_value());
  const RunId first = view("w").run;
  engine.reset();
  open();
  const Result<ForkAnswer> refused = reset("w", 1);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, Errc::overloaded);
  EXPECT_TRUE(
      refused.error().detail.starts_with(to_string(first) + " has ended and there is no copy yet"))
      << refused.error().detail;
  EXPECT_EQ(view("w").status, RunStatus::terminated);
  ASSERT_EQ(free(100ULL << 30U), DiskLevel::ok);
  EXPECT_TRUE(reset("w", 1).has_value());
}

// Once a run has been ended, the disk is behind by more than the engine takes, until a page of the
// copy waits for it as well, or the reset is over without one.
class ResetOnASlowDisk : public ResetTest {
 protected:
  ResetOnASlowDisk() { log_to_open = &telling_; }
  void TearDown() override { engine.reset(); }
  void reopen() {
    engine.reset();
    open({.shards = 4, .commit_bytes_max = 4096, .inline_write_max = Duration(-1)});
  }

  std::atomic<bool> is_resetting_ = false;
  std::future<Result<StartAnswer>> big_;
  std::optional<Result<StartAnswer>> one_more_;

 private:
  [[nodiscard]] std::size_t waiting() const { return engine->figures().commit_bytes_waiting; }
  std::future<Result<StartAnswer>> begin_echo(const std::string& id, std::size_t bytes) {
    return begin(engine->start(
        {.type = "echo", .workflow = WorkflowId(id), .input = {std::string(bytes, 'x')}}));
  }
  void written() {
    if (!is_resetting_) return;
    if (++writes_ == 1) {
      const std::size_t of_the_end = waiting();
      big_ = begin_echo("big", 10'000);
      while (waiting() == of_the_end) std::this_thread::yield();
      of_big_ = waiting() - of_the_end;
      one_more_ = begin_echo("one more", 1).get();
    } else if (writes_ == 2) {
      while (is_resetting_ && waiting() <= of_big_) std::this_thread::yield();
    }
  }

  int writes_ = 0;
  std::size_t of_big_ = 0;
  TellingLog telling_{log, [this] { written(); }};
};

TEST_F(ResetOnASlowDisk, ACopyIsMadeThoughMoreWaitsForTheDiskThanIsTakenFromOthers) {
  ASSERT_TRUE(start("take_two", "", "w").has_value());
  reopen();
  is_resetting_ = true;
  const Result<ForkAnswer> answer = reset("w", 1);
  is_resetting_ = false;
  ASSERT_TRUE(answer.has_value()) << to_string(answer.error());
  EXPECT_EQ(view("w").run, answer->run);
  EXPECT_TRUE(big_.get().has_value());
  ASSERT_FALSE(one_more_->has_value());
  EXPECT_EQ(one_more_->error().code, Errc::overloaded);
}

// No code ran on it: all that stands behind it is how the run was ended.
TEST_F(ResetTest, ATerminatedRunGoesOnFromASignalThatItsCodeDidNotSee) {
  ASSERT_TRUE(start("take_two", "", "w").has_value());
  const auto signal = [this](const std::string& word) {
    return wait(engine->signal({.workflow = WorkflowId("w"), .name = "word", .payload = {word}}));
  };
  const auto control = [this](Control what) {
    return wait(engine->control({.workflow = WorkflowId("w"), .run = {}, .control = what}));
  };
  ASSERT_TRUE(control(Control::pause).has_value());
  const Result<SignalAnswer> unseen = signal("a");
  ASSERT_TRUE(unseen.has_value());
  ASSERT_TRUE(control(Control::terminate).has_value());
  const Result<ForkAnswer> answer = reset("w", unseen->sequence.value());
  ASSERT_TRUE(answer.has_value()) << to_string(answer.error());
  EXPECT_EQ(answer->through, unseen->sequence);
  ASSERT_TRUE(control(Control::unpause).has_value());
  ASSERT_TRUE(signal("b").has_value());
  EXPECT_EQ(outcome(WorkflowId("w"))->result.bytes, "ab");
}

// Else it is not woken once it has left memory.
TEST_F(ResetTest, ACopyThatSleepsHasAWakeRow) {
  ASSERT_TRUE(wait(engine->start({.type = "take_two",
                                  .workflow = WorkflowId("w"),
                                  .input = {},
                                  .run_timeout = std::chrono::hours(1)}))
                  .has_value());
  const Result<ForkAnswer> answer = reset("w", 1);
  ASSERT_TRUE(answer.has_value()) << to_string(answer.error());
  EXPECT_EQ(view("w").run, answer->run);
  engine.reset();
  const auto rows = log.scan(Table::wake, {.from = {}, .to = {}, .limit = 10});
  ASSERT_EQ(rows->size(), 1U);
  EXPECT_EQ(parse_wake_key(rows->front().key)->run, answer->run);
}

TEST_F(ResetTest, TheOriginalCanBeDeletedAndTheForkStandsByItself) {
  ASSERT_TRUE(start("echo", "hello", "w").has_value());
  const RunId first = outcome(WorkflowId("w"))->run;
  ASSERT_TRUE(reset("w", 3).has_value());
  ASSERT_TRUE(outcome(WorkflowId("w")).has_value());
  ASSERT_TRUE(wait(engine->erase({.workflow = WorkflowId("w"), .run = first})).has_value());
  EXPECT_EQ(outcome(WorkflowId("w"))->result.bytes, "hello");
  expect_whole();
}

}  // namespace
}  // namespace reprise
