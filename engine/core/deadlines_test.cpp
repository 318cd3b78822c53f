#include "engine/core/deadlines.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace reprise {
namespace {

RC_GTEST_PROP(Deadlines, TheyComeOutByTimeAndThenInTheirOrder,
              (const std::vector<std::int8_t>& times)) {
  Deadlines<int, std::size_t> deadlines;
  std::vector<std::pair<int, std::size_t>> expected;
  for (std::size_t i = 0; i < times.size(); ++i) {
    deadlines.add(times[i], i, [](std::size_t) { return true; });
    expected.emplace_back(times[i], i);
  }
  std::ranges::sort(expected);
  for (const auto& [time, what] : expected) {
    RC_ASSERT(deadlines.next() == time);
    RC_ASSERT(deadlines.take(time - 1) == std::nullopt);
    RC_ASSERT(deadlines.take(time) == what);
  }
  RC_ASSERT(deadlines.next() == std::nullopt);
  RC_ASSERT(deadlines.take(1000) == std::nullopt);
}

TEST(Deadlines, WhatIsNotWantedAnyMoreDoesNotPileUp) {
  Deadlines<int, int> deadlines;
  for (int i = 0; i < 100'000; ++i)
    deadlines.add(1'000'000, i, [i](int what) { return what > i - 100 || what % 1000 == 0; });
  EXPECT_LE(deadlines.size(), 500U);
  int kept = 0;
  while (const std::optional<int> what = deadlines.take(1'000'000)) kept += *what % 1000 == 0;
  EXPECT_EQ(kept, 100) << "none that was wanted is gone";
}

}  // namespace
}  // namespace reprise
