// Backups of a server under load, over HTTP, and what becomes of them.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <mutex>
#include <thread>

#include "engine/runtime/verify.hpp"
#include "storage/testing/temporary_directory.hpp"
#include "tests/support/api_client.hpp"
#include "tests/support/server_process.hpp"
#include "tools/replay/recover_verbs.hpp"

namespace reprise::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class Backup : public ::testing::Test {
 protected:
  [[nodiscard]] ServerOptions serving(const fs::path& data) const {
    return {.data = data,
            .arguments = {"--bench", "--provider", "offline", "--backup-dir", backups().string()},
            .environment = {}};
  }
  [[nodiscard]] fs::path backups() const { return folder_.path() / "backups"; }
  // Standard output of a verb that must end with `status`.
  template <typename Verb>
  static std::string printed(int status, Verb verb) {
    ::testing::internal::CaptureStdout();
    EXPECT_EQ(verb(), status);
    std::fflush(stdout);
    return ::testing::internal::GetCapturedStdout();
  }

  const TemporaryDirectory folder_;
};

// Starts workflows one after the other until the server is gone: one that ends by itself, one that
// waits for a signal.
class Starter {
 public:
  explicit Starter(std::string url) : thread_([this, url = std::move(url)] { run(url); }) {}

  [[nodiscard]] std::size_t acknowledged() const { return acknowledged_; }
  void wait_for(std::size_t count) const {
    while (acknowledged_ < count) std::this_thread::yield();
  }

 private:
  void run(const std::string& url) {
    const ApiClient api(url);
    try {
      for (std::size_t n = 0;; ++n) {
        const std::string body =
            n % 2 == 0 ? fmt::format(R"({{"type":"bench.chain","id":"w{}","input":{{"n":20}}}})", n)
                       : fmt::format(R"({{"type":"bench.signals","id":"w{}","input":{{}}}})", n);
        if (api.post("/api/v1/workflows", body).status == 201) acknowledged_ = n + 1;
      }
    } catch (const std::runtime_error&) {
      return;  // the server was killed
    }
  }

  std::atomic<std::size_t> acknowledged_ = 0;
  std::jthread thread_;
};

TEST_F(Backup, UnderLoadHoldsAllThatWasAcknowledgedAndItsRunsComplete) {
  ServerProcess server(serving(folder_.path() / "data"));
  server.start();
  std::size_t acknowledged = 0;
  {
    const Starter starter(server.url());
    starter.wait_for(40);
    acknowledged = starter.acknowledged();
    const HttpResponse made =
        ApiClient(server.url()).post("/api/v1/admin/backups?wait=60s", R"({"name":"under-load"})");
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(json_of(made)["status"], "complete");
    starter.wait_for(acknowledged + 20);
    server.kill();
  }

  const fs::path restored = folder_.path() / "restored";
  const std::string said = printed(kExitOk, [&] {
    return restore((backups() / "under-load").string(), restored.string(), Output::text);
  });
  EXPECT_THAT(said, HasSubstr("up to group"));
  EXPECT_THAT(said, HasSubstr("it is a new store"));
  {
    const Stored stored = Stored::open(restored).value();
    std::size_t replayed = 0;
    ASSERT_TRUE(for_each_run(*stored.log, [&](const WorkflowId&, const RunId& run) {
      const auto report = replay_run(*stored.log, stored.catalog, run);
      ASSERT_TRUE(report) << to_string(report.error());
      EXPECT_FALSE(report->difference);
      ++replayed;
    }));
    EXPECT_GE(replayed, acknowledged);
  }

  ServerProcess second(serving(restored));
  second.start();
  EXPECT_THAT(second.log(), HasSubstr("restored from backup under-load"));
  const ApiClient api(second.url());
  for (std::size_t n = 0; n < acknowledged; ++n) {
    const std::string id = fmt::format("w{}", n);
    if (n % 2 == 1)
      EXPECT_EQ(api.post("/api/v1/workflows/" + id + "/signal/end", "").status, 200) << id;
    EXPECT_EQ(api.workflow_result(id)["status"], "completed") << id;
  }
  EXPECT_EQ(second.terminate(), 0);
}

TEST_F(Backup, IsListedByNameAndNeverByPath) {
  ServerProcess server(serving(folder_.path() / "data"));
  server.start();
  const ApiClient api(server.url());
  const std::string path = "/api/v1/admin/backups";
  EXPECT_EQ(api.post(path + "?wait=60s", R"({"name":"first"})").status, 201);
  EXPECT_EQ(api.post(path, R"({"name":"first"})").status, 409);
  EXPECT_EQ(api.post(path, R"({"name":"../first"})").status, 400);
  EXPECT_EQ(api.get(path + "/second").status, 404);
  EXPECT_EQ(api.get(path + "/first").status, 200);
  EXPECT_EQ(api.post(path + "?wait=60s", R"({"keep":1})").status, 201);
  const Json listed = api.read(path);
  ASSERT_EQ(listed["backups"].size(), 1U);
  EXPECT_THAT(listed["backups"][0]["name"].get<std::string>(), HasSubstr("backup-20"));
  EXPECT_EQ(server.terminate(), 0);
}

TEST_F(Backup, IsNotServed) {
  {
    ServerProcess server(serving(folder_.path() / "data"));
    server.start();
    EXPECT_EQ(ApiClient(server.url())
                  .post("/api/v1/admin/backups?wait=60s", R"({"name":"first"})")
                  .status,
              201);
    EXPECT_EQ(server.terminate(), 0);
  }
  ServerProcess server(serving(backups() / "first"));
  EXPECT_THROW(server.start(), std::runtime_error);
  EXPECT_THAT(server.log(), HasSubstr("is a backup"));
}

}  // namespace
}  // namespace reprise::testing
