#include "engine/core/testing/run_play.hpp"

#include "base/check.hpp"

namespace reprise::testing {

Catalog catalog_of(Workflow<Word> (*body)(Context, Word)) {
  Catalog catalog;
  catalog.add(define("t", body));
  return catalog;
}

BlobSource blobs_of_record(const EncodedRecord& record) {
  return [&record](const Digest& digest) -> const std::string* {
    for (const Blob& blob : record.blobs)
      if (blob.digest == digest) return &blob.bytes;
    return nullptr;
  };
}

RunPlay::RunPlay(Catalog catalog, ActivationLimits limits)
    : catalog_(std::make_unique<Catalog>(std::move(catalog))),
      limits_(limits),
      run_(std::make_unique<Run>(*catalog_, kPlayRun, "build 1", limits)) {}

RunPlay& RunPlay::start(const std::string& input) {
  return tell(RunStarted{WorkflowId("w"), "t", {input}, 42, kPlayRun});
}

RunPlay& RunPlay::tell(EventBody body) {
  now = now + std::chrono::seconds(1);
  run_->accept(std::move(body), now);
  if (auto sealed = run_->seal(now)) records_.push_back(std::move(sealed->record));
  return *this;
}

Run RunPlay::replayed(const Catalog& catalog) const {
  Run run(catalog, kPlayRun, "build 2", limits_);
  for (const EncodedRecord& record : records_) {
    const Result<> ok = run.replay(record.bytes, blobs_of_record(record));
    CHECK(ok.has_value(), "{}", ok.error().detail);
  }
  return run;
}

void RunPlay::reload(Catalog catalog) {
  run_.reset();
  catalog_ = std::make_unique<Catalog>(std::move(catalog));
  run_ = std::make_unique<Run>(replayed(*catalog_));
  if (auto sealed = run_->seal(now)) records_.push_back(std::move(sealed->record));
}

std::vector<Event> RunPlay::events() const {
  std::vector<Event> events;
  for (const EncodedRecord& encoded : records_) {
    const Record record = decode_record(kPlayRun, encoded.bytes, blobs_of_record(encoded))->record;
    events.insert(events.end(), record.events.begin(), record.events.end());
  }
  return events;
}

}  // namespace reprise::testing
