// TaskRequest: what a user hands in. The input of the workflow type "task".
//
// Guarantees: decode() accepts what POST /tasks accepts and nothing else, so that a refused task
//             never starts. A field at its default is not encoded.
// Units:      title 1–500 and description at most 10,000 characters (code points).
// Errors:     invalid_argument; `field` is the path: "options.review_policy".
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "activities/contracts/json_shape.hpp"
#include "activities/contracts/priority.hpp"

namespace reprise {

struct TaskContext {
  static constexpr std::size_t kOtherBytesMax = 32U << 10U;

  std::string domain;
  std::string deadline;  // as the user wrote it
  std::vector<std::string> constraints;
  OtherMembers other;  // whatever else the user said, as JSON

  static void fields(auto& codec, auto& self) {
    codec("domain", self.domain, Text{.max = 200});
    codec("deadline", self.deadline, Text{.max = 100});
    codec("constraints", self.constraints, Items{.max = 50});
    codec.rest(self.other, kOtherBytesMax);
  }
};

// The part of a task that every stage is told.
struct TaskBrief {
  std::string title;
  std::string description;
  TaskContext context;

  static void fields(auto& codec, auto& self) {
    codec("title", self.title, Text{.min = 1, .max = 500});
    codec("description", self.description, Text{.max = 10'000});
    codec("context", self.context);
  }
};

// What happens when solutions are still not accepted after the last revision cycle. Durable numbers.
enum class ReviewPolicy : std::uint8_t {
  partial = 1,   // go on with what was accepted, and say what is missing
  fail = 2,      // the task fails
  escalate = 3,  // a human decides
};

constexpr auto enum_names(ReviewPolicy) {
  return std::array{EnumName{ReviewPolicy::partial, "partial"},
                    EnumName{ReviewPolicy::fail, "fail"},
                    EnumName{ReviewPolicy::escalate, "escalate"}};
}

struct TaskOptions {
  static constexpr std::uint32_t kParallelDefault = 4;

  ReviewPolicy review_policy = ReviewPolicy::partial;
  std::string provider;                           // empty: the default one
  std::uint32_t parallel_max = kParallelDefault;  // subtasks at once

  static void fields(auto& codec, auto& self) {
    codec("review_policy", self.review_policy);
    codec("provider", self.provider, Text{.max = 64});
    codec("parallel_max", self.parallel_max,
          Whole{.min = 1, .max = 20, .otherwise = kParallelDefault});
  }
};

struct TaskRequest {
  TaskBrief brief;  // its fields stand at the top level of the JSON
  Priority priority = Priority::normal;
  std::string user_id;
  std::vector<std::string> subtasks;  // titles that the user wants; empty: the manager decides
  TaskOptions options;

  static void fields(auto& codec, auto& self) {
    TaskBrief::fields(codec, self.brief);
    codec("priority", self.priority);
    codec("user_id", self.user_id, Text{.max = 255});
    codec("subtasks", self.subtasks, Items{.max = 20, .each = {.min = 1, .max = 500}});
    codec("options", self.options);
  }
};

}  // namespace reprise
