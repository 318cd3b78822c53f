#include "tools/replay/recover_verbs.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "engine/runtime/restore.hpp"
#include "engine/runtime/salvage.hpp"
#include "engine/runtime/store_draft.hpp"
#include "tools/replay/text.hpp"

namespace reprise {
namespace {

Json to_json(const StoreReport& store) {
  return {{"runs", store.runs},
          {"events", store.events},
          {"records", store.records},
          {"groups", store.groups},
          {"bytes", store.bytes}};
}

Json to_json(const std::vector<DamagedRun>& runs) {
  Json list = Json::array();
  for (const DamagedRun& run : runs)
    list.push_back({{"run_id", to_string(run.run)},
                    {"workflow_id", run.workflow.text()},
                    {"last_good", run.last_good.value()},
                    {"reason", run.reason}});
  return list;
}

std::string named(const DamagedRun& run) {
  return run.workflow.text().empty() ? to_string(run.run)
                                     : fmt::format("{} of {}", run.run, run.workflow.text());
}

struct Salvaged {
  SalvageReport report;
  StoreIdentity identity;
};

Result<Salvaged> salvaged(const Stored& stored, const std::string& target) {
  Result<StoreDraft> draft = StoreDraft::begin(target);
  if (!draft) return std::unexpected(std::move(draft.error()));
  Salvaged made;
  const auto source = read_store_identity(*stored.log);
  made.identity = {
      .id = new_store_id(),
      .origin = fmt::format("salvaged from {} at {}",
                            source && *source ? (*source)->id : "a store without an id",
                            to_rfc3339(system_clock().utc()))};
  {
    Result<std::unique_ptr<RocksDbLog>> log = RocksDbLog::open(draft->dir().log());
    if (!log) return std::unexpected(std::move(log.error()));
    Result<SalvageReport> report =
        salvage(*stored.log, stored.floor, stored.catalog, **log, system_clock().utc());
    if (!report) return std::unexpected(std::move(report.error()));
    made.report = std::move(*report);
  }
  const GroupPosition& last = made.report.position;
  const auto finished = draft->finish(made.identity, {last.number, last.hash}, stored.catalog);
  if (!finished) return std::unexpected(finished.error());
  return made;
}

void print_text(const SalvageReport& report) {
  for (const DamagedRun& run : report.runs_lost)
    fmt::print("lost: {}: {}\n", named(run), run.reason);
  for (const DamagedRun& run : report.runs_cut)
    fmt::print("cut behind event {}: {}: {}\n", run.last_good, named(run), run.reason);
  if (report.groups_missing > 0)
    fmt::print(
        "missing: {}, each of which may have held the end of a run that seems whole, or all "
        "of one\n",
        counted(report.groups_missing, "group"));
  if (report.places_unreadable > 0)
    fmt::print("unreadable: {} in the tables\n", counted(report.places_unreadable, "place"));
}

}  // namespace

int restore(const std::string& backup, const std::string& target, Output output) {
  Catalog catalog;
  register_all_types(catalog);
  const Result<RestoreReport> done = restore_backup(backup, target, catalog);
  if (!done && done.error().code == Errc::corrupt) {
    fmt::print(stderr, "not restored: {}\n", words_of(done.error()));
    return kExitFault;
  }
  if (!done) return unreadable(done.error());
  const BackupManifest& from = done->backup;
  if (output == Output::json) {
    print_json({{"backup", from.name},
                {"created_at", to_rfc3339(from.created)},
                {"from_store_id", from.store},
                {"group", from.position.group.value()},
                {"store_id", done->identity.id},
                {"verified", to_json(done->store)}});
    return kExitOk;
  }
  fmt::print("restored {} to {}: as it was at {}, up to group {}\n", from.name, target,
             to_rfc3339(from.created), from.position.group);
  fmt::print("verified: {}, {}, {}\n", counted(done->store.runs, "run"),
             counted(done->store.events, "event"), counted(done->store.groups, "group"));
  fmt::print("it is a new store, {}; the backup was of {}\n", done->identity.id, from.store);
  return kExitOk;
}

int salvage_store(const std::string& data, const std::string& target, Output output) {
  const Result<Stored> stored = Stored::open(data, Stored::Damage::read_around);
  if (!stored) return unreadable(stored.error());
  const Result<Salvaged> done = salvaged(*stored, target);
  if (!done) return unreadable(done.error());
  const SalvageReport& report = done->report;
  if (output == Output::json) {
    print_json({{"store_id", done->identity.id},
                {"group", report.position.number.value()},
                {"runs_whole", report.runs_whole},
                {"runs_cut", to_json(report.runs_cut)},
                {"runs_lost", to_json(report.runs_lost)},
                {"groups_missing", report.groups_missing},
                {"places_unreadable", report.places_unreadable}});
  } else {
    print_text(report);
    fmt::print("{} in {}: {} whole, {} cut, {} lost\n", done->identity.id, target,
               counted(report.runs_whole, "run"), report.runs_cut.size(), report.runs_lost.size());
  }
  return report.is_all_whole() ? kExitOk : kExitFault;
}

}  // namespace reprise
