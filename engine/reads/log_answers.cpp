#include "engine/reads/log_answers.hpp"

#include "engine/core/codec.hpp"

namespace reprise {
namespace {

template <typename Row>
Result<std::optional<Row>> decoded(Result<std::optional<std::string>> bytes,
                                   Result<Row> (*decode)(std::string_view)) {
  if (!bytes) return std::unexpected(std::move(bytes.error()));
  if (!*bytes) return std::optional<Row>();
  Result<Row> row = decode(**bytes);
  if (!row) return std::unexpected(std::move(row.error()));
  return std::optional<Row>(std::move(*row));
}

Input answer(const EventLog& log, ShardIndex, const LoadWorkflow& read, const ReadSizes&) {
  return WorkflowLoaded{
      read.workflow, decoded(log.get(Table::workflow, read.workflow.text()), decode_workflow_row)};
}

Input answer(const EventLog& log, ShardIndex, const LoadKey& read, const ReadSizes&) {
  return KeyLoaded{read.key, decoded(log.get(Table::key, read.key), decode_key_row)};
}

// Records from `read.from` on; none of a run that is being deleted.
Result<std::vector<StoredRecord>> records_of(const EventLog& log, const LoadRecords& read,
                                             std::size_t bytes_max) {
  auto records = log.read_records(read.run, read.from, bytes_max);
  const bool has_lost_its_first = records && read.from == Sequence(1) && !records->empty() &&
                                  records->front().first != read.from;
  if (!has_lost_its_first) return records;
  auto deleted = log.get(Table::deleted, read.run.bytes());
  if (!deleted) return std::unexpected(std::move(deleted.error()));
  if (*deleted) records->clear();
  return records;
}

Result<> load(const EventLog& log, ShardIndex shard, const LoadRecords& read,
              const ReadSizes& sizes, RecordsLoaded& loaded) {
  auto records = records_of(log, read, sizes.slice_bytes);
  if (!records) return std::unexpected(std::move(records.error()));
  std::size_t bytes = 0;
  for (StoredRecord& record : *records) {
    bytes += record.bytes.size();
    Result<LoadedRecord> whole = with_blobs(log, read.run, std::move(record));
    if (!whole) return std::unexpected(std::move(whole.error()));
    loaded.records->push_back(std::move(*whole));
  }
  loaded.end = bytes < sizes.slice_bytes;
  if (read.from != Sequence(1)) return {};
  auto parked = log.get(Table::parked, parked_key(shard, read.run));
  if (!parked) return std::unexpected(std::move(parked.error()));
  loaded.parked_row = parked->has_value();
  return {};
}

Input answer(const EventLog& log, ShardIndex shard, const LoadRecords& read,
             const ReadSizes& sizes) {
  RecordsLoaded loaded{.run = read.run, .load = read.load, .records = {}, .wakes = read.wakes};
  if (Result<> read_all = load(log, shard, read, sizes, loaded); !read_all)
    loaded.records = std::unexpected(std::move(read_all.error()));
  return loaded;
}

Input answer(const EventLog& log, ShardIndex shard, const LoadWakes& read, const ReadSizes& sizes) {
  WakesLoaded loaded{.due = {}, .through = {read.to}, .next = {}};
  Result<std::vector<DueWake>> due = due_wakes(log, shard, read.after, read.to, sizes.wakes);
  if (due && due->size() == sizes.wakes) loaded.through = {due->back().at, due->back().run};
  Result<std::vector<DueWake>> next = std::vector<DueWake>();
  if (due) next = due_wakes(log, shard, loaded.through, UtcTime::max(), 1);
  if (!due || !next) {
    loaded.due = std::unexpected(due ? next.error() : due.error());
    return loaded;
  }
  loaded.due = std::vector<WakesLoaded::Due>();
  for (const DueWake& wake : *due) loaded.due->push_back({wake.at, wake.run});
  if (!next->empty()) loaded.next = next->front().at;
  return loaded;
}

Input answer(const EventLog& log, ShardIndex shard, const LoadBusy& read, const ReadSizes& sizes) {
  BusyLoaded loaded;
  Result<std::vector<BusyRun>> busy = busy_runs(log, shard, read.after, sizes.busy_runs);
  if (!busy) {
    loaded.runs = std::unexpected(std::move(busy.error()));
    return loaded;
  }
  loaded.runs = std::vector<RunId>();
  for (const BusyRun& run : *busy) loaded.runs->push_back(run.run);
  return loaded;
}

}  // namespace

Result<LoadedRecord> with_blobs(const EventLog& log, const RunId& run, StoredRecord record) {
  LoadedRecord loaded{.first = record.first, .bytes = std::move(record.bytes)};
  Result<std::vector<Digest>> digests = blobs_of(loaded.bytes);
  if (!digests) return std::unexpected(std::move(digests.error()));
  for (const Digest& digest : *digests) {
    Result<std::optional<std::string>> blob = log.get(Table::blob, blob_key(run, digest));
    if (!blob) return std::unexpected(std::move(blob.error()));
    // A missing one is found when the record is decoded.
    if (*blob) loaded.blobs.emplace(digest, std::move(**blob));
  }
  return loaded;
}

Input answer_of(const EventLog& log, ShardIndex shard, const Read& read, const ReadSizes& sizes) {
  return std::visit([&](const auto& what) { return answer(log, shard, what, sizes); }, read);
}

}  // namespace reprise
