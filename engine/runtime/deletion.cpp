#include "engine/runtime/deletion.hpp"

#include "engine/core/rows.hpp"
#include "engine/core/view.hpp"

namespace reprise {
namespace {

constexpr std::size_t kRowsPerRead = 256;

Result<std::optional<DeletedRow>> deleted_row(const EventLog& log, const RunId& run) {
  Result<std::optional<std::string>> bytes = log.get(Table::deleted, run.bytes());
  if (!bytes) return std::unexpected(std::move(bytes.error()));
  if (!*bytes) return std::nullopt;
  Result<DeletedRow> row = decode_deleted_row(**bytes);
  if (!row) return std::unexpected(std::move(row.error()));
  return std::optional(std::move(*row));
}

// Is the run closed, or its deletion under way?
Result<> may_go(const EventLog& log, const RunName& name) {
  Result<std::optional<std::string>> bytes =
      log.get(Table::view, view_key(name.workflow, name.run));
  if (!bytes) return std::unexpected(std::move(bytes.error()));
  if (*bytes) {
    const Result<RunView> view = decode_view(**bytes);
    if (!view) return std::unexpected(view.error());
    if (view->status != RunStatus::running) return {};
    return fail(Errc::conflict, to_string(name.run) + " is running: terminate it first");
  }
  const Result<std::optional<DeletedRow>> row = deleted_row(log, name.run);
  if (!row) return std::unexpected(row.error());
  if (*row && (*row)->workflow == name.workflow && !(*row)->erased) return {};
  return fail(Errc::not_found, "there is no run " + to_string(name.run), "run");
}

// The keys of a run's rows, of each table until the page is full.
Result<> add_rows(const EventLog& log, Table table, const RunId& run, std::size_t rows_max,
                  std::vector<RowName>& rows) {
  const std::string prefix(run.bytes());
  Result<std::vector<KeyValue>> found =
      log.scan(table, {.from = prefix, .to = prefix_end(prefix), .limit = rows_max - rows.size()});
  if (!found) return std::unexpected(std::move(found.error()));
  for (KeyValue& row : *found) rows.push_back({table, std::move(row.key)});
  return {};
}

template <typename Visit>
Result<std::optional<std::string>> each_row(const EventLog& log, Table table, std::string from,
                                            const Visit& visit) {
  const Result<std::vector<KeyValue>> rows =
      log.scan(table, {.from = std::move(from), .to = {}, .limit = kRowsPerRead});
  if (!rows) return std::unexpected(rows.error());
  for (const KeyValue& row : *rows)
    if (Result<> ok = visit(row); !ok) return std::unexpected(std::move(ok.error()));
  if (rows->size() < kRowsPerRead) return std::nullopt;
  return rows->back().key + '\0';
}

}  // namespace

Result<DeleteRequest> read_deletion_page(const EventLog& log, ShardIndex shard, const RunName& name,
                                         std::size_t rows_max) {
  if (Result<> ok = may_go(log, name); !ok) return std::unexpected(std::move(ok.error()));
  DeleteRequest page{.workflow = name.workflow, .run = name.run};
  const auto busy = log.get(Table::busy, busy_key(shard, name.run));
  if (!busy) return std::unexpected(busy.error());
  page.owes_nothing = !*busy;
  for (const Table table : {Table::record, Table::blob})
    if (Result<> ok = add_rows(log, table, name.run, rows_max, page.rows); !ok)
      return std::unexpected(std::move(ok.error()));
  page.is_last = page.rows.size() < rows_max;
  return page;
}

Result<RunsFound> runs_of(const EventLog& log, const WorkflowId& workflow, std::size_t limit) {
  const std::string prefix = workflow.text() + '\0';
  const Result<std::vector<KeyValue>> rows =
      log.scan(Table::view, {.from = prefix, .to = prefix_end(prefix), .limit = limit});
  if (!rows) return std::unexpected(rows.error());
  RunsFound found;
  for (const KeyValue& row : *rows)
    found.runs.push_back(
        {workflow, RunId::from_bytes(std::string_view(row.key).substr(prefix.size()))});
  if (rows->size() == limit) found.next = rows->back().key + '\0';
  return found;
}

Result<RunsFound> ended_runs(const EventLog& log, std::string from, UtcTime before) {
  RunsFound found;
  auto next = each_row(log, Table::view, std::move(from), [&](const KeyValue& row) -> Result<> {
    Result<RunView> view = decode_view(row.value);
    if (!view) return std::unexpected(std::move(view.error()));
    if (view->status != RunStatus::running && view->closed_at < before)
      found.runs.push_back({std::move(view->workflow), view->run});
    return {};
  });
  if (!next) return std::unexpected(std::move(next.error()));
  found.next = std::move(*next);
  return found;
}

Result<RunsFound> half_deleted_runs(const EventLog& log, std::string from) {
  RunsFound found;
  auto next = each_row(log, Table::deleted, std::move(from), [&](const KeyValue& row) -> Result<> {
    Result<DeletedRow> deleted = decode_deleted_row(row.value);
    if (!deleted) return std::unexpected(std::move(deleted.error()));
    if (!deleted->erased)
      found.runs.push_back({std::move(deleted->workflow), RunId::from_bytes(row.key)});
    return {};
  });
  if (!next) return std::unexpected(std::move(next.error()));
  found.next = std::move(*next);
  return found;
}

Result<bool> is_half_deleted(const EventLog& log, const RunId& run) {
  const Result<std::optional<DeletedRow>> row = deleted_row(log, run);
  if (!row) return std::unexpected(row.error());
  return *row && !(*row)->erased;
}

Result<KeysFound> keys_of_deleted_runs(const EventLog& log, std::string from) {
  KeysFound found;
  if (from.empty()) {
    const auto any = log.scan(Table::deleted, {.from = {}, .to = {}, .limit = 1});
    if (!any) return std::unexpected(any.error());
    if (any->empty()) return found;
  }
  auto next = each_row(log, Table::key, std::move(from), [&](const KeyValue& row) -> Result<> {
    Result<KeyRow> key = decode_key_row(row.value);
    if (!key) return std::unexpected(std::move(key.error()));
    const Result<std::optional<DeletedRow>> deleted = deleted_row(log, key->run);
    if (!deleted) return std::unexpected(deleted.error());
    if (*deleted && (*deleted)->erased)
      found.pages.push_back({.workflow = std::move(key->workflow),
                             .run = key->run,
                             .owes_nothing = true,
                             .is_last = true,
                             .rows = {{Table::key, row.key}}});
    return {};
  });
  if (!next) return std::unexpected(std::move(next.error()));
  found.next = std::move(*next);
  return found;
}

}  // namespace reprise
