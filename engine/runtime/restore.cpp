#include "engine/runtime/restore.hpp"

#include <fmt/format.h>

#include "engine/runtime/recovery.hpp"
#include "engine/runtime/store_draft.hpp"
#include "storage/backup_folder.hpp"

namespace reprise {

Result<RestoreReport> restore_backup(const std::filesystem::path& backup,
                                     const std::filesystem::path& target, const Catalog& catalog) {
  RestoreReport report;
  Result<BackupManifest> manifest = read_backup_manifest(backup);
  if (!manifest) return std::unexpected(std::move(manifest.error()));
  report.backup = std::move(*manifest);
  Result<StoreDraft> draft = StoreDraft::begin(target);
  if (!draft) return std::unexpected(std::move(draft.error()));
  if (Result<> copied = copy_backup(backup, report.backup, draft->dir().root()); !copied)
    return std::unexpected(std::move(copied.error()));
  report.identity = {
      .id = new_store_id(),
      .origin = fmt::format("restored from backup {} of {}, made {}, to group {}",
                            report.backup.name, report.backup.store,
                            to_rfc3339(report.backup.created), report.backup.position.group)};
  Result<StoreReport> store = draft->finish(report.identity, report.backup.position, catalog);
  if (!store) return std::unexpected(std::move(store.error()));
  report.store = std::move(*store);
  return report;
}

Result<FloorMark> last_group_of(const EventLog& log, const std::optional<FloorMark>& floor) {
  const Result<GroupPosition> last = check_groups(log, floor);
  if (!last) return std::unexpected(last.error());
  return FloorMark{.group = last->number, .digest = last->hash};
}

}  // namespace reprise
