#include "tools/reprise/workflow_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace reprise::cli {
namespace {

using testing::HasSubstr;

TEST(WorkflowText, OpenActivitiesShowTheirAttemptAndLastFailure) {
  const std::string text = workflow_text(
      R"({"workflow_id":"wf_1","run_id":"run_1","type":"greet","status":"running",
          "pending_activities":[{"command_id":2,"name":"call","attempt":3,
            "next_attempt_at":"2026-01-01T00:00:01.000Z",
            "last_failure":{"type":"network","message":"refused"}}]})",
      TextStyle{});
  EXPECT_THAT(text, HasSubstr("wf_1  greet  running\n  run_id  run_1\n"));
  EXPECT_THAT(text, HasSubstr("call            3  2026-01-01T00:00:01.000Z  network: refused"));
}

TEST(WorkflowText, OpenTimersShowWhenTheyFire) {
  EXPECT_THAT(workflow_text(R"({"workflow_id":"wf_1","type":"nap","status":"running",
                                "pending_timers":[{"command_id":1,"fire_at":"2026-01-01T00:00:01.000Z"}]})",
                            TextStyle{}),
              HasSubstr("Timers\n  #  FIRES AT\n  1  2026-01-01T00:00:01.000Z\n"));
}

TEST(WorkflowText, AResultIsIndentedAndATextIsNotQuoted) {
  EXPECT_EQ(workflow_result_text(R"({"status":"completed","result":{"a":1}})", TextStyle{}),
            "{\n  \"a\": 1\n}\n");
  EXPECT_EQ(workflow_result_text(R"({"status":"completed","result":"hello"})", TextStyle{}),
            "hello\n");
}

TEST(WorkflowText, AFailureSaysItsTypeAndMessage) {
  EXPECT_EQ(workflow_result_text(R"({"status":"failed","error":{"type":"bad","message":"worse"}})",
                                 TextStyle{}),
            "failed\n  bad: worse\n");
}

TEST(WorkflowText, ForeignDocumentsDoNotCrash) {
  for (const std::string_view text :
       {"", "null", "[1]", "\"x\"", "{\"workflows\":[1,null]}", "<html>"}) {
    workflow_text(text, TextStyle{});
    workflow_list_text(text, TextStyle{});
    workflow_result_text(text, TextStyle{});
    server_text(text, "http://x", TextStyle{});
    fields_text(text, TextStyle{});
  }
}

}  // namespace
}  // namespace reprise::cli
