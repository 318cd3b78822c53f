// The rules of a queue, as its workers see them: at every moment, and over restarts. And what of the
// precedence of a run and its activities reaches the queue.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "engine/author/workflow.hpp"
#include "engine/core/activity_queues.hpp"
#include "engine/core/testing/shard_driver.hpp"

namespace reprise {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::catalog_of;
using testing::ShardDriver;
using testing::Word;
using testing::Work;

const RunId kRun = RunId::make(UtcTime::from_micros(1'700'000'000'000'000), 1, 2);
constexpr Duration kLease = seconds(60);

AttemptKey key(std::uint32_t command, std::uint32_t attempt = 1) {
  return {kRun, CommandId(command), Attempt(attempt)};
}

// One queue, "q", whose workers' polls never end before they get something.
class Desk {
 public:
  explicit Desk(QueueRules rules = {}) { queues.set_rules("q", rules, now); }
  void add(std::uint32_t command, QueueWait wait = {}, std::uint32_t attempt = 1) {
    wait.lease = kLease;
    EXPECT_TRUE(
        queues.add("q", {WorkflowId("w"), key(command, attempt), "a", wait}, now).has_value());
  }
  void poll(unsigned count = 1) {
    for (; count > 0; --count) EXPECT_TRUE(queues.poll(PollId(++polls), "q", {}, now).has_value());
  }
  void end(std::uint32_t command) { queues.end(key(command), AttemptAnswer::recorded, now); }
  void cancel(std::uint32_t command, bool lease_over = false) {
    queues.cancel({kRun, CommandId(command), Attempt(1), lease_over, lease_over}, now);
  }
  void pass(Duration time) {
    const SteadyTime until = now + time;
    while (queues.next() && *queues.next() <= until) {
      now = std::max(now, *queues.next());
      queues.advance(now);
    }
    now = until;
  }
  // The commands that were granted since it was asked last.
  std::vector<std::uint32_t> granted() {
    std::vector<std::uint32_t> commands;
    for (const auto& match : queues.granted())
      commands.push_back(match.attempt.key.command.value());
    return commands;
  }
  // What a process that was killed leaves to the next one.
  void restart(const KeptRules& kept) {
    queues = ActivityQueues({}, true, now);
    queues.resume({{"q", kept}}, now);
  }

  SteadyTime now = SteadyTime::from_micros(1'000'000'000);
  ActivityQueues queues;
  std::uint64_t polls = 0;
};

using Commands = std::vector<std::uint32_t>;

TEST(QueueRules, NoMoreAreOutAtOnceThanTheLimit) {
  Desk desk({.concurrency_max = 2});
  desk.poll(5);
  for (std::uint32_t command = 1; command <= 5; ++command) desk.add(command);
  EXPECT_EQ(desk.granted(), (Commands{1, 2}));
  desk.end(1);
  EXPECT_EQ(desk.granted(), (Commands{3}));
  desk.queues.set_rules("q", {.concurrency_max = 3}, desk.now);
  EXPECT_EQ(desk.granted(), (Commands{4}));
  desk.queues.set_rules("q", {.concurrency_max = 1}, desk.now);
  desk.end(2);
  desk.end(3);
  EXPECT_EQ(desk.granted(), (Commands{}));
  desk.end(4);
  EXPECT_EQ(desk.granted(), (Commands{5}));
}

TEST(QueueRules, ThisProcessAndWorkersShareTheLimitAndTheOrder) {
  Desk desk({.concurrency_max = 2});
  desk.add(1);
  desk.add(2, {.in_process = true});
  EXPECT_EQ(desk.granted(), (Commands{2})) << "nobody polls for the first";
  desk.add(3, {.in_process = true});
  EXPECT_EQ(desk.granted(), (Commands{3}));
  desk.add(4, {.in_process = true, .precedence = {.priority = Priority::high}});
  desk.poll();
  desk.end(2);
  EXPECT_EQ(desk.granted(), (Commands{4}));
  desk.end(3);
  EXPECT_EQ(desk.granted(), (Commands{1}));
}

TEST(QueueRules, NoMoreBeginInASpanThanTheRate) {
  Desk desk({.rate = QueueRate{2, seconds(10)}});
  desk.poll(5);
  for (std::uint32_t command = 1; command <= 5; ++command) {
    desk.add(command);
    desk.end(command);
  }
  EXPECT_EQ(desk.granted(), (Commands{1, 2}));
  EXPECT_EQ(desk.queues.next(), desk.now + seconds(10));
  desk.pass(seconds(9));
  EXPECT_EQ(desk.granted(), (Commands{}));
  desk.pass(seconds(1));
  EXPECT_EQ(desk.granted(), (Commands{3, 4}));
}

TEST(QueueRules, WhatIsPutBackSpendsNothing) {
  Desk desk({.concurrency_max = 1, .rate = QueueRate{1, seconds(10)}});
  desk.poll();
  desk.add(1);
  EXPECT_EQ(desk.granted(), (Commands{1}));
  desk.queues.put_back(key(1), desk.now);
  desk.poll();
  EXPECT_EQ(desk.granted(), (Commands{1}));
}

TEST(QueueRules, ACancelledAttemptKeepsItsPlaceWhileItsWorkerMayBeAtWork) {
  Desk desk({.concurrency_max = 1});
  desk.poll(4);
  for (std::uint32_t command = 1; command <= 4; ++command) desk.add(command);
  desk.cancel(1);
  EXPECT_EQ(desk.granted(), (Commands{1}));
  EXPECT_EQ(desk.queues.figures("q").held, 1U);
  EXPECT_EQ(desk.queues.figures("q").leased, 0U);
  desk.end(1);
  EXPECT_EQ(desk.granted(), (Commands{2})) << "it has said that it ended";
  desk.cancel(2);
  desk.pass(kLease - seconds(1));
  EXPECT_EQ(desk.granted(), (Commands{}));
  desk.pass(seconds(1));
  EXPECT_EQ(desk.granted(), (Commands{3})) << "its lease is over";
  desk.cancel(3);
  desk.queues.told(key(3), desk.now);
  desk.pass(InheritedPlaces::kStopsWithin);
  EXPECT_EQ(desk.granted(), (Commands{4})) << "it was told, and has stopped";
  desk.cancel(4, true);
  EXPECT_EQ(desk.queues.figures("q").held, 0U) << "it timed out";
}

TEST(QueueRules, HighGoesFirstAndUsersTakeTurnsWhereTheLimitMakesThemWait) {
  Desk desk({.concurrency_max = 1});
  const auto of = [](Priority priority, std::string user, std::uint32_t weight = 1) {
    return QueueWait{.in_process = true, .precedence = {priority, std::move(user), weight}};
  };
  desk.add(1, of(Priority::normal, "many"));
  for (std::uint32_t command = 2; command <= 4; ++command)
    desk.add(command, of(Priority::normal, "many"));
  desk.add(5, of(Priority::normal, "few"));
  desk.add(6, of(Priority::low, "few"));
  desk.add(7, of(Priority::high, "few"));
  Commands order = desk.granted();
  for (int i = 0; i < 6; ++i) {
    desk.end(order.back());
    order.push_back(desk.granted().at(0));
  }
  EXPECT_EQ(order, (Commands{1, 7, 2, 5, 3, 4, 6}));
}

TEST(QueueRules, TheWaitOfLowBeginsWhenTheActivityWasScheduled) {
  Desk desk({.concurrency_max = 1});
  desk.add(1, {.in_process = true});
  desk.add(2, {.in_process = true});
  desk.add(3, {.in_process = true, .precedence = {.priority = Priority::low}, .age = minutes(29)});
  desk.granted();
  desk.pass(minutes(1));
  desk.add(4, {.in_process = true});
  desk.end(1);
  desk.end(2);
  EXPECT_EQ(desk.granted(), (Commands{2, 3})) << "before the normal one that came behind it";
}

TEST(QueueRules, NothingIsGrantedBeforeTheRulesAreKnown) {
  Desk desk;
  desk.queues = ActivityQueues({}, true, desk.now);
  desk.poll(2);
  desk.add(1);
  desk.add(2);
  EXPECT_EQ(desk.granted(), (Commands{}));
  desk.queues.resume({}, desk.now);
  EXPECT_EQ(desk.granted(), (Commands{1, 2})) << "a queue without rules does not wait further";
}

TEST(QueueRules, AfterARestartPlacesAreTakenThatWorkersMayStillHave) {
  Desk desk;
  desk.restart({.rules = {.concurrency_max = 3}, .out_max = 3});
  desk.poll(3);
  desk.add(1, {.lost = 1}, 2);
  EXPECT_EQ(desk.granted(), (Commands{})) << "others may not have been read yet";
  desk.queues.recovered(desk.now);
  EXPECT_EQ(desk.granted(), (Commands{1})) << "of three places, one may be taken";
  EXPECT_EQ(desk.queues.figures("q").held, 1U);
  desk.add(2);
  desk.add(3);
  EXPECT_EQ(desk.granted(), (Commands{2}));
  desk.pass(kLease);
  EXPECT_EQ(desk.granted(), (Commands{3})) << "the lease of the process before is over";
}

TEST(QueueRules, AWorkerOfTheProcessBeforeGivesItsPlaceBackWhenItHasEnded) {
  Desk desk;
  desk.restart({.rules = {.concurrency_max = 2}, .out_max = 2});
  desk.poll(9);
  for (std::uint32_t command = 1; command <= 9; ++command) desk.add(command, {.lost = 1}, 2);
  desk.queues.recovered(desk.now);
  EXPECT_EQ(desk.queues.figures("q").held, 2U) << "nine were open, and two of them out at most";
  desk.queues.heard_of_before(key(7), true, desk.now);
  desk.queues.heard_of_before(key(7), true, desk.now);
  EXPECT_EQ(desk.granted(), (Commands{1})) << "told twice, it is one place";
  desk.queues.heard_of_before(key(8, 2), true, desk.now);
  EXPECT_EQ(desk.granted(), (Commands{})) << "that attempt is this process's";
  desk.queues.heard_of_before(key(8), false, desk.now);
  desk.pass(InheritedPlaces::kStopsWithin);
  EXPECT_EQ(desk.granted(), (Commands{})) << "it need not have been the only one";
  desk.queues.heard_of_before(key(9), true, desk.now);
  EXPECT_EQ(desk.granted(), (Commands{2}));
}

TEST(QueueRules, AfterARestartTheRateBeginsSpent) {
  Desk desk;
  desk.restart({.rules = {.rate = QueueRate{2, seconds(30)}}});
  desk.queues.recovered(desk.now);
  desk.poll(3);
  for (std::uint32_t command = 1; command <= 3; ++command) desk.add(command);
  desk.pass(seconds(30) - Duration(1));
  EXPECT_EQ(desk.granted(), (Commands{}));
  desk.pass(Duration(1));
  EXPECT_EQ(desk.granted(), (Commands{1, 2}));
}

// Workers that keep to their leases, a process that is killed at any moment, attempts that are lost,
// cancelled and added anew: at no moment are more at work than the limit, and in no span do more begin
// than the rate.
RC_GTEST_PROP(QueueRules, HoldAtEveryMomentOverRestarts, ()) {
  const auto limit = *rc::gen::inRange(1U, 4U);
  const auto count = *rc::gen::inRange(1U, 6U);
  const KeptRules rules{{.concurrency_max = limit, .rate = QueueRate{count, seconds(20)}}, limit};
  Desk desk(rules.rules);
  struct Open {
    std::uint32_t attempt = 1;
    std::uint32_t lost = 0;
  };
  std::map<std::uint32_t, Open> open;                         // activities, as the log has them
  std::map<AttemptKey, std::pair<SteadyTime, bool>> at_work;  // until; of this process
  std::vector<SteadyTime> began;
  std::uint32_t last = 0;
  const auto look = [&] {
    for (const auto& match : desk.queues.granted()) {
      at_work.emplace(match.attempt.key, std::pair(desk.now + kLease, true));
      began.push_back(desk.now);
    }
    RC_ASSERT(at_work.size() <= limit);
    RC_ASSERT(std::ranges::count_if(
                  began, [&](SteadyTime at) { return at + seconds(20) > desk.now; }) <= count);
  };
  for (int step = *rc::gen::inRange(0, 150); step > 0; --step) {
    switch (*rc::gen::inRange(0, 7)) {
      case 0:
      case 1:
        open[++last] = {};
        desk.add(last);
        break;
      case 2: desk.poll(); break;
      case 3: {  // time; workers whose lease is over stop, and their attempts time out
        const SteadyTime until = desk.now + seconds(*rc::gen::inRange(1, 50));
        while (desk.now < until) {
          desk.now = desk.now + seconds(1);
          for (auto it = at_work.begin(); it != at_work.end();) {
            if (it->second.first > desk.now) {
              ++it;
              continue;
            }
            const AttemptKey gone = it->first;
            const bool current = it->second.second;
            it = at_work.erase(it);
            if (!current || !open.contains(gone.command.value())) continue;
            desk.queues.cancel({gone.run, gone.command, gone.attempt, true, true}, desk.now);
            open.erase(gone.command.value());
          }
          desk.queues.advance(desk.now);
          look();
        }
        break;
      }
      case 4:
        if (!at_work.empty()) {  // a worker ends, and tells
          const AttemptKey ended = at_work.begin()->first;
          const bool current = at_work.begin()->second.second;
          at_work.erase(at_work.begin());
          if (current) {
            desk.queues.end(ended, AttemptAnswer::recorded, desk.now);
            open.erase(ended.command.value());
          } else {
            desk.queues.heard_of_before(ended, true, desk.now);
          }
        }
        break;
      case 5:
        if (!at_work.empty()) {  // cancelled; its worker goes on
          const AttemptKey gone = at_work.begin()->first;
          if (at_work.begin()->second.second && open.erase(gone.command.value()) > 0)
            desk.queues.cancel({gone.run, gone.command, gone.attempt}, desk.now);
        }
        break;
      default: {
        // Cancelled ones are forgotten with the process: it waits for their workers here.
        std::erase_if(at_work, [&](const auto& entry) {
          return entry.second.second && !open.contains(entry.first.command.value());
        });
        for (auto& [attempt, work] : at_work) work.second = false;
        desk.restart(rules);
        for (auto& [command, activity] : open) {
          ++activity.lost;
          desk.add(command, {.lost = activity.lost}, ++activity.attempt);
        }
        desk.queues.recovered(desk.now);
      }
    }
    look();
  }
}

// --- from the run to the queue ---

ActivityOptions options;

Workflow<Word> one_call(Context ctx, Word) { co_return co_await ctx.run<Work>({"x"}, options); }
Workflow<Word> parent(Context ctx, Word word) {
  if (word.text != "child") co_return co_await ctx.child<Word>("t", Word{"child"});
  co_return co_await ctx.run<Work>({"x"}, options);
}
Workflow<Word> continuing(Context ctx, Word word) {
  if (word.text != "again") ctx.continue_as_new(Word{"again"});
  co_return co_await ctx.run<Work>({"x"}, options);
}

class QueuePrecedence : public ::testing::Test {
 protected:
  QueuePrecedence() { options = {.retry = {.jitter_percent = 0}, .queue = "q"}; }
  static void start(ShardDriver& shard, const Precedence& precedence) {
    StartInput input = shard.start_input("t", "w");
    input.request.precedence = precedence;
    EXPECT_TRUE(shard.start(std::move(input)).has_value());
  }
  static QueueWait wait(const ShardDriver& shard) { return *shard.actions<Dispatch>().back().wait; }
};

TEST_F(QueuePrecedence, IsTheActivitysAndElseTheRuns) {
  const Precedence run{Priority::low, "acme", 5};
  ShardDriver shard(catalog_of(&one_call));
  start(shard, run);
  EXPECT_EQ(wait(shard).precedence, run);
  options.precedence = Precedence{.priority = Priority::high};
  ShardDriver other(catalog_of(&one_call));
  start(other, run);
  EXPECT_EQ(wait(other).precedence, (Precedence{Priority::high, "acme", 5}));
  options.precedence = Precedence{.fairness_key = "mine"};
  ShardDriver third(catalog_of(&one_call));
  start(third, run);
  EXPECT_EQ(wait(third).precedence, (Precedence{Priority::low, "mine", 1}))
      << "the run's weight is of the run's key";
}

TEST_F(QueuePrecedence, IsNormalWithoutAKeyWhereNobodyGivesAny) {
  ShardDriver shard(catalog_of(&one_call));
  start(shard, {});
  EXPECT_EQ(wait(shard).precedence, (Precedence{Priority::normal, "", 1}));
  EXPECT_FALSE(wait(shard).in_process);
}

TEST_F(QueuePrecedence, IsInheritedByChildrenAndByTheNextRun) {
  const Precedence run{Priority::high, "acme", 2};
  ShardDriver family(catalog_of(&parent));
  start(family, run);
  EXPECT_EQ(wait(family).precedence, run);
  ShardDriver chain(catalog_of(&continuing));
  start(chain, run);
  EXPECT_EQ(wait(chain).precedence, run);
}

TEST_F(QueuePrecedence, ACrashLeavesItAndTheAge) {
  const Precedence run{Priority::low, "acme", 2};
  ShardDriver shard(catalog_of(&one_call));
  start(shard, run);
  shard.advance(minutes(20));
  shard.restart();
  EXPECT_EQ(wait(shard).precedence, run);
  EXPECT_EQ(wait(shard).age, minutes(20));
  EXPECT_EQ(wait(shard).lost, 1U);
}

TEST_F(QueuePrecedence, AShardSaysWhenAllThatWasOpenIsRead) {
  ShardDriver shard(catalog_of(&one_call));
  start(shard, {});
  EXPECT_TRUE(shard.shard().recovered());
  shard.lose_memory();
  EXPECT_FALSE(shard.shard().recovered());
  shard.settle();
  EXPECT_TRUE(shard.shard().recovered());
  EXPECT_EQ(shard.actions<Dispatch>().size(), 1U);
}

TEST_F(QueuePrecedence, WhatOnlyWaitedHasUsedUpNoAttempt) {
  options.retry.attempts_max = 2;
  options.in_process = true;
  ShardDriver shard(catalog_of(&one_call));
  const RunId run = shard.start("t", "w")->run;
  for (int i = 0; i < 5; ++i) shard.restart();
  EXPECT_TRUE(shard.take(1).has_value());
  shard.attempt_ends(1, std::unexpected(ActivityFailure{.type = "flaky"}));
  EXPECT_EQ(shard.kinds(run).back(), "activity_attempt_failed") << "the second may still come";
  shard.advance(seconds(1));
  shard.settle();
  EXPECT_TRUE(shard.take(1).has_value());
  shard.attempt_ends(1, std::unexpected(ActivityFailure{.type = "flaky"}));
  EXPECT_EQ(shard.kinds(run).back(), "run_failed");
}

TEST_F(QueuePrecedence, AWaitForALimitWritesNothing) {
  options.in_process = true;
  ShardDriver shard(catalog_of(&one_call));
  const RunId run = shard.start("t", "w")->run;
  ActivityQueues queues;
  queues.set_rules("q", {.rate = QueueRate{1, std::chrono::hours(1)}}, shard.steady);
  ASSERT_TRUE(queues.add("q", {WorkflowId("v"), key(9), "a", {.in_process = true}}, shard.steady)
                  .has_value());
  const Dispatch dispatch = shard.actions<Dispatch>().back();
  const AttemptKey waiting{dispatch.run, dispatch.command, dispatch.attempt};
  ASSERT_TRUE(queues
                  .add(dispatch.queue, {dispatch.workflow, waiting, dispatch.name, *dispatch.wait},
                       shard.steady)
                  .has_value());
  queues.granted();
  for (int minute = 0; minute < 59; ++minute) {
    shard.advance(minutes(1));
    shard.settle();
    queues.advance(shard.steady);
    ASSERT_TRUE(queues.granted().empty());
  }
  EXPECT_EQ(shard.kinds(run).back(), "activity_scheduled");
  shard.advance(minutes(1));
  queues.advance(shard.steady);
  ASSERT_EQ(queues.granted().size(), 1U);
  EXPECT_EQ(std::get<AttemptWork>(shard.take(1).value()).time_left, minutes(2))
      << "its time begins now";
  shard.attempt_ends(1, Payload{"done"});
  EXPECT_EQ(shard.kinds(run), (std::vector<std::string>{"run_started", "activity_scheduled",
                                                        "activity_completed", "run_completed"}));
}

}  // namespace
}  // namespace reprise
