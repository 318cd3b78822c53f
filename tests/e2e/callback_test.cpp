// Completion callbacks: a real server calls a real receiver, through a SIGKILL.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <semaphore>

#include "activities/net/testing/scripted_server.hpp"
#include "storage/testing/temporary_directory.hpp"
#include "tests/support/api_client.hpp"
#include "tests/support/server_process.hpp"

namespace reprise::testing {
namespace {

class Callbacks : public ::testing::Test {
 protected:
  Callbacks()
      : receiver_([this](const ScriptedRequest&) {
          const bool is_down = down_.load();
          called_.release();
          return ScriptedReply{.status = is_down ? 503 : 200};
        }),
        server_({.data = data_.path(), .arguments = {"--bench", "--private-callbacks"}}) {
    start();
  }
  void start() {
    server_.start();
    api_ = std::make_unique<ApiClient>(server_.url());
  }
  HttpResponse start_chain(const std::string& id) const {
    return api_->post("/api/v1/workflows",
                      fmt::format(R"({{"type":"bench.chain","id":"{}","input":{{"n":3}},)"
                                  R"("callback_url":"{}/done"}})",
                                  id, receiver_.url()));
  }

  TemporaryDirectory data_;
  std::atomic<bool> down_ = false;
  std::counting_semaphore<> called_{0};
  ScriptedServer receiver_;
  ServerProcess server_;
  std::unique_ptr<ApiClient> api_;
};

TEST_F(Callbacks, TheReceiverIsToldTheResultOnce) {
  ASSERT_EQ(start_chain("c").status, 201);
  called_.acquire();
  const std::string run = api_->read("/api/v1/workflows/c")["run_id"].get<std::string>();
  const Json callback = api_->workflow_result("callback_" + run);
  EXPECT_EQ(callback["status"], "completed") << callback;
  ASSERT_EQ(receiver_.requests().size(), 1U);
  const Json told = Json::parse(receiver_.requests().at(0).body);
  EXPECT_EQ(told["event"], "run_closed");
  EXPECT_EQ(told["workflow_id"], "c");
  EXPECT_EQ(told["run_id"], run);
  EXPECT_EQ(told["status"], "completed");
  EXPECT_EQ(told["result"]["i"], 3);
}

TEST_F(Callbacks, AReceiverThatIsDownHearsItLaterThoughTheServerIsKilledMeanwhile) {
  down_ = true;
  ASSERT_EQ(start_chain("c").status, 201);
  called_.acquire();
  server_.kill();
  down_ = false;
  start();
  called_.acquire();
  const std::string run = api_->read("/api/v1/workflows/c")["run_id"].get<std::string>();
  EXPECT_EQ(api_->workflow_result("callback_" + run)["status"], "completed");
}

}  // namespace
}  // namespace reprise::testing
