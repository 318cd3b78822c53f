#include "workflows/task/task_workflow.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "activities/contracts/stages.hpp"
#include "workflows/testing/run_story.hpp"

namespace reprise {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::RunStory;
using ::testing::StartsWith;

const WorkflowType& task_type() {
  static const Catalog* const kCatalog = [] {
    auto* catalog = new Catalog;
    register_task_workflow(*catalog);
    return catalog;
  }();
  return *kCatalog->find(kTaskType);
}

// A task of parts t1, t2, …, told in the words of its stages.
class TaskStory : public RunStory {
 public:
  explicit TaskStory(std::string options = "{}")
      : RunStory(task_type(), R"({"title":"Compare two engines","options":)" + options + "}") {}
  ~TaskStory() {
    EXPECT_EQ(parked(), "");
    EXPECT_TRUE(verify_replay());
  }
  TaskStory(const TaskStory&) = delete;
  TaskStory& operator=(const TaskStory&) = delete;

  TaskStory& say(std::string_view activity, std::string text) {
    answer(activity, encode(ModelAnswer{.text = std::move(text),
                                        .provider = "script",
                                        .model = "m",
                                        .input_tokens = 10,
                                        .output_tokens = 5})
                         .bytes);
    return *this;
  }
  TaskStory& analyzed() {
    return say("task.analyze",
               R"({"domain":"software","keywords":["engine"],"required_capabilities":["research"],)"
               R"("complexity":"moderate","constraints":[]})");
  }
  TaskStory& selected() {
    return say("task.select", R"({"specialists":[)" + specialist("data_researcher", "0.9") + "," +
                                  specialist("developer", "0.8") + "]}");
  }
  // Each part is "t2" or "t2<t1" (t2 needs t1).
  TaskStory& planned(const std::vector<std::string>& parts) {
    analyzed().selected();
    return say("task.decompose", plan(parts));
  }
  TaskStory& solved(std::string content = "It is a thorough comparison.") {
    return say("task.execute",
               R"({"summary":"S","content":")" + content +
                   R"(","key_findings":["f"],"sources":["manual"],"confidence":0.8})");
  }
  TaskStory& scored(int points) {
    const std::string p = std::to_string(points);
    return say("task.review", R"({"strengths":[],"weaknesses":["thin"],"scores":{"completeness":)" +
                                  p + R"(,"accuracy":)" + p + R"(,"relevance":)" + p +
                                  R"(,"quality":)" + p + R"(},"feedback":"feedback )" + p +
                                  R"(","revision_requests":["more"]})");
  }
  TaskStory& coordinated() {
    return say("task.coordinate",
               R"({"findings":[{"topic":"size","key_points":["k"],"sources":["t1"],)"
               R"("confidence":0.7}],"cross_references":[],"gaps":[],"inconsistencies":[]})");
  }
  TaskStory& synthesized() {
    return say("task.synthesize",
               R"({"executive_summary":"Take A","sections":[{"title":"Size","content":"Small"}],)"
               R"("key_insights":[],"recommendations":[],"evidence":[],"limitations":[],)"
               R"("confidence":0.75})");
  }
  TaskStory& judged(bool approved) {
    return say("task.final_review", std::string(R"({"feedback":"longer","revision_requests":[],)") +
                                        R"("approved":)" + (approved ? "true}" : "false}"));
  }
  TaskStory& finished() { return coordinated().synthesized().judged(true); }

  TaskResult task_result() {
    TaskResult read;
    EXPECT_TRUE(result().has_value()) << failure();
    const Result<> ok = decode(Payload{result().value_or("")}, read);
    EXPECT_TRUE(ok) << to_string(ok.error());
    return read;
  }

  static std::string plan(const std::vector<std::string>& parts) {
    std::string json;
    for (const std::string& part : parts) {
      const auto arrow = part.find('<');
      const std::string needs =
          arrow == std::string::npos ? "" : "\"" + part.substr(arrow + 1) + "\"";
      json += (json.empty() ? R"({"id":")" : R"(,{"id":")") + part.substr(0, arrow) +
              R"(","title":"Part )" + part.substr(0, arrow) +
              R"(","description":"d","specialist":"data_researcher","deliverable":"x",)"
              R"("dependencies":[)" +
              needs +
              R"(],"priority":"normal","complexity":"simple","success_criteria":[],)"
              R"("estimated_minutes":1})";
    }
    return R"({"subtasks":[)" + json + "]}";
  }

 private:
  static std::string specialist(const std::string& type, const std::string& score) {
    return R"({"type":")" + type + R"(","rationale":"r","score":)" + score +
           R"(,"priority":"high","focus_areas":["f"]})";
  }
};

