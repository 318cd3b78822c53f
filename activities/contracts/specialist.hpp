// Specialist: a kind of agent chosen for a task, and why. SpecialistType: what there is to choose.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "activities/contracts/json_shape.hpp"
#include "activities/contracts/priority.hpp"

namespace reprise {

struct Specialist {
  std::string type;
  std::string rationale;
  Hundredths score;  // relevance for the task, 0 to 1
  Priority priority = Priority::normal;
  std::vector<std::string> focus_areas;

  static void fields(auto& codec, auto& self) {
    codec("type", self.type, Text{.min = 1, .max = 64, .about = "One of the specialist types"});
    codec("rationale", self.rationale, Text{.max = 2000, .about = "Why this specialist"});
    codec("score", self.score, Scale{.max = 100, .about = "Relevance, from 0 to 1"});
    codec("priority", self.priority, About{"How much depends on this specialist"});
    codec("focus_areas", self.focus_areas,
          Items{.max = 20, .each = {.min = 1, .max = 200}, .about = "What this one looks at"});
  }
};

// The manager's answer: the types it looked at, scored.
struct SpecialistSelection {
  std::vector<Specialist> specialists;

  static void fields(auto& codec, auto& self) {
    codec("specialists", self.specialists, Items{.min = 1, .max = 30});
  }
};

struct SpecialistType {
  std::string_view name;
  std::string_view role;
  std::span<const std::string_view> capabilities;
  bool takes_subtasks = true;  // false: leads, coordinates or writes the answer
};

inline constexpr std::string_view kGeneralist = "generalist";

// The built-in types, in a fixed order.
std::span<const SpecialistType> specialist_types();

// Null when there is no such type.
const SpecialistType* find_specialist_type(std::string_view name);

}  // namespace reprise
