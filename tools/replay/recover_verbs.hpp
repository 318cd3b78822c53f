// The verbs that make a new store: from a backup, or from what is left of a damaged one.
//
// Thread: one; they block.
// Exit:   as in verbs.hpp. restore: 1 when the backup is damaged; nothing is at the target then.
//         salvage: 1 when something is lost; the rest is at the target.
#pragma once

#include <string>

#include "tools/replay/verbs.hpp"

namespace reprise {

int restore(const std::string& backup, const std::string& target, Output output);
// `data`: a server's data directory.
int salvage_store(const std::string& data, const std::string& target, Output output);

}  // namespace reprise
