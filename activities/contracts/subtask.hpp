// Subtask: one specialist's part of a task.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "activities/contracts/analysis.hpp"
#include "activities/contracts/json_shape.hpp"
#include "activities/contracts/priority.hpp"

namespace reprise {

struct Subtask {
  std::string id;
  std::string title;
  std::string description;
  std::string specialist;
  std::string deliverable;
  std::vector<std::string> dependencies;  // ids
  Priority priority = Priority::normal;
  Complexity complexity = Complexity::moderate;
  std::vector<std::string> success_criteria;
  std::uint32_t estimated_minutes = 0;

  static void fields(auto& codec, auto& self) {
    codec("id", self.id, Text{.min = 1, .max = 64, .about = "Short and unique: t1, t2"});
    codec("title", self.title, Text{.min = 1, .max = 500});
    codec("description", self.description, Text{.min = 1, .max = 10'000});
    codec("specialist", self.specialist,
          Text{.min = 1, .max = 64, .about = "The type of one of the chosen specialists"});
    codec("deliverable", self.deliverable, Text{.max = 2000, .about = "What is handed back"});
    codec("dependencies", self.dependencies,
          Items{.max = 20,
                .each = {.min = 1, .max = 64},
                .about = "Ids of subtasks whose results this one needs; as few as possible"});
    codec("priority", self.priority);
    codec("complexity", self.complexity);
    codec("success_criteria", self.success_criteria, Items{.max = 20});
    codec("estimated_minutes", self.estimated_minutes, Whole{.max = 100'000});
  }
};

// The manager's answer: the parts of the task.
struct Decomposition {
  std::vector<Subtask> subtasks;

  static void fields(auto& codec, auto& self) {
    codec("subtasks", self.subtasks, Items{.min = 1, .max = 50});
  }
};

}  // namespace reprise
