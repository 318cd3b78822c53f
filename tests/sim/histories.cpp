#include "tests/sim/histories.hpp"

#include "engine/reads/log_answers.hpp"
#include "tests/sim/violation.hpp"

namespace reprise::sim {
namespace {

Record decoded(const EventLog& log, const RunId& run, const StoredRecord& stored, Digest& tail) {
  const LoadedRecord loaded = with_blobs(log, run, stored).value();
  const auto blob = [&](const Digest& digest) { return loaded.blob(digest); };
  Result<DecodedRecord> record = decode_record(run, stored.bytes, blob);
  require(record.has_value(), "{}: record {}: {}", run, stored.first,
          record ? "" : record.error().detail);
  require(record->record.previous == tail, "{}: record {} does not follow the one before", run,
          stored.first);
  require(record->record.events.front().sequence == stored.first, "{}: record {} begins at {}", run,
          stored.first, record->record.events.front().sequence);
  tail = record->hash;
  return std::move(record->record);
}

}  // namespace

StoredHistory stored_history(const EventLog& log, const RunId& run) {
  StoredHistory history;
  history.tail = chain_start(run);
  history.records = *log.read_records(run, Sequence(1), SIZE_MAX);
  for (const StoredRecord& stored : history.records) {
    Record record = decoded(log, run, stored, history.tail);
    history.events.insert(history.events.end(), record.events.begin(), record.events.end());
    history.decoded.push_back(std::move(record));
  }
  return history;
}

std::vector<Event> stored_events(const EventLog& log, const RunId& run) {
  return stored_history(log, run).events;
}

RunState folded(const RunId& run, const StoredHistory& history) {
  RunState state(run);
  for (const Record& record : history.decoded) {
    auto activation = record.activations.begin();
    for (std::uint32_t i = 0; i <= record.events.size(); ++i) {
      for (; activation != record.activations.end() && activation->first_command == i;
           ++activation) {
        const Result<> consumed = state.consume(activation->consumed);
        require(consumed.has_value(), "{}: {}", run, consumed ? "" : consumed.error().detail);
      }
      if (i == record.events.size()) break;
      const Result<> ok = state.apply(record.events[i]);
      require(ok.has_value(), "{}: {}", run, ok ? "" : ok.error().detail);
    }
  }
  return state;
}

}  // namespace reprise::sim
