// Model activities: the bodies of the stages' contracts. One question to one provider each.
//
// Guarantees: the provider is the one that the command names (none: the default); never another.
//             One call an attempt: retries belong to the engine.
// Errors:     the provider's own; bad_input, unknown_provider and too_large are final.
#pragma once

#include "activities/model/providers.hpp"
#include "engine/runtime/activity.hpp"

namespace reprise {

// Adds the bodies of all eight contracts of activities/contracts/stages.hpp.
void register_model_activities(ActivityRegistry& registry, const ModelProviders& providers);

}  // namespace reprise
