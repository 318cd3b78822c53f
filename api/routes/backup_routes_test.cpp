#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/testing/api_call.hpp"

namespace reprise::api {
namespace {

using testing::ApiReply;
using testing::ask;
using testing::FakeEngine;
using ::testing::HasSubstr;

TEST(BackupRoutes, OfAServerWithoutAFolderSayHowToGetOne) {
  FakeEngine engine;
  for (const char* line : {"POST /api/v1/admin/backups", "GET /api/v1/admin/backups",
                           "GET /api/v1/admin/backups/nightly"}) {
    const ApiReply reply = ask(engine, line);
    EXPECT_EQ(reply.status, 409) << line;
    EXPECT_THAT(reply.json("detail"), HasSubstr("--backup-dir"));
  }
}

TEST(BackupRoutes, NameEveryFieldThatIsWrong) {
  FakeEngine engine;
  const ApiReply reply =
      ask(engine, "POST /api/v1/admin/backups?wait=soon", R"({"name":7,"keep":0,"path":"/tmp"})");
  EXPECT_EQ(reply.status, 400);
  for (const char* field : {"name", "keep", "path", "query.wait"})
    EXPECT_THAT(reply.json("errors"), HasSubstr("\"" + std::string(field) + "\":"));
}

}  // namespace
}  // namespace reprise::api
