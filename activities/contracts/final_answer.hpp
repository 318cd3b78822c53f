// FinalAnswer: what the user gets, as the analyst wrote it; and the manager's verdict on it.
#pragma once

#include <string>
#include <vector>

#include "activities/contracts/json_shape.hpp"

namespace reprise {

struct AnswerSection {
  std::string title;
  std::string content;

  static void fields(auto& codec, auto& self) {
    codec("title", self.title, Text{.min = 1, .max = 500});
    codec("content", self.content, Text{.min = 1});
  }
};

struct Evidence {
  std::string point;
  std::vector<std::string> sources;
  Hundredths confidence;  // 0 to 1

  static void fields(auto& codec, auto& self) {
    codec("point", self.point, Text{.min = 1, .max = 4000});
    codec("sources", self.sources, Items{.max = 50, .about = "Specialists and their sources"});
    codec("confidence", self.confidence, Scale{.max = 100, .about = "From 0 to 1"});
  }
};

struct FinalAnswer {
  std::string executive_summary;
  std::vector<AnswerSection> sections;
  std::vector<std::string> key_insights;
  std::vector<std::string> recommendations;
  std::vector<Evidence> evidence;
  std::vector<std::string> limitations;
  Hundredths confidence;  // 0 to 1

  static void fields(auto& codec, auto& self) {
    codec("executive_summary", self.executive_summary,
          Text{.min = 1, .max = 10'000, .about = "Two or three paragraphs that stand alone"});
    codec("sections", self.sections, Items{.min = 1, .max = 30});
    codec("key_insights", self.key_insights, Items{.max = 50});
    codec("recommendations", self.recommendations, Items{.max = 50});
    codec("evidence", self.evidence, Items{.max = 50});
    codec("limitations", self.limitations, Items{.max = 50});
    codec("confidence", self.confidence, Scale{.max = 100, .about = "From 0 to 1"});
  }
};

struct FinalVerdict {
  std::string feedback;
  std::vector<std::string> revision_requests;
  bool approved = false;

  static void fields(auto& codec, auto& self) {
    codec("feedback", self.feedback, Text{.max = 10'000});
    codec("revision_requests", self.revision_requests,
          Items{.max = 20, .about = "What exactly to change; empty when approved"});
    codec("approved", self.approved, About{"May it go to the user as it is?"});
  }
};

// What the analyst is told when the answer came back.
struct AnswerRevision {
  std::string feedback;
  std::vector<std::string> requests;
  FinalAnswer previous;

  static void fields(auto& codec, auto& self) {
    codec("feedback", self.feedback, Text{.max = 20'000});
    codec("requests", self.requests, Items{.max = 20});
    codec("previous", self.previous);
  }
};

}  // namespace reprise
