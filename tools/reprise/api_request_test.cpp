#include "tools/reprise/api_request.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

namespace reprise::cli {
namespace {

TEST(ApiRequestOfAdd, SaysOnlyWhatTheUserSaid) {
  const auto request = request_of(AddTask{.text = "Compare databases"});
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(request->method, "POST");
  EXPECT_EQ(request->target, "/api/v1/tasks");
  EXPECT_EQ(request->body, R"({"title":"Compare databases","description":"Compare databases"})");
}

TEST(ApiRequestOfAdd, CarriesEveryOption) {
  const auto request = request_of(AddTask{.text = "x\ny",
                                          .title = "T",
                                          .priority = "high",
                                          .domain = "finance",
                                          .review_policy = "escalate",
                                          .provider = "offline",
                                          .idempotency_key = "k1"});
  ASSERT_TRUE(request.has_value());
  const auto body = nlohmann::json::parse(request->body);
  EXPECT_EQ(body["title"], "T");
  EXPECT_EQ(body["description"], "x\ny");
  EXPECT_EQ(body["priority"], "high");
  EXPECT_EQ(body["context"]["domain"], "finance");
  EXPECT_EQ(body["options"]["review_policy"], "escalate");
  EXPECT_EQ(body["options"]["provider"], "offline");
  EXPECT_EQ(request->idempotency_key, "k1");
}

TEST(ApiRequestOfAdd, TheTitleIsTheFirstLineCutAtEightyCharactersNotBytes) {
  EXPECT_EQ(title_of("\n  First line \r\nsecond"), "First line");
  std::string long_line;
  for (int i = 0; i < 100; ++i) long_line += "ä";
  const std::string title = title_of(long_line);
  EXPECT_EQ(title.size(), 79 * 2 + 3U);
  EXPECT_TRUE(title.ends_with("…"));
}

TEST(ApiRequestOfAdd, AFileFollowsTheText) {
  const std::string path = testing::TempDir() + "reprise_add_file.txt";
  std::ofstream(path) << "from the file";
  const auto request = request_of(AddTask{.text = "Summarise this", .file = path});
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(nlohmann::json::parse(request->body)["description"], "Summarise this\n\nfrom the file");
  std::remove(path.c_str());
}

TEST(ApiRequestOfAdd, AMissingFileIsNamed) {
  const auto request = request_of(AddTask{.file = "/nowhere/at/all"});
  ASSERT_FALSE(request.has_value());
  EXPECT_EQ(request.error().field, "--file");
  EXPECT_NE(request.error().detail.find("/nowhere/at/all"), std::string::npos);
}

TEST(ApiRequestOfAdd, NothingToDoIsRefusedBeforeAnythingIsSent) {
  ASSERT_FALSE(request_of(AddTask{.text = " \n"}).has_value());
}

TEST(ApiRequestOfAdd, AFileThatIsNoUtf8IsRefusedByName) {
  const std::string path = testing::TempDir() + "reprise_add_latin1.txt";
  std::ofstream(path) << "caf\xe9";
  const auto request = request_of(AddTask{.file = path});
  ASSERT_FALSE(request.has_value());
  EXPECT_EQ(request.error().field, "--file");
  EXPECT_EQ(request.error().detail, path + " is not UTF-8");
  std::remove(path.c_str());
}

TEST(ApiRequest, IdsAreEncodedInTheTarget) {
  EXPECT_EQ(request_of(ShowTask{.id = "a/../b?c"}).target, "/api/v1/tasks/a%2F..%2Fb%3Fc");
}

TEST(ApiRequest, StatusWithoutAnIdAsksForTheServersHealth) {
  EXPECT_EQ(request_of(ShowStatus{}).target, "/api/v1/health");
  EXPECT_EQ(request_of(ShowStatus{.id = "task_1"}).target, "/api/v1/tasks/task_1");
}

TEST(ApiRequest, ListsNameTheirFilters) {
  EXPECT_EQ(request_of(ListTasks{.status = "failed", .limit = 5}).target,
            "/api/v1/tasks?page=1&limit=5&status=failed");
}

TEST(ApiRequest, CancellingATaskIsDelete) {
  const ApiRequest request = request_of(CancelTask{.id = "task_1", .reason = "wrong \"one\""});
  EXPECT_EQ(request.method, "DELETE");
  EXPECT_EQ(request.body, R"({"reason":"wrong \"one\""})");
}

TEST(ApiRequest, AWorkflowsInputTravelsByteForByte) {
  const auto request =
      request_of(StartWorkflow{.type = "greet", .id = "g1", .input = R"({"b": 1.0,  "a":[ ]})"});
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(request->body, R"({"type":"greet","id":"g1","input":{"b": 1.0,  "a":[ ]}})");
}

TEST(ApiRequest, AttributesAreNumbersAndBooleansWhereTheyLookLikeIt) {
  const auto request = request_of(
      StartWorkflow{.type = "t",
                    .attributes = {"n=3", "on=true", "who=acme", "quoted=\"7\"", "eq=a=b", "none="},
                    .memo = "[1, 2]"});
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(request->body,
            R"({"type":"t","attributes":{"n":3,"on":true,"who":"acme","quoted":"7","eq":"a=b",)"
            R"("none":""},"memo":[1, 2]})");
  EXPECT_EQ(request_of(StartWorkflow{.type = "t", .memo = "{"}).error().field, "--memo");
}

TEST(ApiRequest, AQueryIsSentAsItWasTyped) {
  EXPECT_EQ(request_of(ListWorkflows{.query = "a = \"b c\""}).target,
            "/api/v1/workflows?limit=20&query=a%20%3D%20%22b%20c%22");
  EXPECT_EQ(request_of(ListWorkflows{.parked = true}).target, "/api/v1/parked?limit=20");
}

TEST(ApiRequest, InputThatIsNoJsonIsRefusedHere) {
  const auto request = request_of(SignalWorkflow{.id = "w", .name = "s", .input = "hello"});
  ASSERT_FALSE(request.has_value());
  EXPECT_EQ(request.error().field, "--input");
}

TEST(ApiRequest, InputWithANumberThatNoDoubleHoldsIsRefusedHere) {
  const auto request = request_of(StartWorkflow{.type = "greet", .input = "[1e999]"});
  ASSERT_FALSE(request.has_value());
  EXPECT_EQ(request.error().field, "--input");
  EXPECT_EQ(request.error().detail, "a number in it is out of range");
}

TEST(ApiRequest, AResultIsWaitedForAsLongAsAsked) {
  const ApiRequest request = task_result_request("task_1", std::chrono::seconds(5));
  EXPECT_EQ(request.target, "/api/v1/tasks/task_1/result?wait=5000ms");
  EXPECT_EQ(request.answer_time, std::chrono::seconds(5));
  EXPECT_EQ(task_result_request("task_1", Duration(0)).target, "/api/v1/tasks/task_1/result");
}

TEST(ApiRequestOfSchedule, ACreationCarriesWhatWasSaidAndTheInputsBytes) {
  const auto request = request_of(CreateSchedule{.id = "nightly",
                                                 .type = "report",
                                                 .input = R"({ "a" : 1.0 })",
                                                 .every = "15m",
                                                 .remaining_actions = 3,
                                                 .overlap = "buffer_one",
                                                 .idempotency_key = "k",
                                                 .paused = true});
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(request->target, "/api/v1/schedules");
  EXPECT_EQ(request->body,
            R"({"id":"nightly","spec":{"interval":{"every":"15m"},"remaining_actions":3},)"
            R"("overlap":"buffer_one","paused":true,)"
            R"("action":{"type":"report","input":{ "a" : 1.0 }}})");
  EXPECT_EQ(request->idempotency_key, "k");
  EXPECT_FALSE(request_of(CreateSchedule{.input = "{"}).has_value());
}

TEST(ApiRequestOfSchedule, VerbsNameTheScheduleInThePath) {
  EXPECT_EQ(request_of(ShowSchedule{"a b"}).target, "/api/v1/schedules/a%20b");
  EXPECT_EQ(request_of(ListSchedules{.after = "x"}).target, "/api/v1/schedules?limit=20&after=x");
  EXPECT_EQ(request_of(DeleteSchedule{"s"}).method, "DELETE");
  EXPECT_EQ(request_of(PauseSchedule{"s", "unpause", ""}).target, "/api/v1/schedules/s/unpause");
  EXPECT_EQ(request_of(PauseSchedule{"s", "pause", "why"}).body, R"({"note":"why"})");
  EXPECT_EQ(request_of(TriggerSchedule{.id = "s"}).body, "{}");
  EXPECT_EQ(request_of(BackfillSchedule{.id = "s", .from = "A", .to = "B"}).body,
            R"({"from":"A","to":"B"})");
}

TEST(ApiRequestOfQueue, LimitsAreAllThatIsLimited) {
  EXPECT_EQ(request_of(ShowQueue{"a b"}).target, "/api/v1/queues/a%20b");
  const auto both = request_of(LimitQueue{.name = "q", .concurrency_max = 3, .rate = "10/1s"});
  ASSERT_TRUE(both.has_value());
  EXPECT_EQ(both->method, "PUT");
  EXPECT_EQ(both->target, "/api/v1/queues/q");
  EXPECT_EQ(both->body, R"({"concurrency_max":3,"rate":{"count":10,"per":"1s"}})");
  EXPECT_EQ(request_of(LimitQueue{.name = "q", .none = true})->body, "{}");
  EXPECT_FALSE(request_of(LimitQueue{.name = "q"}).has_value()) << "not by leaving all out";
}

TEST(ApiRequestOfStart, CarriesThePrecedence) {
  const auto request = request_of(
      StartWorkflow{.type = "t", .priority = "low", .fairness_key = "acme", .fairness_weight = 3});
  EXPECT_EQ(request->body,
            R"({"type":"t","priority":"low","fairness_key":"acme","fairness_weight":3})");
}

}  // namespace
}  // namespace reprise::cli
