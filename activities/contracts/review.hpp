// Review: the manager's judgement of one solution. What it means for the subtask (the verdict) is
// computed from the scores, not asked for.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "activities/contracts/json_shape.hpp"
#include "activities/contracts/solution.hpp"

namespace reprise {

// Each from 0 to 10, in hundredths.
struct ReviewScores {
  static constexpr std::int32_t kMax = 1000;

  Hundredths completeness;
  Hundredths accuracy;
  Hundredths relevance;
  Hundredths quality;

  static void fields(auto& codec, auto& self) {
    codec("completeness", self.completeness,
          Scale{.max = kMax, .about = "0 to 10: every requirement and the deliverable are there"});
    codec("accuracy", self.accuracy,
          Scale{.max = kMax, .about = "0 to 10: facts are right, reasoning holds"});
    codec("relevance", self.relevance,
          Scale{.max = kMax, .about = "0 to 10: on the subtask's subject, within its scope"});
    codec("quality", self.quality,
          Scale{.max = kMax, .about = "0 to 10: clear, structured, detailed, usable"});
  }
};

struct Review {
  std::vector<std::string> strengths;
  std::vector<std::string> weaknesses;
  ReviewScores scores;
  std::string feedback;
  std::vector<std::string> revision_requests;

  static void fields(auto& codec, auto& self) {
    codec("strengths", self.strengths, Items{.max = 20});
    codec("weaknesses", self.weaknesses, Items{.max = 20});
    codec("scores", self.scores);
    codec("feedback", self.feedback, Text{.max = 10'000});
    codec("revision_requests", self.revision_requests,
          Items{.max = 20, .about = "What exactly to change; empty when it is good"});
  }
};

// Durable numbers.
enum class Verdict : std::uint8_t { accepted = 1, needs_revision = 2, rejected = 3 };

constexpr auto enum_names(Verdict) {
  return std::array{EnumName{Verdict::accepted, "accepted"},
                    EnumName{Verdict::needs_revision, "needs_revision"},
                    EnumName{Verdict::rejected, "rejected"}};
}

// What a specialist is told when it works on a subtask once more.
struct RevisionOrder {
  Verdict verdict = Verdict::accepted;  // rejected: take another approach
  std::string feedback;
  std::vector<std::string> weaknesses;
  std::vector<std::string> requests;
  Solution previous;

  static void fields(auto& codec, auto& self) {
    codec("verdict", self.verdict);
    codec("feedback", self.feedback, Text{.max = 20'000});
    codec("weaknesses", self.weaknesses, Items{.max = 20});
    codec("requests", self.requests, Items{.max = 20});
    codec("previous", self.previous);
  }
};

}  // namespace reprise
