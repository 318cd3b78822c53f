#include "workflows/task/review_score.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace reprise {
namespace {

ReviewScores points(int c, int a, int r, int q) {
  return {Hundredths{c * 100}, Hundredths{a * 100}, Hundredths{r * 100}, Hundredths{q * 100}};
}

template <typename Check>
void for_all_quadruples(Check check) {
  for (int c = 0; c <= 10; ++c)
    for (int a = 0; a <= 10; ++a)
      for (int r = 0; r <= 10; ++r)
        for (int q = 0; q <= 10; ++q) check(c, a, r, q);
}

TEST(ReviewScore, EveryIntegerQuadrupleFallsOnTheRightSide) {
  for_all_quadruples([](int c, int a, int r, int q) {
    const int tenths = 3 * c + 3 * a + 2 * r + 2 * q;  // exact
    const Verdict expected = tenths >= 70   ? Verdict::accepted
                             : tenths >= 50 ? Verdict::needs_revision
                                            : Verdict::rejected;
    const Hundredths score = weighted_score(points(c, a, r, q));
    ASSERT_EQ(score.value, tenths * 10);
    ASSERT_EQ(verdict_of(score), expected) << c << a << r << q;
  });
}

TEST(ReviewScore, DoublesWouldMisjudgeSomeQuadruples) {
  int wrong = 0;
  for_all_quadruples([&](int c, int a, int r, int q) {
    const double sum = c * 0.30 + a * 0.30 + r * 0.20 + q * 0.20;
    const int tenths = 3 * c + 3 * a + 2 * r + 2 * q;
    wrong += (sum >= 7.0) != (tenths >= 70) || (sum >= 5.0) != (tenths >= 50) ? 1 : 0;
  });
  EXPECT_GT(wrong, 0);
}

TEST(ReviewScore, EveryWeightingInStepsOfTenIsExact) {
  for (int wc = 0; wc <= 100; wc += 10)
    for (int wa = 0; wa + wc <= 100; wa += 10)
      for (int wr = 0; wr + wa + wc <= 100; wr += 10) {
        const ReviewWeights weights{wc, wa, wr, 100 - wc - wa - wr};
        for_all_quadruples([&](int c, int a, int r, int q) {
          const int exact = wc * c + wa * a + wr * r + weights.quality * q;
          if (weighted_score(points(c, a, r, q), weights).value != exact)
            FAIL() << c << a << r << q;
        });
      }
}

RC_GTEST_PROP(ReviewScore, AnyWeightsAndHundredthsStayInRangeAndGrow, ()) {
  const auto part = [] { return *rc::gen::inRange(0, 1001); };
  const int wc = *rc::gen::inRange(0, 101);
  const int wa = *rc::gen::inRange(0, 101 - wc);
  const int wr = *rc::gen::inRange(0, 101 - wc - wa);
  const ReviewWeights weights{wc, wa, wr, 100 - wc - wa - wr};
  ReviewScores scores{{part()}, {part()}, {part()}, {part()}};
  const Hundredths before = weighted_score(scores, weights);
  RC_ASSERT(before.value >= 0 && before.value <= 1000);
  scores.accuracy.value = std::min(1000, scores.accuracy.value + 50);
  RC_ASSERT(weighted_score(scores, weights) >= before);
}

}  // namespace
}  // namespace reprise
