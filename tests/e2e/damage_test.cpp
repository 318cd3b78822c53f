// What is missing or full is said at the start, and nothing is served until it is mended.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "storage/data_dir.hpp"
#include "storage/testing/temporary_directory.hpp"
#include "tests/support/server_process.hpp"

namespace reprise::testing {
namespace {

using ::testing::HasSubstr;

TEST(Damage, AStoreWhoseDurableFloorIsMissingIsNotServed) {
  const TemporaryDirectory data;
  const std::filesystem::path floor = DataDir(data.path()).floor();
  ServerProcess server(
      {.data = data.path(), .arguments = {"--provider", "offline"}, .environment = {}});
  server.start();
  ASSERT_TRUE(std::filesystem::exists(floor)) << "it is there before the first write";
  server.kill();
  std::filesystem::rename(floor, data.path() / "aside");
  EXPECT_THROW(server.start(), std::runtime_error);
  EXPECT_THAT(server.log(), HasSubstr("floor is missing"));
  std::filesystem::rename(data.path() / "aside", floor);
  server.start();
  EXPECT_EQ(server.terminate(), 0);
}

}  // namespace
}  // namespace reprise::testing
