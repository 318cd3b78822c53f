#include "storage/durable_floor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "storage/testing/temporary_directory.hpp"

namespace reprise {
namespace {

using ::testing::HasSubstr;

FloorMark mark_of(std::uint64_t group) {
  return {.group = GroupNumber(group), .digest = digest_of(std::to_string(group))};
}

class DurableFloorFile : public ::testing::Test {
 protected:
  DurableFloor open() {
    auto floor = DurableFloor::open(path_);
    CHECK(floor.has_value(), "{}", to_string(floor.error()));
    return std::move(*floor);
  }
  void raise_to(std::uint64_t last) {
    DurableFloor floor = open();
    for (std::uint64_t group = 1; group <= last; ++group) ASSERT_TRUE(floor.raise(mark_of(group)));
  }
  std::string contents() const {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void write(std::string_view bytes) const { std::ofstream(path_, std::ios::binary) << bytes; }

  const testing::TemporaryDirectory dir_;
  const std::filesystem::path path_ = dir_.path() / "FLOOR";
};

TEST_F(DurableFloorFile, AMissingFileIsAFreshStore) {
  EXPECT_EQ(open().mark(), std::nullopt);
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(DurableFloorFile, TheLastMarkIsFoundAgain) {
  for (const std::uint64_t last : {1U, 2U, 3U, 10U}) {
    std::filesystem::remove(path_);
    raise_to(last);
    EXPECT_EQ(open().mark(), mark_of(last));
  }
}

TEST_F(DurableFloorFile, ReopeningGoesOnInTheOtherSlot) {
  raise_to(2);
  DurableFloor floor = open();
  ASSERT_TRUE(floor.raise(mark_of(3)));
  std::string torn = contents();
  torn[0] ^= 1;  // the first slot, which mark 3 must have taken
  write(torn);
  EXPECT_EQ(open().mark(), mark_of(2));
}

// The write of mark n cut at each byte of its slot: the floor is n, whole, or n - 1.
TEST_F(DurableFloorFile, AWriteTornAtAnyByteLeavesTheMarkBefore) {
  for (const std::uint64_t last : {2U, 3U}) {
    std::filesystem::remove(path_);
    raise_to(last - 1);
    const std::string before = contents();
    DurableFloor floor = open();
    ASSERT_TRUE(floor.raise(mark_of(last)));
    const std::string after = contents();
    const std::size_t slot = last % 2 == 0 ? DurableFloor::kSlotDistance : 0;
    for (std::size_t cut = 0; cut < DurableFloor::kSlotBytes; ++cut) {
      std::string torn = before;
      torn.replace(slot, cut, after, slot, cut);
      write(torn);
      EXPECT_EQ(open().mark(), mark_of(torn == after ? last : last - 1)) << "cut at " << cut;
    }
  }
}

TEST_F(DurableFloorFile, ADamagedByteNeverYieldsAWrongMark) {
  raise_to(3);
  const std::string whole = contents();
  for (std::size_t at = 0; at < DurableFloor::kSlotBytes; ++at) {
    std::string damaged = whole;
    damaged[at] ^= 0x10;
    write(damaged);
    EXPECT_EQ(open().mark(), mark_of(2)) << "byte " << at;
  }
}

TEST_F(DurableFloorFile, DamageInEitherSlotIsSaidUntilTheNextMarkMendsIt) {
  raise_to(3);
  EXPECT_FALSE(open().has_damaged_slot());
  const std::string whole = contents();
  for (const std::size_t slot : {std::size_t{0}, DurableFloor::kSlotDistance}) {
    std::string damaged = whole;
    damaged[slot + 20] ^= 1;
    write(damaged);
    DurableFloor floor = open();
    EXPECT_TRUE(floor.has_damaged_slot()) << "slot at " << slot;
    ASSERT_TRUE(floor.raise(mark_of(4)));
    EXPECT_FALSE(open().has_damaged_slot()) << "slot at " << slot;
  }
}

TEST_F(DurableFloorFile, ASlotThatWasNeverWrittenIsNotDamaged) {
  raise_to(1);
  EXPECT_FALSE(open().has_damaged_slot());
  write(contents().substr(0, DurableFloor::kSlotDistance));
  EXPECT_TRUE(open().has_damaged_slot()) << "the file is cut";
}

TEST_F(DurableFloorFile, RaisedToTheMarkThatItHasItOutlivesDamageToEitherSlot) {
  raise_to(3);
  {
    DurableFloor floor = open();
    ASSERT_TRUE(floor.raise(mark_of(3)));
  }
  const std::string whole = contents();
  for (const std::size_t slot : {std::size_t{0}, DurableFloor::kSlotDistance}) {
    std::string damaged = whole;
    damaged[slot + 20] ^= 1;
    write(damaged);
    EXPECT_EQ(open().mark(), mark_of(3)) << "slot at " << slot;
  }
}

TEST_F(DurableFloorFile, DamageInBothSlotsIsSaid) {
  raise_to(2);
  std::string damaged = contents();
  damaged[20] ^= 1;
  damaged[DurableFloor::kSlotDistance + 20] ^= 1;
  for (const std::string& bytes : {damaged, std::string(), std::string(5000, '\0')}) {
    write(bytes);
    const auto floor = DurableFloor::open(path_);
    ASSERT_FALSE(floor);
    EXPECT_EQ(floor.error().code, Errc::corrupt);
    EXPECT_THAT(floor.error().detail, HasSubstr("both slots"));
  }
}

TEST_F(DurableFloorFile, ResetMaySetItLowerAndMendsDamage) {
  raise_to(9);
  ASSERT_TRUE(DurableFloor::reset(path_, mark_of(4)));
  EXPECT_EQ(open().mark(), mark_of(4));
  write("damaged");
  ASSERT_TRUE(DurableFloor::reset(path_, mark_of(5)));
  EXPECT_EQ(open().mark(), mark_of(5));
}

TEST_F(DurableFloorFile, AWriteThatCannotBeMadeIsReported) {
  DurableFloor floor = open();
  std::filesystem::create_directory(path_);
  const auto raised = floor.raise(mark_of(1));
  ASSERT_FALSE(raised);
  EXPECT_EQ(raised.error().code, Errc::io);
}

using DurableFloorDeathTest = DurableFloorFile;

TEST_F(DurableFloorDeathTest, NeverGoesDown) {
  raise_to(5);
  DurableFloor floor = open();
  EXPECT_DEATH((void)floor.raise(mark_of(4)), "floor 4 after 5");
}

}  // namespace
}  // namespace reprise
