#include "engine/runtime/loader.hpp"

#include <boost/asio/post.hpp>

#include "engine/core/codec.hpp"

namespace reprise {
namespace {

// One slice of a history: what a shard replays between two steps of its other runs.
constexpr std::size_t kSliceBytes = 256U << 10U;
constexpr std::size_t kBusyPage = 64;
constexpr std::size_t kWakesPage = 256;

template <typename Row>
Result<std::optional<Row>> decoded(Result<std::optional<std::string>> bytes,
                                   Result<Row> (*decode)(std::string_view)) {
  if (!bytes) return std::unexpected(std::move(bytes.error()));
  if (!*bytes) return std::optional<Row>();
  Result<Row> row = decode(**bytes);
  if (!row) return std::unexpected(std::move(row.error()));
  return std::optional<Row>(std::move(*row));
}

Input answer(const EventLog& log, ShardIndex, const LoadWorkflow& read) {
  return WorkflowLoaded{
      read.workflow, decoded(log.get(Table::workflow, read.workflow.text()), decode_workflow_row)};
}

Input answer(const EventLog& log, ShardIndex, const LoadKey& read) {
  return KeyLoaded{read.key, decoded(log.get(Table::key, read.key), decode_key_row)};
}

Input answer(const EventLog& log, ShardIndex shard, const LoadRecords& read) {
  RecordsLoaded loaded{.run = read.run};
  Result<std::vector<StoredRecord>> records = log.read_records(read.run, read.from, kSliceBytes);
  if (!records) {
    loaded.records = std::unexpected(std::move(records.error()));
    return loaded;
  }
  if (read.from == Sequence(1) && !records->empty() && records->front().first != read.from) {
    const auto deleted = log.get(Table::deleted, read.run.bytes());
    if (deleted && *deleted) records->clear();  // the rest of it is on its way out
  }
  std::size_t bytes = 0;
  for (StoredRecord& record : *records) {
    bytes += record.bytes.size();
    Result<LoadedRecord> whole = with_blobs(log, read.run, std::move(record));
    if (!whole) {
      loaded.records = std::unexpected(std::move(whole.error()));
      return loaded;
    }
    loaded.records->push_back(std::move(*whole));
  }
  loaded.end = bytes < kSliceBytes;
  if (read.from == Sequence(1)) {
    const auto parked = log.get(Table::parked, parked_key(shard, read.run));
    loaded.parked_row = parked && parked->has_value();
  }
  return loaded;
}

Input answer(const EventLog& log, ShardIndex shard, const LoadWakes& read) {
  WakesLoaded loaded;
  const UtcTime from = read.from + Duration(1);
  Result<std::vector<DueWake>> due = due_wakes(log, shard, from, read.to + Duration(1), kWakesPage);
  Result<std::vector<DueWake>> next = std::vector<DueWake>();
  if (due) {
    // A full page may cut between rows of one time: it counts as read up to the time before.
    const bool full = due->size() == kWakesPage;
    loaded.through = full ? due->back().at + Duration(-1) : read.to;
    if (full && due->front().at == due->back().at) loaded.through = due->back().at;
    next = due_wakes(log, shard, loaded.through + Duration(1), UtcTime::max(), 1);
  }
  if (!due || !next) {
    loaded.due = std::unexpected(due ? next.error() : due.error());
    return loaded;
  }
  loaded.due = std::vector<RunId>();
  for (const DueWake& wake : *due) loaded.due->push_back(wake.run);
  if (!next->empty()) loaded.next = next->front().at;
  return loaded;
}

Input answer(const EventLog& log, ShardIndex shard, const LoadBusy& read) {
  BusyLoaded loaded;
  Result<std::vector<BusyRun>> busy = busy_runs(log, shard, read.after, kBusyPage);
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

Input perform(const EventLog& log, ShardIndex shard, const Read& read) {
  return std::visit([&](const auto& what) { return answer(log, shard, what); }, read);
}

void Loader::read(ShardIndex shard, Read read) {
  boost::asio::post(
      pool_, [this, shard, what = std::move(read)] { answer_(shard, perform(log_, shard, what)); });
}

}  // namespace reprise
