#include "engine/runtime/verify.hpp"

#include <fmt/format.h>

#include <set>

#include "engine/core/group.hpp"
#include "engine/core/history_checker.hpp"
#include "engine/core/rows.hpp"
#include "engine/core/run.hpp"
#include "engine/reads/log_answers.hpp"
#include "engine/runtime/log_reads.hpp"
#include "engine/runtime/recovery.hpp"

namespace reprise {
namespace {

constexpr std::size_t kSliceBytes = 4U << 20U;
constexpr std::size_t kRowsPerRead = 1000;

Error at(const RunId& run, const Error& error) {
  return {error.code, to_string(run) + ": " + error.detail, error.field};
}

Result<> check_view_row(const EventLog& log, const Catalog& catalog,
                        const HistoryChecker& checker) {
  const RunView folded = checker.view();
  Result<std::optional<std::string>> row =
      log.get(Table::view, view_key(folded.workflow, folded.run));
  if (!row) return std::unexpected(row.error());
  if (!*row) return fail(Errc::corrupt, to_string(folded.run) + ": it has no view row");
  Result<RunView> stored = decode_view(**row);
  if (!stored) return std::unexpected(at(folded.run, stored.error()));
  const bool known = catalog.find(folded.type) != nullptr;
  if (stored->status != folded.status ||
      (known && stored->fold_version == folded.fold_version && stored->custom != folded.custom))
    return fail(Errc::corrupt, to_string(folded.run) + ": its view is not the fold of its history");
  return {};
}

Result<std::set<RunId>> deleted_runs(const EventLog& log) {
  std::set<RunId> runs;
  ScanRange range{.limit = kRowsPerRead};
  for (;;) {
    const Result<std::vector<KeyValue>> rows = log.scan(Table::deleted, range);
    if (!rows) return std::unexpected(rows.error());
    for (const KeyValue& row : *rows) {
      const Result<DeletedRow> deleted = decode_deleted_row(row.value);
      if (!deleted) return std::unexpected(deleted.error());
      runs.insert(RunId::from_bytes(row.key));
    }
    if (rows->size() < kRowsPerRead) return runs;
    range.from = rows->back().key + '\0';
  }
}

// Each record that a group names, with its hash; how many of them are not of deleted runs.
Result<std::uint64_t> check_group_entries(const EventLog& log, const std::set<RunId>& deleted,
                                          std::string_view bytes) {
  Result<DecodedGroup> group = decode_group(bytes);
  if (!group) return std::unexpected(group.error());
  std::uint64_t found = 0;
  for (const GroupEntry& entry : group->group.entries) {
    if (deleted.contains(entry.run)) continue;
    ++found;
    Result<std::optional<std::string>> record =
        log.get(Table::record, record_key(entry.run, entry.first));
    if (!record) return std::unexpected(record.error());
    if (!*record)
      return fail(Errc::corrupt,
                  fmt::format("{}: the record of event {} is missing", entry.run, entry.first));
    if (!(*record)->ends_with(entry.record_hash.view()))
      return fail(Errc::corrupt, fmt::format("{}: the record of event {} is not the one that was "
                                             "written",
                                             entry.run, entry.first));
  }
  return found;
}

std::uint64_t check_all_groups(const EventLog& log, StoreReport& report) {
  std::uint64_t records = 0;
  const Result<std::set<RunId>> deleted = deleted_runs(log);
  if (!deleted) {
    report.faults.push_back(deleted.error());
    return records;
  }
  report.runs_deleted = deleted->size();
  ScanRange range{.limit = kRowsPerRead};
  for (;;) {
    Result<std::vector<KeyValue>> rows = log.scan(Table::group, range);
    if (!rows) {
      report.faults.push_back(rows.error());
      return records;
    }
    for (const KeyValue& row : *rows) {
      ++report.groups;
      Result<std::uint64_t> entries = check_group_entries(log, *deleted, row.value);
      if (entries)
        records += *entries;
      else
        report.faults.push_back(entries.error());
    }
    if (rows->size() < kRowsPerRead) return records;
    range.from = rows->back().key + '\0';
  }
}

}  // namespace

Result<RunReport> verify_run(const EventLog& log, const Catalog& catalog, const RunId& run) {
  HistoryChecker checker(catalog, run);
  for (Sequence from(1);;) {
    Result<std::vector<StoredRecord>> stored = log.read_records(run, from, kSliceBytes);
    if (!stored) return std::unexpected(at(run, stored.error()));
    if (stored->empty() || stored->back().first < from) break;  // the last one again: the end
    for (StoredRecord& record : *stored) {
      const std::size_t bytes = record.bytes.size();
      Result<DecodedRecord> decoded = read_record(log, run, std::move(record));
      if (!decoded) return std::unexpected(at(run, decoded.error()));
      if (Result<> ok = checker.take(*decoded, bytes); !ok)
        return std::unexpected(at(run, ok.error()));
    }
    from = checker.state().last().next();
  }
  if (checker.empty()) return fail(Errc::not_found, "there is no run " + to_string(run), "run");
  if (Result<> ok = check_view_row(log, catalog, checker); !ok) return std::unexpected(ok.error());
  const RunState& state = checker.state();
  return RunReport{.run = run,
                   .workflow = state.started()->workflow,
                   .type = state.started()->type,
                   .status = state.status(),
                   .events = state.last().value(),
                   .records = checker.records(),
                   .bytes = checker.bytes()};
}

Result<> for_each_run(const EventLog& log,
                      const std::function<void(const WorkflowId&, const RunId&)>& visit) {
  ScanRange range{.limit = kRowsPerRead};
  for (;;) {
    Result<std::vector<KeyValue>> rows = log.scan(Table::view, range);
    if (!rows) return std::unexpected(rows.error());
    for (const KeyValue& row : *rows) {
      if (row.key.size() <= RunId::kBytes + 1)
        return fail(Errc::corrupt, "a view row with a cut key");
      const std::size_t id_bytes = row.key.size() - RunId::kBytes - 1;
      visit(WorkflowId(row.key.substr(0, id_bytes)),
            RunId::from_bytes(std::string_view(row.key).substr(id_bytes + 1)));
    }
    if (rows->size() < kRowsPerRead) return {};
    range.from = rows->back().key + '\0';
  }
}

StoreReport verify_store(const EventLog& log, const Catalog& catalog,
                         const std::optional<FloorMark>& floor,
                         const std::function<void(const RunReport&)>& each) {
  StoreReport report;
  if (Result<GroupPosition> tail = check_groups(log, {}); !tail)
    report.faults.push_back(tail.error());
  if (Result<GroupPosition> tail = check_groups(log, floor); !tail)
    report.faults.push_back(tail.error());
  const std::uint64_t records_in_groups = check_all_groups(log, report);
  Result<> walked = for_each_run(log, [&](const WorkflowId&, const RunId& run) {
    Result<RunReport> one = verify_run(log, catalog, run);
    if (!one) {
      report.faults.push_back(one.error());
      return;
    }
    ++report.runs;
    report.events += one->events;
    report.records += one->records;
    report.bytes += one->bytes;
    if (each) each(*one);
  });
  if (!walked) report.faults.push_back(walked.error());
  if (report.faults.empty() && records_in_groups != report.records)
    report.faults.push_back({Errc::corrupt,
                             fmt::format("the groups name {} records, the histories hold {}",
                                         records_in_groups, report.records),
                             {}});
  return report;
}

Result<ReplayReport> replay_run(const EventLog& log, const Catalog& catalog, const RunId& id) {
  Run run(catalog, id, "replay");
  ReplayReport report;
  report.run.run = id;
  for (Sequence from(1);;) {
    Result<std::vector<StoredRecord>> stored = log.read_records(id, from, kSliceBytes);
    if (!stored) return std::unexpected(stored.error());
    if (stored->empty() || stored->back().first < from) break;  // the last one again: the end
    for (StoredRecord& record : *stored) {
      report.run.records += 1;
      report.run.bytes += record.bytes.size();
      Result<LoadedRecord> whole = with_blobs(log, id, std::move(record));
      if (!whole) return std::unexpected(whole.error());
      const auto blob = [&](const Digest& digest) { return whole->blob(digest); };
      if (Result<> ok = run.replay(whole->bytes, blob); !ok)
        return std::unexpected(at(id, ok.error()));
      from = run.state().last().next();
    }
  }
  if (!run.state().started())
    return fail(Errc::not_found, "there is no run " + to_string(id), "run");
  report.run.workflow = run.state().started()->workflow;
  report.run.type = run.state().started()->type;
  report.run.status = run.state().status();
  report.run.events = run.state().last().value();
  report.activations = run.activations();
  if (run.parked()) report.difference = *run.parked();
  return report;
}

}  // namespace reprise
