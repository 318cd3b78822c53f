// Slices of the campaigns against storage; reprise-faults runs them whole.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/log.hpp"
#include "storage/testing/temporary_directory.hpp"
#include "tests/faults/bit_flips.hpp"
#include "tests/faults/power_cuts.hpp"

namespace reprise::testing {
namespace {

class PowerCuts : public ::testing::TestWithParam<Scenario> {
 protected:
  void SetUp() override { set_log(LogLevel::off, LogFormat::text); }
};

TEST_P(PowerCuts, LoseNothingThatWasAcknowledged) {
  constexpr std::size_t kEvery = 17;  // prime: meets each kind of operation in turn
  const PowerCutReport report = cut_power(GetParam(), {.every = kEvery, .lives_every = 10});
  fmt::print("{} cuts at {} moments, {} images opened\n", report.cuts, report.moments,
             report.opened);
  EXPECT_EQ(report.faults, std::vector<std::string>());
  EXPECT_GE(report.moments, 3U);
}

INSTANTIATE_TEST_SUITE_P(Each, PowerCuts, ::testing::ValuesIn(scenarios()),
                         [](const auto& scenario) { return std::string(scenario.param.name); });

class BitFlips : public ::testing::Test {
 protected:
  void SetUp() override { set_log(LogLevel::off, LogFormat::text); }
  static void flip(const FlipTarget& target) {
    const FlipReport report = flip_bits(target, {.count = 200});
    for (const auto& [kind, counts] : report.by_kind)
      for (std::size_t i = 0; i < kFlipOutcomes; ++i)
        fmt::print("{} {} {}\n", kind, counts.at(i), to_string(static_cast<FlipOutcome>(i)));
    EXPECT_EQ(report.silent, std::vector<std::string>());
  }
};

TEST_F(BitFlips, InTheStoreOfAKilledServerAreFoundOrHarmless) { flip(make_killed_target()); }

TEST_F(BitFlips, InTheStoreOfAStoppedServerAreFoundOrHarmless) { flip(make_stopped_target()); }

TEST_F(BitFlips, ASavedTargetIsTheSameWhenItIsLoaded) {
  const TemporaryDirectory folder;
  const FlipTarget target = make_stopped_target();
  save_target(target, folder.path() / "target");
  const FlipTarget loaded = load_target(folder.path() / "target");
  EXPECT_EQ(loaded.image, target.image);
  EXPECT_EQ(loaded.states, target.states);
}

}  // namespace
}  // namespace reprise::testing
