// A workflow whose code never waits: the real watchdog ends the real process, and the next one serves.
#include <gtest/gtest.h>

#include "storage/testing/temporary_directory.hpp"
#include "tests/support/api_client.hpp"
#include "tests/support/server_process.hpp"

namespace reprise::testing {
namespace {

constexpr int kRunStuck = 69;
const std::string kWorkflows = "/api/v1/workflows";

TEST(Stuck, ALoopingRunIsParkedByTheNextProcessWhichServesTheOthers) {
  const TemporaryDirectory data;
  ServerProcess server(
      {.data = data.path(), .arguments = {"--bench", "--stuck-after", "500ms", "--threads", "2"}});
  server.start();
  {
    const ApiClient api(server.url());
    ASSERT_EQ(api.post(kWorkflows, R"({"type":"bench.signals","id":"calm","input":{}})").status,
              201);
    ASSERT_EQ(api.post(kWorkflows, R"({"type":"bench.spin","id":"loop","input":{"i":1},)"
                                   R"("start_delay":"300ms"})")
                  .status,
              201);
  }
  EXPECT_EQ(server.await_exit(), kRunStuck) << server.log();
  EXPECT_NE(server.log().find("run_stuck"), std::string::npos);

  server.start();
  const ApiClient api(server.url());
  const Json loop = api.read(kWorkflows + "/loop");
  EXPECT_EQ(loop["status"], "running");
  ASSERT_TRUE(loop["parked"].is_object()) << loop.dump();
  EXPECT_NE(loop["parked"]["found"].get<std::string>().find("stuck"), std::string::npos);
  EXPECT_EQ(api.post(kWorkflows + "/calm/signal/signal", "1").status, 200);
  const Json parked = api.read("/api/v1/parked");
  ASSERT_EQ(parked["parked"].size(), 1U) << parked.dump();
  EXPECT_EQ(parked["parked"][0]["workflow_id"], "loop");
  EXPECT_EQ(api.post(kWorkflows + "/loop/terminate", "").status, 200);
  EXPECT_TRUE(api.read("/api/v1/parked")["parked"].empty());
  EXPECT_EQ(server.terminate(), 0);
}

}  // namespace
}  // namespace reprise::testing
