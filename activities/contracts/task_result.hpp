// TaskResult: the result of the workflow type "task".
//
// Guarantees: says what is missing and whether a stand-in answered; no partial result looks whole.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "activities/contracts/final_answer.hpp"
#include "activities/contracts/json_shape.hpp"

namespace reprise {

// Durable numbers.
enum class Completion : std::uint8_t { full = 1, partial = 2 };

constexpr auto enum_names(Completion) {
  return std::array{EnumName{Completion::full, "full"}, EnumName{Completion::partial, "partial"}};
}

// How a subtask ended. Durable numbers.
enum class SubtaskStatus : std::uint8_t {
  accepted = 1,
  not_accepted = 2,  // it has a solution that the review did not accept
  failed = 3,        // it has none
};

constexpr auto enum_names(SubtaskStatus) {
  return std::array{EnumName{SubtaskStatus::accepted, "accepted"},
                    EnumName{SubtaskStatus::not_accepted, "not_accepted"},
                    EnumName{SubtaskStatus::failed, "failed"}};
}

struct SubtaskResult {
  std::string id;
  std::string title;
  std::string specialist;
  SubtaskStatus status = SubtaskStatus::accepted;
  Hundredths score;     // 0 to 10; 0 when it was never reviewed
  std::string summary;  // of its solution
  std::string problem;  // why it failed or was not accepted

  static void fields(auto& codec, auto& self) {
    codec("id", self.id);
    codec("title", self.title);
    codec("specialist", self.specialist);
    codec("status", self.status);
    codec("score", self.score, Scale{.max = 1000});
    codec("summary", self.summary);
    codec("problem", self.problem);
  }
};

struct ModelUsage {
  std::uint64_t calls = 0;
  std::uint64_t input_tokens = 0;
  std::uint64_t output_tokens = 0;
  bool simulated = false;  // at least one answer came from the embedded stand-in

  static void fields(auto& codec, auto& self) {
    codec("calls", self.calls);
    codec("input_tokens", self.input_tokens);
    codec("output_tokens", self.output_tokens);
    codec("simulated", self.simulated);
  }
};

struct TaskResult {
  std::string final_answer;  // the whole answer as Markdown
  FinalAnswer answer;        // the same in parts; its fields stand at the top level of the JSON
  Completion completion = Completion::full;
  std::vector<std::string> missing;  // titles of the subtasks that the answer does without
  bool approved = true;              // by the final review, or by a human
  std::vector<std::string> sources;
  std::vector<SubtaskResult> subtasks;
  ModelUsage usage;

  static void fields(auto& codec, auto& self) {
    FinalAnswer::fields(codec, self.answer);
    codec("final_answer", self.final_answer, Text{.max = 2'000'000});
    codec("completion", self.completion);
    codec("missing", self.missing);
    codec("approved", self.approved);
    codec("sources", self.sources, Items{.max = 1000});
    codec("subtasks", self.subtasks);
    codec("usage", self.usage);
  }
};

// All of it, defaults included: for people and programs that read the result.
Payload encode(const TaskResult& result);

// The answer as Markdown, with its limitations and what is missing.
std::string to_markdown(const FinalAnswer& answer, const std::vector<std::string>& missing);

}  // namespace reprise
