// The workflow type "reprise.callback": tells a receiver that a run has ended, until it has heard it.
//
// Guarantees: at least once, within three days; then it fails, and says why.
#pragma once

#include "activities/contracts/callback.hpp"
#include "engine/author/workflow.hpp"
#include "engine/core/catalog.hpp"

namespace reprise {

Workflow<CallbackAnswer> call_back(Context ctx, CallbackInput input);

void register_callback(Catalog& catalog);

}  // namespace reprise
