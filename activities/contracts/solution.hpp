// Solution: what a specialist handed back for a subtask.
#pragma once

#include <string>
#include <vector>

#include "activities/contracts/json_shape.hpp"

namespace reprise {

struct Solution {
  std::string summary;
  std::string content;
  std::vector<std::string> key_findings;
  std::vector<std::string> sources;
  Hundredths confidence;  // 0 to 1

  static void fields(auto& codec, auto& self) {
    codec("summary", self.summary, Text{.min = 1, .max = 2000, .about = "A few sentences"});
    codec("content", self.content, Text{.min = 1, .about = "The deliverable itself, in full"});
    codec("key_findings", self.key_findings, Items{.max = 50});
    codec("sources", self.sources,
          Items{.max = 50, .about = "What it rests on; empty when nothing can be named"});
    codec("confidence", self.confidence, Scale{.max = 100, .about = "From 0 to 1"});
  }
};

// A solution with its origin, as later stages and dependent subtasks are told it.
struct SubtaskSolution {
  std::string subtask;  // id
  std::string title;
  std::string specialist;
  Solution solution;

  static void fields(auto& codec, auto& self) {
    codec("subtask", self.subtask, Text{.min = 1, .max = 64});
    codec("title", self.title, Text{.max = 500});
    codec("specialist", self.specialist, Text{.max = 64});
    codec("solution", self.solution);
  }
};

}  // namespace reprise