TEST(TaskWorkflow, AGoodTaskGoesStraightThroughItsStages) {
  TaskStory story;
  story.planned({"t1", "t2"}).solved().solved().scored(9).scored(8).finished();
  EXPECT_THAT(story.stages(),
              ElementsAre("task_analysis", "specialist_selection", "task_decomposition",
                          "specialist_execution", "manager_review", "coordination", "synthesis",
                          "manager_final_review", "completed"));
  const TaskResult result = story.task_result();
  EXPECT_EQ(result.completion, Completion::full);
  EXPECT_TRUE(result.approved);
  EXPECT_EQ(result.answer.executive_summary, "Take A");
  EXPECT_THAT(result.final_answer, HasSubstr("## Size"));
  EXPECT_THAT(result.sources, ElementsAre("manual"));
  EXPECT_EQ(result.subtasks.at(1).score.value, 800);
  EXPECT_EQ(result.usage.calls, 10U);
  EXPECT_EQ(result.usage.input_tokens, 100U);
}

TEST(TaskWorkflow, SubtasksStartWhenTheirDependenciesHaveEnded) {
  TaskStory story;
  story.planned({"t1", "t2<t1", "t3"});
  EXPECT_THAT(story.open(), ElementsAre("task.execute", "task.execute"));
  story.solved("first result");
  EXPECT_THAT(story.open(), ElementsAre("task.execute", "task.execute"));
  story.solved();
  EXPECT_THAT(story.input_of("task.execute"), HasSubstr("first result"));
}

TEST(TaskWorkflow, NoMoreSubtasksRunAtOnceThanTheRequestAllows) {
  TaskStory story(R"({"parallel_max":1})");
  story.planned({"t1", "t2"});
  EXPECT_THAT(story.open(), ElementsAre("task.execute"));
}

TEST(TaskWorkflow, CallsCarryTheStagesTimeTheProviderAndFiveRetries) {
  TaskStory story(R"({"provider":"offline"})");
  const ActivityOptions& options = story.options_of("task.analyze");
  EXPECT_EQ(options.provider, "offline");
  EXPECT_EQ(options.start_to_close, std::chrono::minutes(2));
  EXPECT_EQ(options.timeout_growth_percent, 150U);
  EXPECT_EQ(options.retry.attempts_max, 6U);
}

TEST(TaskWorkflow, WhatNeedsRevisionIsWorkedOnOnceMoreWithTheFeedback) {
  TaskStory story;
  story.planned({"t1", "t2"}).solved().solved().scored(6).scored(8);
  EXPECT_THAT(story.open(), ElementsAre("task.execute"));
  EXPECT_THAT(story.input_of("task.execute"), HasSubstr("feedback 6"));
  EXPECT_THAT(story.input_of("task.execute"), HasSubstr(R"("verdict":"needs_revision")"));
  EXPECT_THAT(story.input_of("task.execute"), HasSubstr(R"("specialist":"data_researcher")"));
  story.solved().scored(9).finished();
  EXPECT_THAT(story.stages(),
              ElementsAre("task_analysis", "specialist_selection", "task_decomposition",
                          "specialist_execution", "manager_review", "revision_required",
                          "specialist_execution", "manager_review", "coordination", "synthesis",
                          "manager_final_review", "completed"));
  EXPECT_EQ(story.task_result().completion, Completion::full);
}

