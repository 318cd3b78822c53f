// DirectedProvider: the offline rules, except where a test directs otherwise.
//
// Guarantees: its own name, "directed": a task has to ask for it. Stateless, so that it answers a
//             question after a crash as it did before.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "activities/model/provider.hpp"

namespace reprise::testing {

// The answer to this request; nothing: what the offline rules say.
using Direction = std::function<std::optional<ModelOutcome>(const ModelRequest&)>;

std::shared_ptr<ModelProvider> directed_provider(Direction direction);

}  // namespace reprise::testing
