#include "engine/runtime/store_draft.hpp"

#include <fmt/format.h>

#include "storage/posix_file.hpp"

namespace reprise {
namespace {

namespace fs = std::filesystem;

Result<> write_identity(const fs::path& log_dir, const StoreIdentity& identity) {
  Result<std::unique_ptr<RocksDbLog>> log = RocksDbLog::open(log_dir);
  if (!log) return std::unexpected(std::move(log.error()));
  if (Result<> written = write_store_identity(**log, identity); !written) return written;
  return (*log)->flush();
}

Result<StoreReport> verify_draft(const DataDir& dir, const Catalog& catalog) {
  const Result<DurableFloor> floor = DurableFloor::open_read_only(dir.floor());
  if (!floor) return std::unexpected(floor.error());
  const Result<std::unique_ptr<RocksDbLog>> log = RocksDbLog::open_read_only(dir.log());
  if (!log) return std::unexpected(log.error());
  StoreReport report = verify_store(**log, catalog, floor->mark());
  if (report.faults.empty()) return report;
  return fail(Errc::corrupt,
              fmt::format("what was copied is not right, in {} places; the first: {}",
                          report.faults.size(), report.faults.front().detail));
}

}  // namespace

Result<StoreDraft> StoreDraft::begin(const fs::path& target) {
  std::error_code error;
  const fs::path absolute = fs::absolute(target, error).lexically_normal();
  const fs::path place = absolute.has_filename() ? absolute : absolute.parent_path();
  if (fs::exists(place, error) && !(fs::is_directory(place, error) && fs::is_empty(place, error)))
    return fail(Errc::already_exists,
                place.string() + " is there already: name a directory that is not, or is empty",
                "TARGET");
  DataDir dir(place.string() + ".unfinished");
  if (fs::exists(dir.root(), error))
    return fail(Errc::already_exists,
                dir.root().string() +
                    " is there, of an attempt that goes on or was interrupted: "
                    "remove it if nothing is writing there",
                "TARGET");
  if (Result<> made = create_directory_durably(dir.root()); !made)
    return std::unexpected(std::move(made.error()));
  return StoreDraft(place, std::move(dir));
}

StoreDraft::~StoreDraft() {
  if (target_.empty()) return;
  std::error_code ignored;  // what stays has a name that says what it is
  fs::remove_all(dir_.root(), ignored);
}

Result<StoreReport> StoreDraft::finish(const StoreIdentity& identity, const FloorMark& mark,
                                       const Catalog& catalog) {
  if (Result<> written = write_identity(dir_.log(), identity); !written)
    return std::unexpected(std::move(written.error()));
  if (Result<> set = DurableFloor::reset(dir_.floor(), mark); !set)
    return std::unexpected(std::move(set.error()));
  Result<StoreReport> report = verify_draft(dir_, catalog);
  if (!report) return report;
  for (const fs::path& path : {dir_.log(), dir_.root()})
    if (Result<> synced = sync_directory(path); !synced)
      return std::unexpected(std::move(synced.error()));
  std::error_code error;
  fs::rename(dir_.root(), target_, error);
  if (error) return fail(Errc::io, fmt::format("rename {}: {}", target_.string(), error.message()));
  const fs::path parent = target_.parent_path();
  target_.clear();
  if (Result<> synced = sync_directory(parent); !synced)
    return std::unexpected(std::move(synced.error()));
  return report;
}

}  // namespace reprise