TEST(TaskWorkflow, WhatWasRejectedGoesToAnotherSpecialist) {
  TaskStory story;
  story.planned({"t1"}).solved().scored(3);
  EXPECT_THAT(story.input_of("task.execute"), HasSubstr(R"("specialist":"developer")"));
  story.solved().scored(9).finished();
  EXPECT_EQ(story.task_result().subtasks.at(0).specialist, "developer");
}

TEST(TaskWorkflow, PolicyPartialGoesOnWithWhatWasAccepted) {
  TaskStory story;
  story.planned({"t1", "t2"}).solved().solved().scored(9).scored(6);
  story.solved().scored(6).solved().scored(6);
  EXPECT_THAT(story.input_of("task.coordinate"), HasSubstr(R"("missing":["Part t2"])"));
  story.finished();
  const TaskResult result = story.task_result();
  EXPECT_EQ(result.completion, Completion::partial);
  EXPECT_THAT(result.missing, ElementsAre("Part t2"));
  EXPECT_EQ(result.subtasks.at(1).status, SubtaskStatus::not_accepted);
  EXPECT_THAT(result.final_answer, HasSubstr("Missing from this answer"));
  EXPECT_THAT(story.view(), HasSubstr(R"("completion":"partial")"));
}

TEST(TaskWorkflow, NothingAcceptedIsAFailureUnderPolicyPartial) {
  TaskStory story;
  story.planned({"t1"}).solved().scored(6).solved().scored(6).solved().scored(6);
  EXPECT_THAT(story.failure(), StartsWith("nothing_accepted: t1 (Part t1): needs_revision with 6"));
}

TEST(TaskWorkflow, PolicyFailFailsWithTheCause) {
  TaskStory story(R"({"review_policy":"fail"})");
  story.planned({"t1", "t2"}).solved().solved().scored(9).scored(6);
  story.solved().scored(6).solved().scored(6);
  EXPECT_THAT(story.failure(), StartsWith("not_accepted: t2"));
}

TaskStory& escalate(TaskStory& story) {
  story.planned({"t1", "t2"}).solved().solved().scored(9).scored(6);
  story.solved().scored(6).solved().scored(6);
  EXPECT_THAT(story.open(), IsEmpty());
  EXPECT_THAT(story.view(), HasSubstr(R"("status":"waiting_for_human")"));
  return story;
}

TEST(TaskWorkflow, AHumanMayAcceptWhatTheReviewDidNot) {
  TaskStory story(R"({"review_policy":"escalate"})");
  escalate(story).signal("approve", R"({"decision":"accept"})");
  EXPECT_THAT(story.view(), HasSubstr(R"("status":"in_progress")"));
  story.finished();
  EXPECT_EQ(story.task_result().completion, Completion::full);
}

TEST(TaskWorkflow, AHumanMaySendItBackWithAComment) {
  TaskStory story(R"({"review_policy":"escalate"})");
  escalate(story).signal("approve", R"({"decision":"retry","comment":"name the versions"})");
  EXPECT_THAT(story.input_of("task.execute"), HasSubstr("name the versions"));
  story.solved().scored(9).finished();
  EXPECT_EQ(story.task_result().completion, Completion::full);
}

TEST(TaskWorkflow, AHumanMayRejectTheTask) {
  TaskStory story(R"({"review_policy":"escalate"})");
  escalate(story).signal("approve", R"({"decision":"reject","comment":"off topic"})");
  EXPECT_EQ(story.failure(), "rejected_by_human: off topic");
}

TEST(TaskWorkflow, ASignalThatIsNoDecisionChangesNothing) {
  TaskStory story(R"({"review_policy":"escalate"})");
  escalate(story).signal("approve", R"({"decision":"perhaps"})").signal("approve", "{}");
  EXPECT_EQ(story.facts("escalated").size(), 3U);
  EXPECT_THAT(story.view(), HasSubstr("waiting_for_human"));
  story.signal("approve", R"({"decision":"reject"})");
  EXPECT_EQ(story.failure(), "rejected_by_human: a human rejected it");
}

