// RecordedLog: an event log whose appends are written down in StoreStates, begun and acknowledged.
//
// Guarantees, thread, errors: those of the log below.
#pragma once

#include "storage/testing/forwarding_log.hpp"
#include "tests/faults/store_states.hpp"

namespace reprise::testing {

class RecordedLog final : public ForwardingLog {
 public:
  RecordedLog(EventLog& log, StoreStates& states) : ForwardingLog(log), states_(states) {}

  Result<> append(std::span<const Batch> batches) override {
    states_.begin(batches);
    Result<> written = ForwardingLog::append(batches);
    if (written) states_.acknowledge();
    return written;
  }

 private:
  StoreStates& states_;
};

}  // namespace reprise::testing
