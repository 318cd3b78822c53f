#include "tools/reprise/data_folder.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>

namespace reprise::cli {
namespace {

class DataFolderTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "reprise-data-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(root_); }
  std::filesystem::path root_;
};

TEST_F(DataFolderTest, IsMadeForItsOwnerAlone) {
  const auto folder = open_data_folder((root_ / "a" / "b").string());
  ASSERT_TRUE(folder.has_value());
  struct stat status{};
  ASSERT_EQ(::stat(folder->root().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0700U);
}

TEST_F(DataFolderTest, TheDefaultIsInTheStateFolderOfTheUser) {
  ASSERT_EQ(::setenv("XDG_STATE_HOME", root_.c_str(), 1), 0);
  EXPECT_EQ(open_data_folder("")->root(), root_ / "reprise");
  ::unsetenv("XDG_STATE_HOME");
}

TEST_F(DataFolderTest, AFolderThatCannotBeMadeIsNamed) {
  const auto folder = open_data_folder("/proc/reprise");
  ASSERT_FALSE(folder.has_value());
  EXPECT_EQ(folder.error().field, "--data");
  EXPECT_NE(folder.error().detail.find("/proc/reprise"), std::string::npos);
}

}  // namespace
}  // namespace reprise::cli
