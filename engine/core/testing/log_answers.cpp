#include "engine/core/testing/log_answers.hpp"

#include "engine/core/codec.hpp"

namespace reprise::testing {
namespace {

constexpr std::size_t kSliceBytes = 2000;
constexpr std::size_t kPage = 5;

Input found(const EventLog& log, ShardIndex, const LoadWorkflow& read) {
  WorkflowLoaded loaded{read.workflow, std::optional<WorkflowRow>()};
  if (const auto bytes = log.get(Table::workflow, read.workflow.text()).value())
    loaded.row = decode_workflow_row(*bytes).value();
  return loaded;
}

Input found(const EventLog& log, ShardIndex, const LoadKey& read) {
  KeyLoaded loaded{read.key, std::optional<KeyRow>()};
  if (const auto bytes = log.get(Table::key, read.key).value())
    loaded.row = decode_key_row(*bytes).value();
  return loaded;
}

Input found(const EventLog& log, ShardIndex shard, const LoadRecords& read) {
  RecordsLoaded loaded{.run = read.run};
  std::size_t bytes = 0;
  for (StoredRecord& record : log.read_records(read.run, read.from, kSliceBytes).value()) {
    bytes += record.bytes.size();
    loaded.records->push_back(with_blobs(log, read.run, std::move(record)));
  }
  loaded.end = bytes <= kSliceBytes;
  loaded.parked_row = log.get(Table::parked, parked_key(shard, read.run))->has_value();
  return loaded;
}

Input found(const EventLog& log, ShardIndex shard, const LoadWakes& read) {
  const UtcTime from = read.from + Duration(1);
  const UtcTime end = read.to + Duration(1);
  std::vector<DueWake> due = due_wakes(log, shard, from, end, kPage).value();
  WakesLoaded loaded{.due = std::vector<RunId>(), .through = read.to, .next = {}};
  if (due.size() == kPage) {
    // All rows of the last time, so that no page ends between rows of one time.
    loaded.through = due.back().at;
    due = due_wakes(log, shard, from, loaded.through + Duration(1), SIZE_MAX).value();
  }
  for (const DueWake& wake : due) loaded.due->push_back(wake.run);
  const auto next = due_wakes(log, shard, loaded.through + Duration(1), UtcTime::max(), 1).value();
  if (!next.empty()) loaded.next = next.front().at;
  return loaded;
}

Input found(const EventLog& log, ShardIndex shard, const LoadBusy& read) {
  BusyLoaded loaded{std::vector<RunId>()};
  for (const BusyRun& busy : busy_runs(log, shard, read.after, kPage).value())
    loaded.runs->push_back(busy.run);
  return loaded;
}

Input failed(const LoadWorkflow& read, const Error& error) {
  return WorkflowLoaded{read.workflow, std::unexpected(error)};
}
Input failed(const LoadKey& read, const Error& error) {
  return KeyLoaded{read.key, std::unexpected(error)};
}
Input failed(const LoadRecords& read, const Error& error) {
  return RecordsLoaded{.run = read.run, .records = std::unexpected(error)};
}
Input failed(const LoadWakes&, const Error& error) {
  return WakesLoaded{.due = std::unexpected(error), .through = {}, .next = {}};
}
Input failed(const LoadBusy&, const Error& error) { return BusyLoaded{std::unexpected(error)}; }

}  // namespace

LoadedRecord with_blobs(const EventLog& log, const RunId& run, StoredRecord record) {
  LoadedRecord loaded{.first = record.first, .bytes = std::move(record.bytes), .blobs = {}};
  for (const Digest& digest : blobs_of(loaded.bytes).value())
    if (auto blob = log.get(Table::blob, blob_key(run, digest)).value())
      loaded.blobs.emplace(digest, std::move(*blob));
  return loaded;
}

Input answer(const EventLog& log, ShardIndex shard, const Read& read) {
  return std::visit([&](const auto& what) { return found(log, shard, what); }, read);
}

Input failed_answer(const Read& read, const Error& error) {
  return std::visit([&](const auto& what) { return failed(what, error); }, read);
}

}  // namespace reprise::testing
