// StageRules: an answer to each stage by rules alone, in the stage's own shape.
//
// Guarantees: deterministic; made of the input's own words and of phrases that say what they are; no
//             claim about the world. The same rules judge a solution as would judge any other, so
//             that all three verdicts happen.
#pragma once

#include "activities/contracts/stages.hpp"

namespace reprise::offline {

Analysis answer(const AnalysisInput& input);
SpecialistSelection answer(const SelectionInput& input);
Decomposition answer(const DecompositionInput& input);
Solution answer(const ExecutionInput& input);
Review answer(const ReviewInput& input);
Findings answer(const CoordinationInput& input);
FinalAnswer answer(const SynthesisInput& input);
FinalVerdict answer(const FinalReviewInput& input);

}  // namespace reprise::offline
