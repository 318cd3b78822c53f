#include "api/server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/testing/api_call.hpp"
#include "api/testing/raw_client.hpp"
#include "api/testing/running_server.hpp"

namespace reprise {
namespace {

using testing::FakeEngine;
using ::testing::HasSubstr;
using testing::RawClient;
using testing::status_of;

TEST(ApiServer, ServesTheRoutesUntilItIsStopped) {
  FakeEngine engine;
  testing::Threads threads(1);
  ApiServer server(engine, testing::test_catalog(), {.port = 0}, threads.executors());
  const Result<std::uint16_t> port = server.start();
  ASSERT_TRUE(port);
  RawClient client(*port);
  client.send("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_THAT(client.response(), HasSubstr(R"({"status":"alive"})"));
  client.send("POST /api/v1/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(status_of(client.response()), 400);
  server.stop();
  EXPECT_EQ(client.rest(), "");
}

TEST(ApiServer, AnAddressThatOthersReachHasToBeAllowedByName) {
  FakeEngine engine;
  testing::Threads threads(1);
  for (const char* address : {"0.0.0.0", "::", "192.0.2.1"}) {
    ApiServer server(engine, testing::test_catalog(), {.address = address, .port = 0},
                     threads.executors());
    const Result<std::uint16_t> port = server.start();
    ASSERT_FALSE(port) << address;
    EXPECT_EQ(port.error().field, "address");
  }
  ApiServer allowed(engine, testing::test_catalog(),
                    {.address = "0.0.0.0", .port = 0, .allow_remote = true}, threads.executors());
  EXPECT_TRUE(allowed.start());
}

TEST(ApiServer, AWordThatIsNoAddressIsRefused) {
  FakeEngine engine;
  testing::Threads threads(1);
  ApiServer server(engine, testing::test_catalog(), {.address = "127.evil", .port = 0},
                   threads.executors());
  EXPECT_FALSE(server.start());
}

}  // namespace
}  // namespace reprise
