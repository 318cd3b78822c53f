#include "workflows/task/task_view.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "activities/contracts/json_value.hpp"
#include "activities/contracts/model_answer.hpp"
#include "workflows/task/facts.hpp"

namespace reprise {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Event at(std::int64_t second, EventBody body) {
  return {Sequence(1), UtcTime::from_micros(second * 1'000'000), std::move(body)};
}
EventBody fact(std::string_view name, std::string json) {
  return FactRecorded{.name = std::string(name), .fact = Payload{std::move(json)}};
}
EventBody stage(std::string name) { return StageEntered{.name = std::move(name)}; }

struct View {
  TaskViewFold fold;
  bool see(EventBody body) { return fold.apply(at(++clock, std::move(body))); }
  [[nodiscard]] std::string json() const { return fold.encode(); }
  [[nodiscard]] std::int64_t progress() const {
    return parse_json(json())->find("progress")->integer;
  }
  std::int64_t clock = 1'700'000'000;
};

constexpr std::string_view kPlan =
    R"({"subtasks":[{"id":"t1","specialist":"developer","title":"One"},)"
    R"({"id":"t2","specialist":"generalist","title":"Two"}]})";

TEST(TaskView, ATaskThatHasNotBegunIsPending) {
  View view;
  view.see(RunStarted{.input = Payload{R"({"title":"Garden","priority":"high","user_id":"u1"})"}});
  EXPECT_THAT(view.json(), HasSubstr(R"("status":"pending")"));
  EXPECT_THAT(view.json(), HasSubstr(R"("title":"Garden")"));
  EXPECT_THAT(view.json(), HasSubstr(R"("priority":"high")"));
  EXPECT_THAT(view.json(), HasSubstr(R"("created_at":"2023-11-14T22:13:21.000Z")"));
  EXPECT_EQ(view.progress(), 0);
}

TEST(TaskView, ProgressFollowsTheStagesAndTheFinishedSubtasks) {
  View view;
  view.see(stage("task_analysis"));
  EXPECT_EQ(view.progress(), 5);
  view.see(stage("specialist_execution"));
  view.see(fact(fact::kPlan, std::string(kPlan)));
  EXPECT_EQ(view.progress(), 20);
  view.see(fact(fact::kFinished, R"({"id":"t2","status":"solved"})"));
  EXPECT_EQ(view.progress(), 45);
  view.see(fact(fact::kFinished, R"({"id":"t1","status":"solved"})"));
  EXPECT_EQ(view.progress(), 70);
  view.see(stage("manager_review"));
  view.see(stage("revision_required"));
  view.see(stage("specialist_execution"));
  EXPECT_EQ(view.progress(), 75);
}

TEST(TaskView, SubtasksShowWhoWorksOnThemAndWhatTheReviewSaid) {
  View view;
  view.see(stage("specialist_execution"));
  view.see(fact(fact::kTeam, R"({"specialists":[{"type":"developer"},{"type":"generalist"}]})"));
  view.see(fact(fact::kPlan, std::string(kPlan)));
  view.see(fact(fact::kStarted, R"({"id":"t1","specialist":"developer"})"));
  EXPECT_THAT(view.json(), HasSubstr(R"({"agent_id":"developer","status":"working")"));
  EXPECT_THAT(view.json(), HasSubstr(R"({"agent_id":"generalist","status":"idle")"));
  view.see(fact(fact::kReviewed, R"({"id":"t1","score":8.5,"verdict":"accepted"})"));
  EXPECT_THAT(view.json(),
              HasSubstr(R"({"id":"t1","score":8.5,"specialist":"developer","status":"accepted")"));
}

TEST(TaskView, CallsAndTokensAreAddedUpAndAStandInIsSaid) {
  View view;
  const Payload answer = encode(
      ModelAnswer{.text = "{}", .simulated = true, .input_tokens = 100, .output_tokens = 20});
  EXPECT_TRUE(view.see(ActivityCompleted{.result = answer}));
  EXPECT_TRUE(view.see(ActivityCompleted{.result = answer}));
  EXPECT_FALSE(view.see(ActivityCompleted{.result = Payload{"no answer"}}));
  EXPECT_THAT(view.json(),
              HasSubstr(R"({"calls":2,"input_tokens":200,"output_tokens":40,"simulated":true})"));
}

TEST(TaskView, AWaitForAHumanEndsWithTheDecision) {
  View view;
  view.see(stage("manager_review"));
  view.see(fact(fact::kEscalated, R"({"reason":"r"})"));
  EXPECT_THAT(view.json(), HasSubstr(R"("status":"waiting_for_human")"));
  view.see(fact(fact::kDecided, R"({"decision":"retry"})"));
  EXPECT_THAT(view.json(), HasSubstr(R"("status":"in_progress")"));
}

TEST(TaskView, AFailedTaskKeepsItsStageAndItsCause) {
  View view;
  view.see(stage("synthesis"));
  view.see(RunFailed{.type = "auth", .message = "refused"});
  EXPECT_THAT(view.json(), HasSubstr(R"("current_stage":"failed")"));
  EXPECT_THAT(view.json(), HasSubstr(R"("ended_in":"synthesis")"));
  EXPECT_THAT(view.json(), HasSubstr(R"("error":{"message":"refused","type":"auth"})"));
}

TEST(TaskView, APartialResultSaysWhatIsMissing) {
  View view;
  view.see(fact(fact::kPlan, std::string(kPlan)));
  view.see(fact(fact::kPartial, R"({"missing":["Two"]})"));
  EXPECT_THAT(view.json(), Not(HasSubstr("completion")));
  view.see(RunCompleted{});
  EXPECT_THAT(view.json(), HasSubstr(R"("completion":"partial")"));
  EXPECT_THAT(view.json(), HasSubstr(R"("missing":["Two"])"));
  EXPECT_EQ(view.progress(), 100);
}

TEST(TaskView, TitlesGoFirstWhenTheViewIsFull) {
  View view;
  std::string subtasks;
  for (int i = 0; i < 20; ++i)
    subtasks += (i == 0 ? "" : ",") + std::string(R"({"id":"subtask_)") + std::to_string(i) +
                R"(","specialist":"marketing_specialist","title":")" + std::string(200, 'x') +
                "\"}";
  view.see(fact(fact::kPlan, R"({"subtasks":[)" + subtasks + "]}"));
  EXPECT_LE(view.json().size(), kTaskViewBytesMax);
  EXPECT_THAT(view.json(), HasSubstr("subtask_19"));
}

std::string any_json() {
  const auto text = [] {
    std::string quoted;
    const auto length = *rc::gen::inRange<std::size_t>(0, 400);
    append_json_text(quoted,
                     std::string(length, *rc::gen::elementOf(std::string("x\"\n\x01\xff"))));
    return quoted;
  };
  const auto number = [] { return std::to_string(*rc::gen::arbitrary<std::int64_t>()); };
  std::string items;
  for (int i = *rc::gen::inRange(0, 30); i > 0; --i)
    items += std::string(items.empty() ? "" : ",") + R"({"id":)" + text() + R"(,"specialist":)" +
             text() + R"(,"title":)" + text() + R"(,"type":)" + text() + "}";
  return R"({"id":)" + text() + R"(,"score":)" + number() + R"(,"cycle":)" + number() +
         R"(,"verdict":)" + text() + R"(,"missing":[)" + text() + "," + number() +
         R"(],"subtasks":[)" + items + R"(],"specialists":[)" + items + "]}";
}

EventBody any_event() {
  const std::string text(*rc::gen::inRange<std::size_t>(0, 600),
                         *rc::gen::elementOf(std::string("a\"\x02\xfe")));
  const auto facts = std::vector<std::string_view>{
      fact::kTeam,     fact::kPlan,      fact::kStarted, fact::kFinished, fact::kReviewed,
      fact::kRevision, fact::kEscalated, fact::kDecided, fact::kPartial,  "other"};
  switch (*rc::gen::inRange(0, 8)) {
    case 0: return RunStarted{.input = Payload{R"({"title":"x","user_id":"u"})"}};
    case 1: return stage(std::string(to_string(static_cast<Stage>(*rc::gen::inRange(0, 11)))));
    case 2: return RunFailed{.type = text, .message = text};
    case 3: return RunCompleted{};
    case 4: return ActivityCompleted{.result = encode(ModelAnswer{.input_tokens = UINT32_MAX})};
    case 5: return fact(*rc::gen::elementOf(facts), text);
    default: return fact(*rc::gen::elementOf(facts), any_json());
  }
}

RC_GTEST_PROP(TaskView, IsBoundedAndMonotoneWhateverTheEventsHold, ()) {
  View view;
  std::int64_t last = 0;
  for (int i = *rc::gen::inRange(0, 40); i > 0; --i) {
    view.see(any_event());
    const std::string json = view.json();
    RC_ASSERT(json.size() <= kTaskViewBytesMax);
    RC_ASSERT(parse_json(json).has_value());
    RC_ASSERT(view.progress() >= last);
    last = view.progress();
  }
}

}  // namespace
}  // namespace reprise