TEST(TaskWorkflow, TheFinalReviewSendsTheAnswerBackTwiceAtMost) {
  TaskStory story;
  story.planned({"t1"}).solved().scored(9).coordinated();
  story.synthesized().judged(false);
  EXPECT_THAT(story.input_of("task.synthesize"), HasSubstr(R"("feedback":"longer")"));
  story.synthesized().judged(false).synthesized().judged(false);
  const TaskResult result = story.task_result();
  EXPECT_FALSE(result.approved);
  EXPECT_EQ(result.completion, Completion::partial);
}

TEST(TaskWorkflow, AnAnswerThatTheFinalReviewApprovesLaterIsWhole) {
  TaskStory story(R"({"review_policy":"fail"})");
  story.planned({"t1"}).solved().scored(9).coordinated();
  story.synthesized().judged(false).synthesized().judged(true);
  EXPECT_TRUE(story.task_result().approved);
  EXPECT_EQ(story.task_result().completion, Completion::full);
}

TEST(TaskWorkflow, PolicyFailHoldsForTheFinalReview) {
  TaskStory story(R"({"review_policy":"fail"})");
  story.planned({"t1"}).solved().scored(9).coordinated();
  for (int i = 0; i < 3; ++i) story.synthesized().judged(false);
  EXPECT_EQ(story.failure(), "not_accepted: the final answer was not approved: longer");
}

TEST(TaskWorkflow, AHumanDecidesAboutTheFinalAnswer) {
  TaskStory story(R"({"review_policy":"escalate"})");
  story.planned({"t1"}).solved().scored(9).coordinated();
  for (int i = 0; i < 3; ++i) story.synthesized().judged(false);
  story.signal("approve", R"({"decision":"retry","comment":"shorter"})");
  EXPECT_THAT(story.input_of("task.synthesize"), HasSubstr(R"(shorter\n\nlonger)"));
  story.synthesized().judged(false).signal("approve", R"({"decision":"accept"})");
  EXPECT_TRUE(story.task_result().approved);
}

TEST(TaskWorkflow, AnInvalidGraphGoesBackTwiceThenBecomesOneSubtask) {
  TaskStory story;
  story.analyzed().selected();
  story.say("task.decompose", TaskStory::plan({"t1<t9"}));
  EXPECT_THAT(story.input_of("task.decompose"),
              HasSubstr("subtasks[0].dependencies[0]: unknown id t9"));
  story.say("task.decompose", TaskStory::plan({"t1<t2", "t2<t1"}));
  EXPECT_THAT(story.input_of("task.decompose"), HasSubstr("cycle: t1 → t2 → t1"));
  story.say("task.decompose", TaskStory::plan({"t1<t1"}));
  EXPECT_THAT(story.facts("subtasks_planned"), ElementsAre(HasSubstr("depends on itself")));
  EXPECT_THAT(story.open(), ElementsAre("task.execute"));
  story.solved().scored(9).finished();
  EXPECT_EQ(story.task_result().subtasks.at(0).title, "Compare two engines");
}

TEST(TaskWorkflow, AMendedGraphIsTaken) {
  TaskStory story;
  story.analyzed().selected();
  story.say("task.decompose", TaskStory::plan({"t1<t9"}));
  story.say("task.decompose", TaskStory::plan({"t1", "t2<t1"}));
  EXPECT_THAT(story.facts("subtasks_planned"), ElementsAre(Not(HasSubstr("fallback"))));
}

TEST(TaskWorkflow, AnAnswerThatDoesNotFitGoesBackWithTheError) {
  TaskStory story;
  story.say("task.analyze", "I would rather talk about the weather.");
  EXPECT_THAT(story.input_of("task.analyze"),
              HasSubstr(R"("error":"there is no JSON object in the answer")"));
  story.say("task.analyze", R"({"domain":7})");
  EXPECT_THAT(story.input_of("task.analyze"), HasSubstr("domain: must be a text"));
  story.analyzed();
  EXPECT_THAT(story.open(), ElementsAre("task.select"));
}

