#include "engine/runtime/log_reads.hpp"

#include <algorithm>

#include "engine/reads/log_answers.hpp"

namespace reprise {
namespace {

constexpr std::size_t kReadBytes = 1U << 20U;
constexpr std::size_t kViewsPerRead = 256;

// What a read of many pieces asks before the next one.
Result<> may_go_on(const std::stop_token& stop) {
  if (stop.stop_requested()) return fail(Errc::unavailable, "the server is stopping");
  return {};
}

Result<RunView> refolded(const EventLog& log, const WorkflowType& type, const RunId& run,
                         const std::stop_token& stop) {
  RunViewFolder folder(run, &type.view);
  for (Sequence from(1);;) {
    if (Result<> ok = may_go_on(stop); !ok) return std::unexpected(std::move(ok.error()));
    Result<std::vector<DecodedRecord>> records = read_history(log, run, from, kReadBytes);
    if (!records) return std::unexpected(records.error());
    if (records->empty()) return folder.view();
    for (const DecodedRecord& record : *records)
      for (const Event& event : record.record.events) folder.apply(event);
    from = records->back().record.events.back().sequence.next();
  }
}

Result<RunView> current(const EventLog& log, const Catalog& catalog, std::string_view bytes,
                        const std::stop_token& stop) {
  Result<RunView> view = decode_view(bytes);
  if (!view) return view;
  const WorkflowType* type = catalog.find(view->type);
  if (type == nullptr || type->view.version == view->fold_version) return view;
  return refolded(log, *type, view->run, stop);
}

}  // namespace

Result<WorkflowRow> read_workflow(const EventLog& log, const WorkflowId& workflow) {
  Result<std::optional<std::string>> row = log.get(Table::workflow, workflow.text());
  if (!row) return std::unexpected(row.error());
  if (!*row) return fail(Errc::not_found, "there is no workflow " + workflow.text(), "id");
  return decode_workflow_row(**row);
}

Result<DecodedRecord> read_record(const EventLog& log, const RunId& run, StoredRecord stored) {
  Result<LoadedRecord> whole = with_blobs(log, run, std::move(stored));
  if (!whole) return std::unexpected(whole.error());
  return decode_record(run, whole->bytes,
                       [&](const Digest& digest) { return whole->blob(digest); });
}

Result<std::vector<DecodedRecord>> read_history(const EventLog& log, const RunId& run,
                                                Sequence from, std::size_t bytes_max) {
  Result<std::vector<StoredRecord>> records = log.read_records(run, from, bytes_max);
  if (!records) return std::unexpected(records.error());
  std::vector<DecodedRecord> decoded;
  for (StoredRecord& record : *records) {
    Result<DecodedRecord> one = read_record(log, run, std::move(record));
    if (!one) return std::unexpected(one.error());
    // Behind the end of a run, the log gives its last record again.
    if (one->record.events.back().sequence >= from) decoded.push_back(std::move(*one));
  }
  return decoded;
}

Result<HistoryPage> read_events(const EventLog& log, const RunId& run, Sequence after,
                                std::size_t limit, const std::stop_token& stop) {
  HistoryPage page{.run = run, .next = after};
  for (bool more = true; more && page.events.size() < limit && !page.closed;) {
    if (Result<> ok = may_go_on(stop); !ok) return std::unexpected(std::move(ok.error()));
    Result<std::vector<DecodedRecord>> records =
        read_history(log, run, page.next.next(), kReadBytes);
    if (!records) return std::unexpected(records.error());
    more = false;
    for (DecodedRecord& record : *records)
      for (Event& event : record.record.events) {
        if (event.sequence <= page.next || page.events.size() == limit) continue;
        more = true;
        page.next = event.sequence;
        page.closed = is_terminal(event.body);
        page.events.push_back(std::move(event));
      }
  }
  return page;
}

Result<std::optional<RunOutcome>> read_outcome(const EventLog& log, const WorkflowId& workflow,
                                               const RunId& run) {
  Result<std::optional<std::string>> row = log.get(Table::view, view_key(workflow, run));
  if (!row) return std::unexpected(row.error());
  if (!*row) return fail(Errc::not_found, "there is no run " + to_string(run), "run");
  Result<RunView> view = decode_view(**row);
  if (!view) return std::unexpected(view.error());
  if (view->status == RunStatus::running) return std::optional<RunOutcome>();
  Result<std::vector<DecodedRecord>> records = read_history(log, run, view->last, kReadBytes);
  if (!records) return std::unexpected(records.error());
  for (const DecodedRecord& record : *records)
    for (const Event& event : record.record.events)
      if (is_terminal(event.body)) return outcome_of(run, event);
  return fail(Errc::corrupt,
              to_string(run) + ": its view says that it ended, its history does not");
}

Result<std::vector<ParkedRun>> read_parked(const EventLog& log, const std::string& after,
                                           std::size_t limit) {
  const Result<std::vector<KeyValue>> rows = log.scan(
      Table::parked, {.from = after.empty() ? after : after + '\0', .to = {}, .limit = limit});
  if (!rows) return std::unexpected(rows.error());
  std::vector<ParkedRun> parked;
  for (const KeyValue& row : *rows) {
    const std::optional<RunId> run = parse_parked_key(row.key);
    Result<ParkedRow> decoded = decode_parked_row(row.value);
    if (!run || !decoded) return fail(Errc::corrupt, "a row of a parked run cannot be read");
    parked.push_back({std::move(decoded->workflow), *run, std::move(decoded->reason), row.key});
  }
  return parked;
}

Result<RunView> read_view(const EventLog& log, const Catalog& catalog, const WorkflowId& workflow,
                          const RunId& run, const std::stop_token& stop) {
  Result<std::optional<std::string>> row = log.get(Table::view, view_key(workflow, run));
  if (!row) return std::unexpected(row.error());
  if (!*row) return fail(Errc::not_found, "there is no run " + to_string(run), "run");
  return current(log, catalog, **row, stop);
}

Result<std::vector<RunView>> read_views(const EventLog& log, const Catalog& catalog,
                                        const ViewScan& scan, const std::stop_token& stop) {
  ScanRange range{.from = scan.id_prefix,
                  .to = prefix_end(scan.id_prefix),
                  .limit = kViewsPerRead,
                  .backwards = scan.newest_first};
  if (scan.after && scan.newest_first) range.to = scan.after->text();
  if (scan.after && !scan.newest_first) range.from = scan.after->text() + '\1';
  std::vector<RunView> views;
  for (;;) {
    if (Result<> ok = may_go_on(stop); !ok) return std::unexpected(std::move(ok.error()));
    Result<std::vector<KeyValue>> rows = log.scan(Table::view, range);
    if (!rows) return std::unexpected(rows.error());
    for (const KeyValue& row : *rows) {
      Result<RunView> view = current(log, catalog, row.value, stop);
      if (!view) return std::unexpected(view.error());
      if (scan.type.empty() || view->type == scan.type) views.push_back(std::move(*view));
      if (views.size() == scan.limit) return views;
    }
    if (rows->size() < kViewsPerRead) return views;
    if (range.backwards)
      range.to = rows->back().key;
    else
      range.from = rows->back().key + '\0';
  }
}

}  // namespace reprise
