// RecordedLog: an event log whose appends are written down in StoreStates, begun and acknowledged.
//
// Guarantees, thread, errors: those of the log below.
#pragma once

#include "storage/event_log.hpp"
#include "tests/faults/store_states.hpp"

namespace reprise::testing {

class RecordedLog final : public EventLog {
 public:
  RecordedLog(EventLog& log, StoreStates& states) : log_(log), states_(states) {}

  void rest() override { log_.rest(); }
  Result<> append(std::span<const Batch> batches) override {
    states_.begin(batches);
    Result<> written = log_.append(batches);
    if (written) states_.acknowledge();
    return written;
  }
  Result<std::optional<std::string>> get(Table table, std::string_view key) const override {
    return log_.get(table, key);
  }
  Result<std::vector<KeyValue>> scan(Table table, const ScanRange& range) const override {
    return log_.scan(table, range);
  }
  Result<std::vector<StoredRecord>> read_records(const RunId& run, Sequence from,
                                                 std::size_t bytes_max) const override {
    return log_.read_records(run, from, bytes_max);
  }

 private:
  EventLog& log_;
  StoreStates& states_;
};

}  // namespace reprise::testing
