#include "engine/core/retry.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace reprise {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

const RunId kRun = RunId::make(UtcTime::from_micros(1'000'000), 1, 2);
const ActivityFailure kFlaky{.type = "flaky", .message = "later"};

std::optional<Duration> after(const RetryPolicy& policy, std::uint32_t failed,
                              const ActivityFailure& failure = kFlaky) {
  return retry_delay(policy, failure, kRun, CommandId(1), Attempt(failed));
}

TEST(Retry, TheDefaultWaits1And2And4And8And16Seconds) {
  RetryPolicy policy;
  policy.jitter_percent = 0;
  for (std::uint32_t attempt = 1; attempt <= 5; ++attempt)
    EXPECT_EQ(after(policy, attempt), seconds(1U << (attempt - 1)));
  EXPECT_EQ(after(policy, 6), std::nullopt) << "six attempts are all";
}

TEST(Retry, TheIntervalIsBounded) {
  const RetryPolicy policy{.interval_max = seconds(10), .attempts_max = 0, .jitter_percent = 0};
  EXPECT_EQ(after(policy, 4), seconds(8));
  EXPECT_EQ(after(policy, 5), seconds(10));
  EXPECT_EQ(after(policy, 4'000'000'000U), seconds(10));
}

TEST(Retry, ADelayOfTheOtherSideIsALowerBound) {
  const RetryPolicy policy{.jitter_percent = 0};
  EXPECT_EQ(after(policy, 1, {.type = "rate_limited", .message = "", .retry_after = seconds(30)}),
            seconds(30));
  EXPECT_EQ(after(policy, 5, {.type = "rate_limited", .message = "", .retry_after = seconds(3)}),
            seconds(16));
}

TEST(Retry, WhatIsFinalIsNotTriedAgain) {
  const RetryPolicy policy{.non_retryable = {"refused"}};
  EXPECT_EQ(after(policy, 1, {.type = "refused", .message = ""}), std::nullopt);
  EXPECT_EQ(after(policy, 1, {.type = "x", .message = "", .retryable = false}), std::nullopt);
  EXPECT_TRUE(after(policy, 1, {.type = "other", .message = ""}).has_value());
}

TEST(Retry, ZeroAttemptsAtMostMeansWithoutEnd) {
  EXPECT_TRUE(after({.attempts_max = 0}, 1'000'000).has_value());
}

TEST(Retry, TheJitterIsStableAndDiffersBetweenAttempts) {
  const RetryPolicy policy{.coefficient_percent = 100, .attempts_max = 0, .jitter_percent = 100};
  EXPECT_EQ(after(policy, 3), after(policy, 3));
  EXPECT_NE(after(policy, 3), after(policy, 4));
  EXPECT_EQ(after(policy, 1)->count(), 1'959'366) << "durable: recovery computes the same time";
}

RC_GTEST_PROP(Retry, DelaysStayInBoundsWhateverThePolicySays,
              (std::int64_t initial, std::uint32_t coefficient, std::int64_t longest,
               std::int64_t wish)) {
  const RetryPolicy policy{.initial = Duration(initial),
                           .coefficient_percent = coefficient,
                           .interval_max = Duration(longest),
                           .attempts_max = 0,
                           .jitter_percent = *rc::gen::inRange<std::uint32_t>(0, 101)};
  const ActivityFailure failure{.type = "t", .message = "", .retry_after = Duration(wish)};
  const auto attempt = *rc::gen::inRange<std::uint32_t>(1, 2000);
  const Duration delay = after(policy, attempt, failure).value();
  RC_ASSERT(delay >= Duration(0));
  RC_ASSERT(delay <= hours(2 * 365 * 24));
  if (wish > 0 && wish < Duration(hours(24)).count()) RC_ASSERT(delay >= Duration(wish));
}

RC_GTEST_PROP(Retry, WithoutJitterDelaysNeverShrink, (std::uint16_t initial_ms)) {
  const RetryPolicy policy{.initial = std::chrono::milliseconds(initial_ms),
                           .coefficient_percent = *rc::gen::inRange<std::uint32_t>(100, 1000),
                           .attempts_max = 0,
                           .jitter_percent = 0};
  for (std::uint32_t attempt = 1; attempt < 40; ++attempt)
    RC_ASSERT(after(policy, attempt) <= after(policy, attempt + 1));
}

TEST(Retry, AnAttemptsTimeGrowsWithTimeoutsUpToADay) {
  ActivityOptions options{.start_to_close = seconds(100), .timeout_growth_percent = 150};
  EXPECT_EQ(attempt_timeout(options, 0), seconds(100));
  EXPECT_EQ(attempt_timeout(options, 2), seconds(225));
  EXPECT_EQ(attempt_timeout(options, 1000), hours(24));
  options.timeout_growth_percent = 100;
  EXPECT_EQ(attempt_timeout(options, 1000), seconds(100));
  options.start_to_close = hours(48);
  EXPECT_EQ(attempt_timeout(options, 5), hours(48));
}

}  // namespace
}  // namespace reprise
