#include "activities/offline/offline_provider.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <cstdio>
#include <fstream>

#include "activities/contracts/stages.hpp"
#include "activities/offline/stage_rules.hpp"
#include "activities/offline/text_reading.hpp"

namespace reprise {
namespace {

namespace asio = boost::asio;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const TaskBrief kLaunch = {.title = "Plan the launch of our budgeting app",
                           .description =
                               "We launch in September with a budget of $40,000.\n"
                               "- Study the market and the competitors\n- Split the budget\n"
                               "The plan must fit one page."};

ModelRequest request_of(std::string stage, const Payload& input) {
  return {.stage = std::move(stage),
          .input = input.bytes,
          .idempotency_key = "run_x/1",
          .deadline = SteadyTime::max()};
}

ModelOutcome complete(const OfflineOptions& options, ModelRequest request,
                      asio::cancellation_signal* cancel = nullptr) {
  const auto provider = OfflineProvider::make(options).value();
  asio::io_context context;
  ModelOutcome outcome;
  const auto done = [&](std::exception_ptr error, ModelOutcome got) {
    if (error) std::rethrow_exception(error);
    outcome = std::move(got);
  };
  if (cancel == nullptr) {
    asio::co_spawn(context, provider->complete(std::move(request)), done);
  } else {
    asio::co_spawn(context, provider->complete(std::move(request)),
                   asio::bind_cancellation_slot(cancel->slot(), done));
    asio::post(context, [cancel] { cancel->emit(asio::cancellation_type::total); });
  }
  context.run();
  return outcome;
}

template <Shape T>
T read_as(const ModelOutcome& outcome) {
  T value{};
  EXPECT_TRUE(outcome) << (outcome ? "" : outcome.error().message);
  const Result<> ok = read_json(outcome->text, JsonReader::Mode::answer, value);
  EXPECT_TRUE(ok) << to_string(ok.error()) << outcome->text;
  return value;
}

TEST(OfflineProvider, AnswersInTheStagesShapeAndSaysThatItIsAStandIn) {
  const ModelOutcome outcome =
      complete({}, request_of("analysis", encode(AnalysisInput{kLaunch, {}})));
  const auto analysis = read_as<Analysis>(outcome);
  EXPECT_TRUE(outcome->simulated);
  EXPECT_EQ(outcome->provider, "offline");
  EXPECT_EQ(analysis.keywords.front(), "plan");
  EXPECT_THAT(analysis.constraints, ElementsAre("The plan must fit one page."));
}

TEST(OfflineProvider, TheSameRequestGivesTheSameAnswer) {
  const ModelRequest request = request_of("analysis", encode(AnalysisInput{kLaunch, {}}));
  EXPECT_EQ(complete({}, request)->text, complete({}, request)->text);
}

TEST(OfflineProvider, AnUnknownStageOrInputIsAFinalFailure) {
  EXPECT_EQ(complete({}, request_of("poetry", {"{}"})).error().type, "bad_request");
  EXPECT_EQ(complete({}, request_of("analysis", {"7"})).error().type, "bad_request");
  EXPECT_FALSE(complete({}, request_of("analysis", {"7"})).error().retryable);
}

TEST(OfflineProvider, ACancelEndsAWaitingCallAtOnce) {
  asio::cancellation_signal cancel;
  const ModelOutcome outcome =
      complete({.latency = std::chrono::hours(1)},
               request_of("analysis", encode(AnalysisInput{kLaunch, {}})), &cancel);
  ASSERT_FALSE(outcome);
}

TEST(OfflineProvider, ADeadlineThatHasPassedIsATimeout) {
  ModelRequest request = request_of("analysis", encode(AnalysisInput{kLaunch, {}}));
  request.deadline = SteadyTime();
  EXPECT_EQ(complete({}, request).error().type, "timeout");
}

TEST(OfflineProvider, TheCallLogHoldsALineForTheBeginAndTheEndOfEachCall) {
  const std::string path = ::testing::TempDir() + "offline_calls.jsonl";
  std::remove(path.c_str());
  ASSERT_TRUE(
      complete({.call_log = path}, request_of("analysis", encode(AnalysisInput{kLaunch, {}}))));
  EXPECT_FALSE(complete({.call_log = path}, request_of("poetry", {"{}"})));
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_THAT(lines[0], HasSubstr(R"("key":"run_x/1","phase":"begin","stage":"analysis")"));
  EXPECT_THAT(lines[1], HasSubstr(R"("phase":"end")"));
  std::remove(path.c_str());
}

TEST(OfflineProvider, ACallLogThatCannotBeOpenedIsSaid) {
  EXPECT_EQ(OfflineProvider::make({.call_log = "/nowhere/calls"}).error().code, Errc::io);
}

TEST(StageRules, AListBecomesSubtasksAndAConclusionThatNeedsThem) {
  const Decomposition plan = offline::answer(
      DecompositionInput{.task = kLaunch, .specialists = {{.type = "financial_analyst"}}});
  ASSERT_EQ(plan.subtasks.size(), 3U);
  EXPECT_EQ(plan.subtasks[1].title, "Split the budget");
  EXPECT_THAT(plan.subtasks[1].description, HasSubstr("$40,000"));
  EXPECT_THAT(plan.subtasks[2].dependencies, ElementsAre("t1", "t2"));
}

TEST(StageRules, TitlesThatTheUserNamedAreKept) {
  const Decomposition plan = offline::answer(DecompositionInput{
      .task = kLaunch, .specialists = {{.type = "generalist"}}, .wanted = {"Name", "Logo"}});
  ASSERT_EQ(plan.subtasks.size(), 2U);
  EXPECT_EQ(plan.subtasks[1].title, "Logo");
}

// The score that the engine computes, from 0 to 1000.
int score(const std::string& description, const std::string& content) {
  const Subtask subtask{.id = "t1", .title = description, .description = description};
  const ReviewScores scores =
      offline::answer(ReviewInput{.subtask = subtask, .solution = {.content = content}}).scores;
  return (30 * scores.completeness.value + 30 * scores.accuracy.value +
          20 * scores.relevance.value + 20 * scores.quality.value) /
         100;
}

TEST(StageRules, TheReviewAcceptsSendsBackAndRejects) {
  const std::string subtask = "Describe sourdough bread baking";
  EXPECT_GE(score(subtask,
                  "Sourdough bread rises slowly. Baking starts with flour, water, salt, and a "
                  "living starter culture. Describe hydration, kneading, folding, proofing, "
                  "scoring, oven temperature, steam, crust colour, crumb, storage."),
            700);
  const int brief = score(subtask, "Sourdough bread: describe the baking, flour, water, salt.");
  EXPECT_GE(brief, 500);
  EXPECT_LT(brief, 700);
  EXPECT_LT(score(subtask, "spam spam spam spam spam spam spam spam spam spam spam spam"), 500);
}

TEST(StageRules, ARevisionMendsWhatTheReviewAskedFor) {
  const Subtask subtask{.id = "t1", .title = "Say hello", .description = "Say hello"};
  ExecutionInput input{.task = {.title = "Say hello"}, .subtask = subtask};
  const Solution first = offline::answer(input);
  input.revision = RevisionOrder{.verdict = Verdict::needs_revision, .previous = first};
  const Solution second = offline::answer(input);
  EXPECT_LT(score("Say hello", first.content), 700);
  EXPECT_GE(score("Say hello", second.content), 700);
}

TEST(TextReading, KeywordsComeByFrequencyThenByPlace) {
  EXPECT_THAT(keywords_of("The market and the app. The market of apps.", 3),
              ElementsAre("market", "app", "apps"));
}

TEST(TextReading, NumbersKeepTheirSigns) {
  EXPECT_THAT(numbers_of("12% of $40,000 in 3.5 ms, x86, 7."),
              ElementsAre("12%", "$40,000", "3.5 ms", "7"));
}

TEST(TextReading, ListItemsAndSentences) {
  EXPECT_THAT(list_items_of("Do:\n- one\n2. two\n• three\n1999 was"),
              ElementsAre("one", "two", "three"));
  EXPECT_THAT(sentences_of("One. Two e.g. x?\n- three"),
              ElementsAre("One.", "Two e.g.", "x?", "three"));
}

std::string any_text() {
  const auto words =
      *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(std::vector<std::string>{
          "market", "data", "must", "budget", "12", "\n- ", ". ", "é", "the"}));
  std::string text;
  for (const std::string& word : words) text += word + " ";
  return text;
}

RC_GTEST_PROP(StageRules, EveryTextIsAnsweredInShape, ()) {
  const TaskBrief task{.title = "x" + any_text(), .description = any_text()};
  const Analysis analysis = offline::answer(AnalysisInput{task, {}});
  const SpecialistSelection chosen = offline::answer(SelectionInput{task, analysis, {}});
  RC_ASSERT(!chosen.specialists.empty());
  const Decomposition plan =
      offline::answer(DecompositionInput{task, analysis, chosen.specialists, {}, {}});
  std::vector<SubtaskSolution> solutions;
  for (const Subtask& subtask : plan.subtasks) {
    const Solution solution =
        offline::answer(ExecutionInput{.task = task, .subtask = subtask, .results = solutions});
    const ModelOutcome review =
        complete({}, request_of("review", encode(ReviewInput{task, subtask, solution, {}})));
    read_as<Review>(review);
    solutions.push_back({subtask.id, subtask.title, subtask.specialist, solution});
  }
  const Findings findings = offline::answer(CoordinationInput{task, solutions, {}, {}});
  const ModelOutcome answer = complete(
      {}, request_of("synthesis", encode(SynthesisInput{task, findings, solutions, {}, {}, {}})));
  RC_ASSERT(!read_as<FinalAnswer>(answer).limitations.empty());
}

}  // namespace
}  // namespace reprise
