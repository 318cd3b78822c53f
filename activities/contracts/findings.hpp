// Findings: the accepted solutions, ordered by topic and set against each other. Not an answer yet.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "activities/contracts/json_shape.hpp"

namespace reprise {

struct Finding {
  std::string topic;
  std::vector<std::string> key_points;
  std::vector<std::string> sources;
  Hundredths confidence;  // 0 to 1

  static void fields(auto& codec, auto& self) {
    codec("topic", self.topic, Text{.min = 1, .max = 500});
    codec("key_points", self.key_points, Items{.max = 50});
    codec("sources", self.sources,
          Items{.max = 50, .about = "Ids of subtasks or specialist types"});
    codec("confidence", self.confidence, Scale{.max = 100, .about = "From 0 to 1"});
  }
};

// Durable numbers.
enum class Relationship : std::uint8_t { supports = 1, contradicts = 2, complements = 3 };

constexpr auto enum_names(Relationship) {
  return std::array{EnumName{Relationship::supports, "supports"},
                    EnumName{Relationship::contradicts, "contradicts"},
                    EnumName{Relationship::complements, "complements"}};
}

struct CrossReference {
  std::string finding_a;
  std::string finding_b;
  Relationship relationship = Relationship::supports;

  static void fields(auto& codec, auto& self) {
    codec("finding_a", self.finding_a, Text{.min = 1, .max = 2000});
    codec("finding_b", self.finding_b, Text{.min = 1, .max = 2000});
    codec("relationship", self.relationship);
  }
};

struct Findings {
  std::vector<Finding> findings;
  std::vector<CrossReference> cross_references;
  std::vector<std::string> gaps;
  std::vector<std::string> inconsistencies;

  static void fields(auto& codec, auto& self) {
    codec("findings", self.findings, Items{.min = 1, .max = 50});
    codec("cross_references", self.cross_references, Items{.max = 50});
    codec("gaps", self.gaps, Items{.max = 50, .about = "What the task asks and nobody answered"});
    codec("inconsistencies", self.inconsistencies, Items{.max = 50});
  }
};

}  // namespace reprise
