// Which model providers the environment configures.
//
//     provider   is there with       base URL              model
//     anthropic  ANTHROPIC_API_KEY   ANTHROPIC_BASE_URL    REPRISE_ANTHROPIC_MODEL
//     openai     OPENAI_API_KEY      OPENAI_BASE_URL       REPRISE_OPENAI_MODEL
// REPRISE_ANTHROPIC_OUTPUT and REPRISE_OPENAI_OUTPUT name a StructuredOutput ("json_object") for
// servers that refuse the default. A variable that is set to nothing counts as not set.
//
// Guarantees: the set's default is the first of the table that is configured; it is empty when none
//             is, so that whoever adds the embedded provider last makes it the default then only.
// Errors:     invalid_argument, with the variable as the field; never a key.
#pragma once

#include <functional>

#include "activities/providers/provider_options.hpp"
#include "activities/providers/provider_set.hpp"
#include "base/result.hpp"

namespace reprise {

// As std::getenv: null when the variable is not set.
using Environment = std::function<const char*(const char* name)>;

Result<ProviderSet> providers_from_environment(const Environment& environment);

// The parts, for whoever adds settings of their own: nothing when there is no key.
Result<std::optional<ProviderOptions>> anthropic_from_environment(const Environment& environment);
Result<std::optional<ProviderOptions>> openai_from_environment(const Environment& environment);

}  // namespace reprise
