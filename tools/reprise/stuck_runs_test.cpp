#include "tools/reprise/stuck_runs.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "storage/testing/temporary_directory.hpp"

namespace reprise::cli {
namespace {

RunId run(std::uint64_t n) {
  return RunId::make(UtcTime::from_micros(1'700'000'000'000'000), n, n);
}

class StuckRunsFile : public ::testing::Test {
 protected:
  testing::TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_.path() / "stuck-runs";
};

TEST_F(StuckRunsFile, NoFileMeansNone) {
  EXPECT_TRUE(StuckRuns(path_, "p").read().value().empty());
}

TEST_F(StuckRunsFile, OnlyThisProgramsRunsCount) {
  ASSERT_TRUE(StuckRuns(path_, "old").add(run(1)).has_value());
  ASSERT_TRUE(StuckRuns(path_, "new").add(run(2)).has_value());
  EXPECT_EQ(StuckRuns(path_, "new").read().value(), std::set{run(2)});
  EXPECT_EQ(StuckRuns(path_, "old").read().value(), std::set{run(1)});
}

TEST_F(StuckRunsFile, ALineThatIsNoneIsPassedOver) {
  std::ofstream(path_) << "nonsense\n\n" << to_string(run(3)) << " p\nrun_zzz p\n";
  EXPECT_EQ(StuckRuns(path_, "p").read().value(), std::set{run(3)});
}

TEST_F(StuckRunsFile, TheOldestGoWhenThereAreTooMany) {
  std::ofstream file(path_);
  for (std::uint64_t i = 0; i < StuckRuns::kRunsMax; ++i) file << to_string(run(i)) << " p\n";
  file.close();
  const StuckRuns runs(path_, "p");
  ASSERT_TRUE(runs.add(run(5000)).has_value());
  const std::set<RunId> kept = runs.read().value();
  EXPECT_EQ(kept.size(), StuckRuns::kRunsMax);
  EXPECT_FALSE(kept.contains(run(0)));
  EXPECT_TRUE(kept.contains(run(5000)));
}

TEST(ThisProgram, HasANameThatStays) {
  EXPECT_EQ(this_program().value(), this_program().value());
  EXPECT_FALSE(this_program()->contains(' '));
}

}  // namespace
}  // namespace reprise::cli