TEST(TaskWorkflow, ThreeAttemptsOfThreeCallsAreAManagersLast) {
  TaskStory story;
  for (int call = 0; call < 9; ++call) {
    EXPECT_EQ(story.failure(), "") << call;
    story.say("task.analyze", "no");
  }
  EXPECT_EQ(story.failure(), "bad_answer: analysis: there is no JSON object in the answer");
}

TEST(TaskWorkflow, AManagersFailureThatNoAttemptCanMendEndsTheTask) {
  TaskStory story;
  story.fail("task.analyze", {.type = "auth", .message = "the key is refused", .retryable = false});
  EXPECT_EQ(story.failure(), "auth: analysis: the key is refused");
  EXPECT_THAT(story.view(), HasSubstr(R"("ended_in":"task_analysis")"));
}

TEST(TaskWorkflow, AFailureWhoseRetriesAreUsedUpGetsTwoMoreAttempts) {
  TaskStory story;
  const ActivityFailure down{.type = "network", .message = "refused"};
  story.fail("task.analyze", down).fail("task.analyze", down);
  EXPECT_EQ(story.failure(), "");
  story.fail("task.analyze", down);
  EXPECT_EQ(story.failure(), "network: analysis: refused");
}

TEST(TaskWorkflow, ThreeFailedAttemptsOfASubtaskLeaveItToThePolicy) {
  TaskStory story;
  story.planned({"t1", "t2<t1", "t3"});
  const ActivityFailure late{.type = "timeout", .message = "15 min"};
  story.fail("task.execute", late);
  story.solved();  // t3
  story.fail("task.execute", late).fail("task.execute", late);
  story.scored(9).finished();
  const TaskResult result = story.task_result();
  EXPECT_EQ(result.completion, Completion::partial);
  EXPECT_EQ(result.subtasks.at(0).problem, "timeout: 15 min");
  EXPECT_EQ(result.subtasks.at(1).problem, "needs t1, which gave nothing");
  EXPECT_EQ(result.subtasks.at(1).status, SubtaskStatus::failed);
}

TEST(TaskWorkflow, ThreeFailedAttemptsEscalateAndAHumanMayHaveThemTriedAgain) {
  TaskStory story(R"({"review_policy":"escalate"})");
  story.planned({"t1", "t2"}).solved();
  for (int i = 0; i < 3; ++i) story.fail("task.execute", {.type = "timeout", .message = "late"});
  story.scored(9);
  EXPECT_THAT(story.view(), HasSubstr("waiting_for_human"));
  story.signal("approve", R"({"decision":"retry"})").answer("task.execute", "{}");
  EXPECT_EQ(story.failure(), "");
  story.solved().scored(8).finished();
  EXPECT_EQ(story.task_result().completion, Completion::full);
}

TEST(TaskWorkflow, ACancelEndsItsCallsAndTheRun) {
  TaskStory story;
  story.planned({"t1", "t2"}).cancel("the user asked");
  EXPECT_EQ(story.failure(), "cancelled: the user asked");
  EXPECT_THAT(story.open(), IsEmpty());
  EXPECT_THAT(story.view(), HasSubstr(R"("status":"cancelled")"));
}

TEST(TaskWorkflow, ACancelReachesATaskThatWaitsForAHuman) {
  TaskStory story(R"({"review_policy":"escalate"})");
  escalate(story).cancel("enough");
  EXPECT_EQ(story.failure(), "cancelled: enough");
}

TEST(TaskWorkflow, BadInputIsRefusedBeforeItStarts) {
  const Result<> refused = task_type().definition.check(Payload{R"({"title":"x","prio":1})"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().field, "prio");
}

}  // namespace
}  // namespace reprise
