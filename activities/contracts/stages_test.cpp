#include "activities/contracts/stages.hpp"

#include <gtest/gtest.h>

#include "activities/contracts/bench.hpp"
#include "activities/contracts/task_result.hpp"

namespace reprise {
namespace {

static_assert(ActivityContract<AnalyzeTask> && ActivityContract<SelectSpecialists>);
static_assert(ActivityContract<DecomposeTask> && ActivityContract<ExecuteSubtask>);
static_assert(ActivityContract<ReviewSolution> && ActivityContract<CoordinateFindings>);
static_assert(ActivityContract<SynthesizeAnswer> && ActivityContract<FinalReview>);
static_assert(ActivityContract<BenchStep> && PayloadValue<TaskRequest> && PayloadValue<TaskResult>);

const TaskBrief kBrief = {.title = "Compare two engines", .description = "", .context = {}};
const Analysis kAnalysis = {.domain = "software",
                            .keywords = {"engine"},
                            .required_capabilities = {"research"},
                            .complexity = Complexity::simple,
                            .constraints = {}};
const Subtask kSubtask = {.id = "t1",
                          .title = "Read",
                          .description = "Read both",
                          .specialist = "data_researcher",
                          .deliverable = "Notes",
                          .dependencies = {},
                          .priority = Priority::high,
                          .complexity = Complexity::simple,
                          .success_criteria = {"both read"},
                          .estimated_minutes = 5};
const Solution kSolution = {.summary = "Both read",
                            .content = "A is small.\nB is \"big\".",
                            .key_findings = {"A is small"},
                            .sources = {},
                            .confidence = {85}};
const SubtaskSolution kOrigin = {"t1", "Read", "data_researcher", kSolution};
const FinalAnswer kAnswer = {.executive_summary = "Take A",
                             .sections = {{"Size", "A is small"}},
                             .key_insights = {},
                             .recommendations = {"Take A"},
                             .evidence = {{"A is small", {"t1"}, {90}}},
                             .limitations = {},
                             .confidence = {70}};
const Repair kRepair = {.answer = "no JSON", .error = "is not JSON"};

#define TASK R"("task":{"title":"Compare two engines"})"
#define ANALYSIS                                                                    \
  R"("analysis":{"complexity":"simple","domain":"software","keywords":["engine"],)" \
  R"("required_capabilities":["research"]})"
#define SUBTASK                                                                          \
  R"("subtask":{"complexity":"simple","deliverable":"Notes","description":"Read both",)" \
  R"("estimated_minutes":5,"id":"t1","priority":"high","specialist":"data_researcher",)" \
  R"("success_criteria":["both read"],"title":"Read"})"
#define SOLUTION                                                             \
  R"("solution":{"confidence":0.85,"content":"A is small.\nB is \"big\".",)" \
  R"("key_findings":["A is small"],"summary":"Both read"})"
#define ORIGIN "{" SOLUTION R"(,"specialist":"data_researcher","subtask":"t1","title":"Read"})"
#define ANSWER                                                                       \
  R"({"confidence":0.7,"evidence":[{"confidence":0.9,"point":"A is small",)"         \
  R"("sources":["t1"]}],"executive_summary":"Take A","recommendations":["Take A"],)" \
  R"("sections":[{"content":"A is small","title":"Size"}]})"

// Changing any of these bytes parks every running task: add fields with defaults instead.
template <typename Input>
void expect_golden(const Input& input, std::string_view bytes) {
  EXPECT_EQ(encode(input).bytes, bytes);
  Input read;
  const Result<> ok = decode(Payload{std::string(bytes)}, read);
  ASSERT_TRUE(ok) << to_string(ok.error());
  EXPECT_EQ(encode(read).bytes, bytes);
}

TEST(Stages, AnalysisInputHasItsGoldenBytes) {
  expect_golden(AnalysisInput{kBrief, {}}, "{" TASK "}");
  expect_golden(AnalysisInput{kBrief, kRepair},
                R"({"repair":{"answer":"no JSON","error":"is not JSON"},)" TASK "}");
}

TEST(Stages, SelectionInputHasItsGoldenBytes) {
  expect_golden(SelectionInput{kBrief, kAnalysis, {}}, "{" ANALYSIS "," TASK "}");
}

