// The model providers of a server: those that the environment configures, and `offline`.
//
// Guarantees: `offline` is the default only when it is named or nothing else is configured; a name
//             that is not there is refused at the start, not at the first task. No key is logged.
// Errors:     invalid_argument (a variable, or the name), io (the offline call log, certificates).
#pragma once

#include "activities/model/providers.hpp"
#include "base/result.hpp"
#include "storage/data_dir.hpp"
#include "tools/reprise/command_line.hpp"

namespace reprise::cli {

Result<ModelProviders> make_providers(const Serve& options, const DataDir& data);

}  // namespace reprise::cli
