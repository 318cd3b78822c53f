// RunPlay: a live Run and the records that it sealed, which can be replayed at any time.
#pragma once

#include <memory>
#include <vector>

#include "engine/core/run.hpp"
#include "engine/core/testing/play.hpp"

namespace reprise::testing {

inline const RunId kPlayRun = RunId::make(UtcTime::from_micros(1'700'000'000'000'000), 1, 2);

class RunPlay {
 public:
  explicit RunPlay(Catalog catalog, ActivationLimits limits = {});

  RunPlay& start(const std::string& input = "");
  // One fact, and one turn.
  RunPlay& tell(EventBody body);
  RunPlay& complete(std::uint32_t command, const std::string& result) {
    return tell(ActivityCompleted{CommandId(command), Attempt(1), {result}});
  }
  RunPlay& signal(const std::string& name, const std::string& payload = "") {
    return tell(SignalReceived{name, {payload}, {}});
  }

  // The run out of its records, by the code of `catalog`, which must live as long.
  [[nodiscard]] Run replayed(const Catalog& catalog) const;
  // The run leaves memory, and comes back under this code.
  void reload(Catalog catalog);
  void reload() { reload(Catalog(*catalog_)); }

  [[nodiscard]] Run& run() { return *run_; }
  [[nodiscard]] const std::vector<EncodedRecord>& records() const { return records_; }
  [[nodiscard]] std::vector<Event> events() const;
  UtcTime now = UtcTime::from_micros(1'700'000'000'000'000);

 private:
  std::unique_ptr<Catalog> catalog_;
  ActivationLimits limits_;
  std::unique_ptr<Run> run_;
  std::vector<EncodedRecord> records_;
};

// A catalog of one type, "t".
Catalog catalog_of(Workflow<Word> (*body)(Context, Word));

BlobSource blobs_of_record(const EncodedRecord& record);

}  // namespace reprise::testing
