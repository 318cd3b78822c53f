// Analysis: what the manager made out of a task before anyone works on it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "activities/contracts/json_shape.hpp"

namespace reprise {

// Durable numbers.
enum class Complexity : std::uint8_t { simple = 1, moderate = 2, complex = 3 };

constexpr auto enum_names(Complexity) {
  return std::array{EnumName{Complexity::moderate, "moderate"},
                    EnumName{Complexity::simple, "simple"},
                    EnumName{Complexity::complex, "complex"}};
}

struct Analysis {
  std::string domain;
  std::vector<std::string> keywords;
  std::vector<std::string> required_capabilities;
  Complexity complexity = Complexity::moderate;
  std::vector<std::string> constraints;

  static void fields(auto& codec, auto& self) {
    codec("domain", self.domain,
          Text{.min = 1, .max = 200, .about = "The field, in a word or two"});
    codec("keywords", self.keywords,
          Items{.max = 30, .each = {.min = 1, .max = 100}, .about = "The task's own terms"});
    codec("required_capabilities", self.required_capabilities,
          Items{.max = 20,
                .each = {.min = 1, .max = 100},
                .about = "From the list of capabilities; a new name only if none fits"});
    codec("complexity", self.complexity, About{"How much work it takes"});
    codec("constraints", self.constraints,
          Items{.max = 50, .about = "What the answer must keep to"});
  }
};

}  // namespace reprise
