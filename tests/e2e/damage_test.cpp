// What is missing or full is said at the start, and nothing is served until it is mended.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "storage/data_dir.hpp"
#include "storage/testing/temporary_directory.hpp"
#include "tests/support/api_client.hpp"
#include "tests/support/server_process.hpp"
#include "tools/replay/verbs.hpp"

namespace reprise::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

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

void flip_a_bit(const std::filesystem::path& path, std::streamoff at) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(at);
  const int byte = file.get();
  file.seekp(at);
  file.put(static_cast<char>(byte ^ 1));
}

TEST(Damage, InOneSlotOfTheFloorAfterACleanStopLosesNothingAndIsTold) {
  const TemporaryDirectory data;
  ServerProcess server(
      {.data = data.path(), .arguments = {"--bench", "--provider", "offline"}, .environment = {}});
  server.start();
  const ApiClient api(server.url());
  api.post("/api/v1/workflows", R"({"type":"bench.chain","id":"w","input":{"n":1}})");
  EXPECT_EQ(api.workflow_result("w")["status"], "completed");
  ASSERT_EQ(server.terminate(), 0);

  const auto verified = [&] {
    const Stored stored = Stored::open(data.path()).value();
    ::testing::internal::CaptureStdout();
    EXPECT_EQ(verify(stored, "", Output::text), kExitOk);
    std::fflush(stdout);
    return std::pair(stored.floor, ::testing::internal::GetCapturedStdout());
  };
  const auto [mark, before] = verified();
  EXPECT_THAT(before, Not(HasSubstr("warning")));
  for (const std::size_t slot : {std::size_t{0}, DurableFloor::kSlotDistance}) {
    const auto at = static_cast<std::streamoff>(slot) + 20;
    flip_a_bit(DataDir(data.path()).floor(), at);
    const auto [left, after] = verified();
    EXPECT_EQ(left, mark);
    EXPECT_THAT(after, HasSubstr("warning: one of the two slots of the durable floor is damaged"));
    flip_a_bit(DataDir(data.path()).floor(), at);
  }
}

}  // namespace
}  // namespace reprise::testing
