// Prompts: what a model is told at each stage.
//
// Guarantees: the system text is ours alone; everything that a user or a model wrote stands in the
//             messages, between marks that the text itself cannot contain, and the system text says
//             that it is material and no instruction. A repair shows the model its earlier answer
//             and what was wrong with it. Rendered from the stage's input only: the same bytes for
//             the same input.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "activities/contracts/stages.hpp"
#include "activities/model/provider.hpp"

namespace reprise {

struct Prompt {
  std::string system;
  std::vector<ModelMessage> messages;
};

Prompt render(const AnalysisInput& input);
Prompt render(const SelectionInput& input);
Prompt render(const DecompositionInput& input);
Prompt render(const ExecutionInput& input);
Prompt render(const ReviewInput& input);
Prompt render(const CoordinationInput& input);
Prompt render(const SynthesisInput& input);
Prompt render(const FinalReviewInput& input);

}  // namespace reprise
