#include "engine/core/activity_queues.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/core/attempt_token.hpp"

namespace reprise {
namespace {

using Names = std::vector<std::string>;

const RunId kRun = RunId::make(UtcTime::from_micros(1'700'000'000'000'000), 1, 2);

AttemptKey key(std::uint32_t command, std::uint32_t attempt = 1) {
  return {kRun, CommandId(command), Attempt(attempt)};
}
QueuedAttempt attempt(std::uint32_t command, std::string name = "ocr") {
  return {WorkflowId("w"), key(command), std::move(name), {}};
}
constexpr SteadyTime kNow = SteadyTime::from_micros(1'000'000);

// The command that was granted to the poll; 0: none.
std::uint32_t granted_to(ActivityQueues& queues, std::uint64_t poll) {
  for (const auto& match : queues.granted())
    if (match.poll == PollId(poll)) return match.attempt.key.command.value();
  return 0;
}
// The command that the poll gets; 0: it waits.
std::uint32_t poll(ActivityQueues& queues, std::uint64_t id, const Names& names = {}) {
  EXPECT_TRUE(queues.poll(PollId(id), "q", names, kNow).has_value());
  return granted_to(queues, id);
}
// The poll that gets the attempt; 0: it waits.
std::uint64_t last_poll(ActivityQueues& queues) {
  const auto granted = queues.granted();
  return granted.empty() ? 0 : granted.back().poll->value();
}
std::uint64_t add(ActivityQueues& queues, std::uint32_t command, const std::string& name = "ocr") {
  EXPECT_TRUE(queues.add("q", attempt(command, name), kNow).has_value());
  return last_poll(queues);
}
std::uint64_t put_back(ActivityQueues& queues, std::uint32_t command) {
  queues.put_back(key(command), kNow);
  return last_poll(queues);
}
void cancel(ActivityQueues& queues, std::uint32_t command, bool timed_out = false) {
  queues.cancel({kRun, CommandId(command), Attempt(1), timed_out, timed_out}, kNow);
}
void end(ActivityQueues& queues, std::uint32_t command) {
  queues.end(key(command), AttemptAnswer::recorded, kNow);
}

TEST(ActivityQueues, TheOldestAttemptGoesFirstAndToTheOldestPoll) {
  ActivityQueues queues;
  EXPECT_EQ(add(queues, 1), 0U);
  EXPECT_EQ(add(queues, 2), 0U);
  EXPECT_EQ(poll(queues, 1), 1U);
  EXPECT_EQ(poll(queues, 2), 2U);
  EXPECT_EQ(poll(queues, 3), 0U);
  EXPECT_EQ(poll(queues, 4), 0U);
  EXPECT_EQ(add(queues, 3), 3U);
  EXPECT_EQ(add(queues, 4), 4U);
  EXPECT_EQ(add(queues, 5), 0U) << "a poll gets one";
  EXPECT_EQ(queues.figures("q").leased, 4U);
}

TEST(ActivityQueues, APollGetsOnlyWhatItDoes) {
  ActivityQueues queues;
  add(queues, 1, "scan");
  add(queues, 2, "ocr");
  EXPECT_EQ(poll(queues, 1, {"ocr", "mail"}), 2U);
  EXPECT_EQ(poll(queues, 2, {"mail"}), 0U);
  EXPECT_EQ(add(queues, 3, "scan"), 0U);
  EXPECT_EQ(add(queues, 4, "mail"), 2U);
  EXPECT_EQ(poll(queues, 3), 1U);
}

TEST(ActivityQueues, APollThatLeftGetsNothing) {
  ActivityQueues queues;
  poll(queues, 1);
  queues.leave(PollId(1));
  EXPECT_EQ(add(queues, 1), 0U);
  EXPECT_EQ(queues.figures("q").polls, 0U);
}

TEST(ActivityQueues, WhatIsPutBackStandsWhereItStood) {
  ActivityQueues queues;
  for (std::uint32_t command = 1; command <= 3; ++command) add(queues, command);
  EXPECT_EQ(poll(queues, 1), 1U);
  EXPECT_EQ(put_back(queues, 1), 0U);
  EXPECT_EQ(queues.figures("q").waiting, 3U);
  EXPECT_EQ(poll(queues, 2), 1U);
  EXPECT_EQ(poll(queues, 3), 2U);
  EXPECT_EQ(poll(queues, 4), 3U);
  poll(queues, 5);
  EXPECT_EQ(put_back(queues, 2), 5U) << "or goes to who waits";
}

TEST(ActivityQueues, WhatIsCancelledIsGoneWhereverItIs) {
  ActivityQueues queues;
  add(queues, 1);
  cancel(queues, 1);
  EXPECT_EQ(poll(queues, 1), 0U);
  EXPECT_FALSE(queues.ended(key(1)).has_value()) << "nobody has it who could ask";
  add(queues, 2);
  cancel(queues, 2);
  EXPECT_EQ(queues.ended(key(2)), AttemptAnswer::cancelled);
  EXPECT_EQ(put_back(queues, 2), 0U);
  poll(queues, 2);
  add(queues, 3);
  cancel(queues, 3, true);
  EXPECT_FALSE(queues.ended(key(3)).has_value()) << "timed out: stale, not cancelled";
  EXPECT_EQ(queues.figures("q").leased, 0U);
  EXPECT_EQ(queues.figures("q").waiting, 0U);
}

TEST(ActivityQueues, ARecordedEndIsRememberedForARepetition) {
  ActivityQueues queues({.ended_max = 2});
  for (std::uint32_t command = 1; command <= 3; ++command) {
    add(queues, command);
    poll(queues, command);
    end(queues, command);
  }
  EXPECT_FALSE(queues.ended(key(1)).has_value()) << "the oldest makes room";
  EXPECT_EQ(queues.ended(key(2)), AttemptAnswer::recorded);
  EXPECT_EQ(queues.ended(key(3)), AttemptAnswer::recorded);
}

TEST(ActivityQueues, FullQueuesSaySo) {
  ActivityQueues queues({.attempts_max = 2, .polls_max = 1});
  add(queues, 1);
  add(queues, 2);
  const auto refused = queues.add("q", attempt(3), kNow);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, Errc::overloaded);
  EXPECT_TRUE(queues.add("other", attempt(3), kNow).has_value()) << "each queue for itself";
  EXPECT_EQ(poll(queues, 1, {"mail"}), 0U);
  EXPECT_EQ(queues.poll(PollId(2), "q", {"mail"}, kNow).error().code, Errc::overloaded);
  EXPECT_EQ(poll(queues, 3), 1U) << "one that gets something at once does not wait";
}

RC_GTEST_PROP(ActivityQueues, EachAttemptIsInOnePlace, ()) {
  ActivityQueues queues;
  std::map<std::uint32_t, char> where;  // w: waiting, l: leased
  std::uint32_t added = 0;
  std::uint64_t polls = 0;
  std::set<std::uint64_t> polling;
  for (int step = *rc::gen::inRange(0, 60); step > 0; --step) {
    const int what = *rc::gen::inRange(0, 5);
    if (what == 0) {
      const std::uint64_t poll = add(queues, ++added);
      RC_ASSERT((poll != 0) == !polling.empty());
      if (poll != 0) {
        RC_ASSERT(*polling.begin() == poll);
        polling.erase(poll);
      }
      where[added] = poll != 0 ? 'l' : 'w';
    } else if (what == 1) {
      const std::uint32_t got = poll(queues, ++polls);
      const auto oldest =
          std::ranges::find_if(where, [](const auto& entry) { return entry.second == 'w'; });
      RC_ASSERT(got == (oldest == where.end() ? 0 : oldest->first));
      if (got != 0)
        oldest->second = 'l';
      else
        polling.insert(polls);
    } else if (!where.empty()) {
      const auto at = std::next(where.begin(), *rc::gen::inRange<std::ptrdiff_t>(
                                                   0, static_cast<std::ptrdiff_t>(where.size())));
      if (what == 2) {
        cancel(queues, at->first, true);
        where.erase(at);
      } else if (at->second == 'l' && what == 3) {
        end(queues, at->first);
        where.erase(at);
      } else if (at->second == 'l') {
        const std::uint64_t poll = put_back(queues, at->first);
        if (poll != 0) polling.erase(poll);
        at->second = poll != 0 ? 'l' : 'w';
      }
    }
    const QueueFigures figures = queues.figures("q");
    RC_ASSERT(figures.waiting + figures.leased == where.size());
    RC_ASSERT(figures.polls == polling.size());
    RC_ASSERT(figures.waiting == 0U || figures.polls == 0U);
  }
}

TEST(AttemptToken, IsTextThatNamesOneAttempt) {
  const AttemptToken token{0xabc, WorkflowId("order.7"), key(12, 3)};
  const std::string text = to_string(token);
  EXPECT_EQ(text, "0000000000000abc." + to_string(kRun) + ".12.3.order.7");
  EXPECT_EQ(AttemptToken::parse(text), token);
  for (const std::string& other :
       {std::string(), std::string("abc"), text.substr(1), "0" + text, text + "/",
        text.substr(0, text.find(".order")), "0000000000000ABC" + text.substr(16),
        "0000000000000abc." + to_string(kRun) + ".012.3.order.7",
        "0000000000000abc." + to_string(kRun) + ".-12.3.order.7",
        "0000000000000abc." + to_string(kRun) + ".12.99999999999.order.7",
        std::string("0000000000000abc.run_x.12.3.order.7")})
    EXPECT_FALSE(AttemptToken::parse(other).has_value()) << other;
}

}  // namespace
}  // namespace reprise
