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
    deadlines.add(times[i], i);
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

}  // namespace
}  // namespace reprise
