// ForwardingLog: gives every call on to another log; a test overrides what it wants to see or to spoil.
//
// Thread: that of the other log, which outlives it.
#pragma once

#include "storage/event_log.hpp"

namespace reprise::testing {

class ForwardingLog : public EventLog {
 public:
  explicit ForwardingLog(EventLog& log) : log_(log) {}

  void rest() override { log_.rest(); }
  Result<> append(std::span<const Batch> batches) override { return log_.append(batches); }
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
};

}  // namespace reprise::testing
