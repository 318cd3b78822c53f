#include "tools/reprise/task_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/reprise/problem_text.hpp"

namespace reprise::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kTask = R"({
  "task_id": "task_01", "title": "Compare databases", "status": "in_progress", "progress": 45,
  "current_stage": "specialist_execution", "priority": "high",
  "created_at": "2026-01-01T10:00:00.000Z", "updated_at": "2026-01-01T10:00:03.500Z",
  "subtasks": [
    {"id": "t1", "title": "Read the papers", "specialist": "data_researcher", "status": "accepted",
     "score": 8.25},
    {"id": "t2", "title": "Compare the costs", "specialist": "financial_analyst", "status": "running"}],
  "result": null})";

TEST(TaskPicture, ReadsWhatTheServerTells) {
  const auto task = read_task(kTask);
  ASSERT_TRUE(task.has_value());
  EXPECT_EQ(task->id, "task_01");
  EXPECT_EQ(task->stage, "specialist_execution");
  EXPECT_EQ(task->progress, 45);
  EXPECT_EQ(task->subtasks_done(), 1U);
  EXPECT_FALSE(task->has_ended());
  EXPECT_TRUE(task->result.empty());
}

TEST(TaskPicture, ADocumentOfAnotherShapeIsNoTaskAndNoCrash) {
  for (const std::string_view text :
       {"", "null", "[]", "{}", "{\"task_id\":7}", "{\"task_id\":\"t\",\"status\":[]}", "<html>"})
    EXPECT_FALSE(read_task(text).has_value()) << text;
  EXPECT_TRUE(read_task(R"({"task_id":"t","status":"failed","progress":"x","subtasks":{"a":1}})"));
}

TEST(TaskText, ShowsSubtasksWithSpecialistStatusAndScore) {
  const std::string text = task_text(*read_task(kTask), Timeline(), TextStyle{.unicode = true});
  EXPECT_THAT(text, HasSubstr("Compare databases\ntask_01  in_progress"));
  EXPECT_THAT(text, HasSubstr("  ✓  Read the papers    data_researcher    accepted  8.2"));
  EXPECT_THAT(text, HasSubstr("  ●  Compare the costs  financial_analyst  running"));
  EXPECT_THAT(text, HasSubstr("running for  3.5 s"));
}

TEST(TaskText, WithoutUtf8OnlyAsciiIsShown) {
  const std::string text = task_text(*read_task(kTask), Timeline(), TextStyle{});
  for (const char c : text) EXPECT_LT(static_cast<unsigned char>(c), 0x80U);
}

TEST(TaskText, ATaskThatWaitsForAPersonSaysHowToDecide) {
  const auto task = read_task(R"({"task_id":"task_01","status":"waiting_for_human"})");
  EXPECT_THAT(task_status_text(*task, TextStyle{}),
              HasSubstr("reprise approve task_01 --decision accept|retry|reject"));
}

TEST(TaskList, ColumnsAlignAndPagesAreNamed) {
  const std::string text = task_list_text(
      R"({"tasks":[{"task_id":"task_01","title":"A","status":"completed","progress":100,
                    "current_stage":"completed"},
                   {"task_id":"task_02","title":"B","status":"failed","progress":5,
                    "current_stage":"task_analysis"}],
          "pagination":{"page":1,"limit":2,"total":5,"pages":3}})",
      TextStyle{});
  EXPECT_EQ(text,
            "TASK     STATUS     PROGRESS  STAGE          TITLE\n"
            "task_01  completed     100 %  completed      A\n"
            "task_02  failed          5 %  task_analysis  B\n"
            "page 1 of 3, 5 tasks; the next: --page 2\n");
}

TEST(TaskList, AnEmptyListSaysWhatToDo) {
  EXPECT_THAT(task_list_text(R"({"tasks":[],"pagination":{}})", TextStyle{}),
              HasSubstr("reprise add"));
}

TEST(AnswerText, RendersMarkdownAndTellsWhatIsMissingAndWhoWroteIt) {
  const std::string text = task_result_text(
      R"({"status":"completed","result":{"final_answer":"In short.\n\n\n## Costs\n\n- the first\n- the second\n","completion":"partial",
          "missing":["Compare the costs"],"approved":false,"sources":["t1"],
          "usage":{"calls":9,"input_tokens":100,"output_tokens":50,"simulated":true}}})",
      TextStyle{.unicode = true});
  EXPECT_THAT(text, HasSubstr("    In short.\n\n  Costs\n\n    • the first\n    • the second\n"));
  EXPECT_THAT(text, HasSubstr("partial: the answer does without Compare the costs"));
  EXPECT_THAT(text, HasSubstr("the final review did not approve it"));
  EXPECT_THAT(text, HasSubstr("not by a model"));
  EXPECT_THAT(text, HasSubstr("9 model calls, 100 tokens in, 50 tokens out"));
  EXPECT_THAT(text, Not(HasSubstr("##")));
}

TEST(AnswerText, AFailedTaskSaysWhy) {
  EXPECT_EQ(
      task_result_text(R"({"status":"failed","error":{"type":"quota","message":"no credit left"}})",
                       TextStyle{}),
      "failed\n  no credit left\n");
}

TEST(ProblemText, NamesTheFieldsAtFault) {
  const std::string text =
      problem_text(400, R"({"title":"invalid_argument","status":400,"detail":"the request is wrong",
               "errors":{"description":"is empty","options.review_policy":"is not one of these"}})",
                   TextStyle{});
  EXPECT_EQ(text,
            "refused: invalid_argument (400)\n"
            "  description            is empty\n"
            "  options.review_policy  is not one of these\n");
}

TEST(ProblemText, ABodyThatIsNoProblemDocumentIsShownShortened) {
  EXPECT_EQ(problem_text(502, "<html>Bad\ngateway</html>", TextStyle{}),
            "refused: HTTP 502: <html>Bad gateway</html>\n");
}

}  // namespace
}  // namespace reprise::cli
