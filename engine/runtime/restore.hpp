// Restore: a new store from a backup.
//
// Guarantees: every byte is checked against the manifest, then the copy is verified as a store is;
//             only then it stands at the target. The backup is not changed. The new store has an id of
//             its own and remembers where it comes from.
// Thread:     blocks; a tool's.
// Errors:     not_found (no backup there), already_exists (the target), corrupt (the damaged file by
//             name, or what is not right), unsupported (a newer build's backup), io.
#pragma once

#include <filesystem>

#include "base/result.hpp"
#include "engine/runtime/verify.hpp"
#include "storage/backup_manifest.hpp"
#include "storage/store_identity.hpp"

namespace reprise {

struct RestoreReport {
  BackupManifest backup;
  StoreIdentity identity;  // the new store's
  StoreReport store;
};

Result<RestoreReport> restore_backup(const std::filesystem::path& backup,
                                     const std::filesystem::path& target, const Catalog& catalog);

// For BackupPlan: the last group of a copied log, whose chain is walked from `floor` on.
Result<FloorMark> last_group_of(const EventLog& log, const std::optional<FloorMark>& floor);

}  // namespace reprise