TEST(Stages, DecompositionInputHasItsGoldenBytes) {
  const Specialist researcher = {.type = "data_researcher",
                                 .rationale = "reads",
                                 .score = {95},
                                 .priority = Priority::normal,
                                 .focus_areas = {"sources"}};
  expect_golden(DecompositionInput{kBrief, kAnalysis, {researcher}, {"Read"}, {}},
                "{" ANALYSIS
                R"(,"specialists":[{"focus_areas":["sources"],"rationale":"reads","score":0.95,)"
                R"("type":"data_researcher"}],)" TASK R"(,"wanted":["Read"]})");
}

TEST(Stages, ExecutionInputHasItsGoldenBytes) {
  const RevisionOrder order = {
      .verdict = Verdict::rejected,
      .feedback = "thin",
      .weaknesses = {},
      .requests = {"more"},
      .previous = {
          .summary = "s", .content = "c", .key_findings = {}, .sources = {}, .confidence = {}}};
  expect_golden(ExecutionInput{kBrief, kSubtask, {"sources"}, {kOrigin}, order, {}},
                R"({"focus_areas":["sources"],"results":[)" ORIGIN
                R"(],"revision":{"feedback":"thin","previous":{"content":"c","summary":"s"},)"
                R"("requests":["more"],"verdict":"rejected"},)" SUBTASK "," TASK "}");
}

TEST(Stages, ReviewInputHasItsGoldenBytes) {
  expect_golden(ReviewInput{kBrief, kSubtask, kSolution, {}},
                "{" SOLUTION "," SUBTASK "," TASK "}");
}

TEST(Stages, CoordinationInputHasItsGoldenBytes) {
  expect_golden(CoordinationInput{kBrief, {kOrigin}, {"Test"}, {}},
                R"({"missing":["Test"],"solutions":[)" ORIGIN "]," TASK "}");
}

TEST(Stages, SynthesisInputHasItsGoldenBytes) {
  const Findings findings = {.findings = {{"size", {"A is small"}, {"t1"}, {80}}},
                             .cross_references = {{"a", "b", Relationship::contradicts}},
                             .gaps = {"speed"},
                             .inconsistencies = {}};
  expect_golden(
      SynthesisInput{kBrief, findings, {kOrigin}, {}, AnswerRevision{"longer", {}, kAnswer}, {}},
      R"({"findings":{"cross_references":[{"finding_a":"a","finding_b":"b",)"
      R"("relationship":"contradicts"}],"findings":[{"confidence":0.8,)"
      R"("key_points":["A is small"],"sources":["t1"],"topic":"size"}],"gaps":["speed"]},)"
      R"("revision":{"feedback":"longer","previous":)" ANSWER R"(},"solutions":[)" ORIGIN "]," TASK
      "}");
}

TEST(Stages, FinalReviewInputHasItsGoldenBytes) {
  expect_golden(FinalReviewInput{kBrief, kAnswer, {}, {}}, R"({"answer":)" ANSWER "," TASK "}");
}

TEST(Stages, ModelAnswerHasItsGoldenBytes) {
  expect_golden(ModelAnswer{.text = "{}",
                            .provider = "offline",
                            .model = "rules-1",
                            .simulated = true,
                            .input_tokens = 10,
                            .output_tokens = 2},
                R"({"input_tokens":10,"model":"rules-1","output_tokens":2,"provider":"offline",)"
                R"("simulated":true,"text":"{}"})");
}

TEST(Stages, BenchStepHasItsGoldenBytes) {
  EXPECT_EQ(encode(BenchIndex{4294967295}).bytes, R"({"i":4294967295})");
  BenchIndex index;
  ASSERT_TRUE(decode(Payload{R"( { "i" : 7 } )"}, index));
  EXPECT_EQ(index.i, 7U);
}

TEST(Stages, BenchStepRefusesWhatItsCodecDoesNotWrite) {
  BenchIndex index;
  for (const char* bad : {"", "{", "{}", R"({"i":-1})", R"({"i":1.5})", R"({"i":01})", R"({"j":1})",
                          R"({"i":1}x)", R"({"i":4294967296})", R"({"i":"1"})"}) {
    const Result<> result = decode(Payload{bad}, index);
    ASSERT_FALSE(result) << bad;
    EXPECT_EQ(result.error().code, Errc::invalid_argument) << bad;
  }
}

}  // namespace
}  // namespace reprise
