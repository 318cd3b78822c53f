// A human's decision about a task that cannot go on by itself: the signal "approve".
//
// Guarantees: waits as long as it takes; a signal that is no decision changes nothing and is noted.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "activities/contracts/json_shape.hpp"
#include "engine/author/workflow.hpp"

namespace reprise {

inline constexpr std::string_view kApproveSignal = "approve";

struct HumanDecision {
  enum class Kind : std::uint8_t { accept = 1, retry = 2, reject = 3 };

  Kind decision = Kind::accept;
  std::string comment;

  static void fields(auto& codec, auto& self) {
    codec("decision", self.decision);
    codec("comment", self.comment, Text{.max = 2000});
  }
};

constexpr auto enum_names(HumanDecision::Kind) {
  return std::array{EnumName{HumanDecision::Kind::accept, "accept"},
                    EnumName{HumanDecision::Kind::retry, "retry"},
                    EnumName{HumanDecision::Kind::reject, "reject"}};
}

// A decision must be named: there is no default answer to a question put to a human.
Result<HumanDecision> read_decision(const Payload& payload);

Workflow<HumanDecision> ask_human(Context ctx, std::string reason);

}  // namespace reprise
