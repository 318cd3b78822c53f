// The arithmetic of a review: four scores, one weighted score, one verdict. Integers only: in
// doubles, 45 of the integer quadruples land on the wrong side of a threshold (0.3 × 7 + 0.3 × 7 +
// 0.2 × 7 + 0.2 × 7 is not 7).
//
// Guarantees: the verdict depends on the weighted score alone; a score that reads 6.99 is below 7.
// Units:      hundredths of a point; weights are percent and add up to 100.
#pragma once

#include <cstdint>

#include "activities/contracts/review.hpp"

namespace reprise {

struct ReviewWeights {
  std::int32_t completeness = 30;
  std::int32_t accuracy = 30;
  std::int32_t relevance = 20;
  std::int32_t quality = 20;
};

inline constexpr Hundredths kAcceptedFrom{700};
inline constexpr Hundredths kRevisedFrom{500};

// Rounded down to a hundredth of a point.
constexpr Hundredths weighted_score(const ReviewScores& scores, ReviewWeights weights = {}) {
  const std::int32_t sum =
      scores.completeness.value * weights.completeness + scores.accuracy.value * weights.accuracy +
      scores.relevance.value * weights.relevance + scores.quality.value * weights.quality;
  return Hundredths{sum / 100};
}

constexpr Verdict verdict_of(Hundredths weighted) {
  if (weighted >= kAcceptedFrom) return Verdict::accepted;
  return weighted >= kRevisedFrom ? Verdict::needs_revision : Verdict::rejected;
}

}  // namespace reprise
