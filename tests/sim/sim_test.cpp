// The simulator in CI: 2,000 seeds in four parts, so that two of them run side by side. A sanitized
// build runs 40, and then not every rare branch is reached.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/sim/shrink.hpp"
#include "tests/sim/simulation.hpp"
#include "tests/support/build_kind.hpp"

namespace reprise::sim {
namespace {

constexpr std::uint64_t kParts = 4;
constexpr std::uint64_t kSeedsPerPart = testing::kSanitized ? 10 : 500;

class Seeds : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(Seeds, KeepEveryPromiseWhateverGoesWrong) {
  Marks marks;
  const std::uint64_t first = 1 + GetParam() * kSeedsPerPart;
  for (std::uint64_t seed = first; seed < first + kSeedsPerPart; ++seed) {
    const SimReport report = simulate({.seed = seed});
    ASSERT_FALSE(report.violation.has_value()) << failure_text({.seed = seed}, report);
    EXPECT_GE(report.requests, 500) << "seed " << seed;
    EXPECT_GE(report.crashes, 3) << "seed " << seed;
    marks.add(report.marks);
  }
  fmt::print("seeds {} to {}: all well\n", first, first + kSeedsPerPart - 1);
  if (testing::kSanitized) return;
  for (const std::string_view name : required_marks())
    EXPECT_GT(marks.count(name), 0U) << name << " was not reached";
}

INSTANTIATE_TEST_SUITE_P(Part, Seeds, ::testing::Range<std::uint64_t>(0, kParts));

TEST(Simulation, TheSameSeedGivesTheSameTrace) {
  constexpr std::uint64_t kSeeds = testing::kSanitized ? 1 : 20;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed)
    EXPECT_EQ(simulate({.seed = seed}).trace_hash, simulate({.seed = seed}).trace_hash) << seed;
}

class PlantedDefect : public ::testing::TestWithParam<Defect> {};

TEST_P(PlantedDefect, IsFound) {
  constexpr std::uint64_t kSeedsMax = 50;
  std::uint64_t seed = 1;
  while (seed <= kSeedsMax && !simulate({.seed = seed, .defect = GetParam()}).violation) ++seed;
  EXPECT_LE(seed, kSeedsMax) << "no seed up to " << kSeedsMax << " finds it";
  fmt::print("found by seed {}\n", seed);
}

TEST(Shrinking, FindsASmallPartOfASeedThatFailsAsWell) {
  SimOptions options{.defect = Defect::forgotten_key};
  while (!simulate(options).violation) ++options.seed;
  const std::optional<Shrunk> shrunk = shrink(options);
  ASSERT_TRUE(shrunk.has_value());
  fmt::print("seed {} with {} instead of {}, {} tries\n", options.seed, to_string(shrunk->deeds),
             to_string(shrunk->deeds_at_first), shrunk->tries);
  EXPECT_LE(shrunk->deeds.requests, 5);
  EXPECT_LE(shrunk->deeds.crashes, 1);
  EXPECT_LE(shrunk->deeds.faults, 5);
  EXPECT_LE(shrunk->deeds.ticks, shrunk->deeds_at_first.ticks);
  options.excerpt = shrunk->excerpt;
  EXPECT_TRUE(simulate(options).violation.has_value());
}

TEST(Shrinking, SaysThatASeedDoesNotFail) { EXPECT_FALSE(shrink({.seed = 1}).has_value()); }

TEST(Shrinking, AnExcerptOfAllOfASeedIsTheSeed) {
  std::vector<std::uint8_t> noted(std::size_t{1} << 16U);
  SimOptions options{.seed = 3, .noted = noted};
  const Digest hash = simulate(options).trace_hash;
  options.excerpt = all_of(noted);
  EXPECT_EQ(simulate(options).trace_hash, hash);
}

INSTANTIATE_TEST_SUITE_P(Each, PlantedDefect,
                         ::testing::Values(Defect::lost_group, Defect::early_acknowledgement,
                                           Defect::forgotten_key, Defect::forged_result));

}  // namespace
}  // namespace reprise::sim
