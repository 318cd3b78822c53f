// The stages of a task as activity contracts: one question to a model each.
//
// Guarantees: the input is the stage's subject and nothing else: no ids of runs, no times, no
//             options of the user; prompts are rendered from it by the activity, so that a better
//             prompt changes no digest. `Answer` is the shape of the JSON that the model must give;
//             Output keeps the model's text.
// Units:      golden bytes of each input stand in stages_test.cpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "activities/contracts/analysis.hpp"
#include "activities/contracts/final_answer.hpp"
#include "activities/contracts/findings.hpp"
#include "activities/contracts/model_answer.hpp"
#include "activities/contracts/review.hpp"
#include "activities/contracts/solution.hpp"
#include "activities/contracts/specialist.hpp"
#include "activities/contracts/subtask.hpp"
#include "activities/contracts/task_request.hpp"
#include "engine/author/contract.hpp"

namespace reprise {

struct AnalysisInput {
  TaskBrief task;
  std::optional<Repair> repair;

  static void fields(auto& codec, auto& self) {
    codec("task", self.task);
    codec("repair", self.repair);
  }
};

struct AnalyzeTask {
  static constexpr std::string_view kName = "task.analyze";
  static constexpr std::string_view kStage = "analysis";
  static constexpr std::uint32_t kVersion = 1;
  static constexpr Reuse kReuse = Reuse::value;
  using Input = AnalysisInput;
  using Output = ModelAnswer;
  using Answer = Analysis;
};

struct SelectionInput {
  TaskBrief task;
  Analysis analysis;
  std::optional<Repair> repair;

  static void fields(auto& codec, auto& self) {
    codec("task", self.task);
    codec("analysis", self.analysis);
    codec("repair", self.repair);
  }
};

struct SelectSpecialists {
  static constexpr std::string_view kName = "task.select";
  static constexpr std::string_view kStage = "selection";
  static constexpr std::uint32_t kVersion = 1;
  static constexpr Reuse kReuse = Reuse::value;
  using Input = SelectionInput;
  using Output = ModelAnswer;
  using Answer = SpecialistSelection;
};

struct DecompositionInput {
  TaskBrief task;
  Analysis analysis;
  std::vector<Specialist> specialists;
  std::vector<std::string> wanted;  // titles that the user asked for
  std::optional<Repair> repair;

  static void fields(auto& codec, auto& self) {
    codec("task", self.task);
    codec("analysis", self.analysis);
    codec("specialists", self.specialists);
    codec("wanted", self.wanted);
    codec("repair", self.repair);
  }
};

struct DecomposeTask {
  static constexpr std::string_view kName = "task.decompose";
  static constexpr std::string_view kStage = "decomposition";
  static constexpr std::uint32_t kVersion = 1;
  static constexpr Reuse kReuse = Reuse::value;
  using Input = DecompositionInput;
  using Output = ModelAnswer;
  using Answer = Decomposition;
};

struct ExecutionInput {
  TaskBrief task;
  Subtask subtask;
  std::vector<std::string> focus_areas;  // of the specialist
  std::vector<SubtaskSolution> results;  // of the subtasks that this one depends on
  std::optional<RevisionOrder> revision;
  std::optional<Repair> repair;

  static void fields(auto& codec, auto& self) {
    codec("task", self.task);
    codec("subtask", self.subtask);
    codec("focus_areas", self.focus_areas);
    codec("results", self.results);
    codec("revision", self.revision);
    codec("repair", self.repair);
  }
};

struct ExecuteSubtask {
  static constexpr std::string_view kName = "task.execute";
  static constexpr std::string_view kStage = "execution";
  static constexpr std::uint32_t kVersion = 1;
  static constexpr Reuse kReuse = Reuse::value;
  using Input = ExecutionInput;
  using Output = ModelAnswer;
  using Answer = Solution;
};

struct ReviewInput {
  TaskBrief task;
  Subtask subtask;
  Solution solution;
  std::optional<Repair> repair;

  static void fields(auto& codec, auto& self) {
    codec("task", self.task);
    codec("subtask", self.subtask);
    codec("solution", self.solution);
    codec("repair", self.repair);
  }
};

struct ReviewSolution {
  static constexpr std::string_view kName = "task.review";
  static constexpr std::string_view kStage = "review";
  static constexpr std::uint32_t kVersion = 1;
  static constexpr Reuse kReuse = Reuse::value;
  using Input = ReviewInput;
  using Output = ModelAnswer;
  using Answer = Review;
};

struct CoordinationInput {
  TaskBrief task;
  std::vector<SubtaskSolution> solutions;
  std::vector<std::string> missing;  // titles of subtasks without an accepted solution
  std::optional<Repair> repair;

  static void fields(auto& codec, auto& self) {
    codec("task", self.task);
    codec("solutions", self.solutions);
    codec("missing", self.missing);
    codec("repair", self.repair);
  }
};

struct CoordinateFindings {
  static constexpr std::string_view kName = "task.coordinate";
  static constexpr std::string_view kStage = "coordination";
  static constexpr std::uint32_t kVersion = 1;
  static constexpr Reuse kReuse = Reuse::value;
  using Input = CoordinationInput;
  using Output = ModelAnswer;
  using Answer = Findings;
};

struct SynthesisInput {
  TaskBrief task;
  Findings findings;
  std::vector<SubtaskSolution> solutions;
  std::vector<std::string> missing;
  std::optional<AnswerRevision> revision;
  std::optional<Repair> repair;

  static void fields(auto& codec, auto& self) {
    codec("task", self.task);
    codec("findings", self.findings);
    codec("solutions", self.solutions);
    codec("missing", self.missing);
    codec("revision", self.revision);
    codec("repair", self.repair);
  }
};

struct SynthesizeAnswer {
  static constexpr std::string_view kName = "task.synthesize";
  static constexpr std::string_view kStage = "synthesis";
  static constexpr std::uint32_t kVersion = 1;
  static constexpr Reuse kReuse = Reuse::value;
  using Input = SynthesisInput;
  using Output = ModelAnswer;
  using Answer = FinalAnswer;
};

struct FinalReviewInput {
  TaskBrief task;
  FinalAnswer answer;
  std::vector<std::string> missing;
  std::optional<Repair> repair;

  static void fields(auto& codec, auto& self) {
    codec("task", self.task);
    codec("answer", self.answer);
    codec("missing", self.missing);
    codec("repair", self.repair);
  }
};

struct FinalReview {
  static constexpr std::string_view kName = "task.final_review";
  static constexpr std::string_view kStage = "final_review";
  static constexpr std::uint32_t kVersion = 1;
  static constexpr Reuse kReuse = Reuse::value;
  using Input = FinalReviewInput;
  using Output = ModelAnswer;
  using Answer = FinalVerdict;
};

}  // namespace reprise
