#include "storage/disk_guard.hpp"

#include <gtest/gtest.h>

#include "storage/testing/temporary_directory.hpp"

namespace reprise {
namespace {

constexpr std::uint64_t kTotal = 100ULL << 20;
constexpr std::uint64_t kPercent = kTotal / 100;

// A disk of 100 MiB with a reserve of 1 MiB, and thresholds of 10 and 5 %.
class GuardedDisk : public ::testing::Test {
 protected:
  // `percent` of the disk is free, not counting what the reserve holds.
  DiskLevel check_at(std::uint64_t percent, std::int64_t bytes_more = 0) {
    const std::uint64_t held = reserve_exists() ? kPercent : 0;
    space_.bytes_free =
        percent * kPercent + kPercent - held + static_cast<std::uint64_t>(bytes_more);
    const auto level = guard_.check();
    EXPECT_TRUE(level) << to_string(level.error());
    EXPECT_EQ(*level, guard_.level());
    return *level;
  }
  [[nodiscard]] bool reserve_exists() const {
    return std::filesystem::exists(dir_.path() / "RESERVE");
  }

  const testing::TemporaryDirectory dir_;
  DiskSpace space_{.bytes_free = kTotal, .bytes_total = kTotal};
  Result<> readable_;
  DiskGuard guard_{dir_.path(),
                   {.no_new_runs = {.share = 0.10},
                    .read_only = {.share = 0.05},
                    .reserve = {.share = 0.01},
                    .read_space = [this](const auto&) -> Result<DiskSpace> {
                      if (!readable_) return std::unexpected(readable_.error());
                      return space_;
                    }}};
};

TEST_F(GuardedDisk, LevelsFallAtTheirThresholds) {
  EXPECT_EQ(check_at(50), DiskLevel::ok);
  EXPECT_EQ(check_at(10), DiskLevel::ok);
  EXPECT_EQ(check_at(10, -1), DiskLevel::no_new_runs);
  EXPECT_EQ(check_at(5), DiskLevel::no_new_runs);
  EXPECT_EQ(check_at(5, -1), DiskLevel::read_only);
  EXPECT_EQ(check_at(0), DiskLevel::read_only);
  EXPECT_EQ(check_at(50), DiskLevel::ok);
}

TEST_F(GuardedDisk, TheReserveIsGivenBackWhenReadOnlyAndTakenAgainWhenThereIsSpace) {
  check_at(50);
  ASSERT_TRUE(reserve_exists());
  EXPECT_EQ(std::filesystem::file_size(dir_.path() / "RESERVE"), kPercent);
  check_at(7);
  EXPECT_TRUE(reserve_exists());
  check_at(4);
  EXPECT_FALSE(reserve_exists());
  check_at(7);
  EXPECT_FALSE(reserve_exists()) << "not while space is short";
  check_at(50);
  EXPECT_TRUE(reserve_exists());
}

TEST_F(GuardedDisk, GivingTheReserveBackDoesNotRaiseTheLevel) {
  check_at(50);
  EXPECT_EQ(check_at(5, -1), DiskLevel::read_only);
  ASSERT_FALSE(reserve_exists());
  space_.bytes_free = 5 * kPercent - 1 + kPercent;  // what was free, and the reserve's space
  EXPECT_EQ(guard_.check(), DiskLevel::read_only);
}

TEST_F(GuardedDisk, AFailedMeasurementKeepsTheLevel) {
  EXPECT_EQ(check_at(7), DiskLevel::no_new_runs);
  readable_ = fail(Errc::io, "injected");
  EXPECT_FALSE(guard_.check());
  EXPECT_EQ(guard_.level(), DiskLevel::no_new_runs);
}

TEST(DiskThreshold, IsTheSmallerOfAShareAndASize) {
  constexpr DiskThreshold threshold{.share = 0.10, .bytes_max = 4ULL << 30};
  EXPECT_EQ(threshold.bytes_of(10ULL << 30), 1ULL << 30);
  EXPECT_EQ(threshold.bytes_of(1000ULL << 30), 4ULL << 30);
  EXPECT_EQ(DiskThreshold{}.bytes_of(1000), 0U);
}

TEST(ReadDiskSpace, KnowsARealDiskAndReportsAMissingOne) {
  const testing::TemporaryDirectory dir;
  const auto space = read_disk_space(dir.path());
  ASSERT_TRUE(space);
  EXPECT_GT(space->bytes_total, 0U);
  EXPECT_LE(space->bytes_free, space->bytes_total);
  EXPECT_EQ(read_disk_space(dir.path() / "none").error().code, Errc::io);
}

}  // namespace
}  // namespace reprise
