#include "tests/faults/recorder.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"

namespace reprise::testing {

namespace {

// Moves `states` to the state that the image holds.
void resume(StoreStates& states, const StoreImage& image) {
  const VirtualFiles files(image);
  const RocksDbOptions options{.env = &files.env()};
  if (!RocksDbLog::exists(files.data().log(), options)) return;
  const auto log = RocksDbLog::open(files.data().log(), options);
  CHECK(log.has_value(), "{}", to_string(log.error()));
  const Result<Digest> content = content_of(**log);
  CHECK(content.has_value(), "{}", to_string(content.error()));
  const auto appends = states.find(*content);
  CHECK(appends.has_value(), "the image holds no state that was recorded");
  const Result<> resumed = states.resume_at(*appends, **log);
  CHECK(resumed.has_value(), "{}", to_string(resumed.error()));
}

}  // namespace

Recorder::Recorder() : Recorder(StoreImage{}, StoreStates(), Ledger()) {}

Recorder::Recorder(const StoreImage& image, const StoreStates& states, const Ledger& ledger)
    : states_(states),
      ledger_(ledger),
      initial_(image),
      virtual_files_(image),
      files_(std::make_shared<FaultyFileSystem>(virtual_files_.log_files(), disk_)),
      env_(rocksdb::NewCompositeEnv(files_)) {
  resume(states_, image);
  const DataDir& data = virtual_files_.data();
  disk_->install(data.root(), image.beside);
  disk_->install(data.log(), image.log);
  posix_ = std::make_unique<PosixDisk>(data.root(), disk_);
  disk_->when_done([this](const DiskOperation& operation) { note(operation); });
}

Recorder::~Recorder() { disk_->when_done(nullptr); }

void Recorder::note(const DiskOperation& operation) {
  {
    const std::lock_guard lock(mutex_);
    entries_.push_back({.operation = operation, .before = promise()});
  }
  noted_.notify_all();
}

void Recorder::wait_for(const std::function<bool(const DiskOperation&)>& is_it) {
  std::unique_lock lock(mutex_);
  noted_.wait(lock, [&] {
    return std::ranges::any_of(entries_, [&](const auto& entry) { return is_it(entry.operation); });
  });
}

std::unique_ptr<ServedStore> Recorder::serve(const ServedOptions& options) {
  auto store = ServedStore::open(virtual_files_.data(), *env_, states_, ledger_, options);
  CHECK(store.has_value(), "{}", to_string(store.error()));
  return std::move(*store);
}

// What is acknowledged was recorded before, and what was recorded had begun before.
Recording Recorder::finish() {
  const Promise kept = promise();
  disk_->when_done(nullptr);
  posix_.reset();
  const Promise begun = promise();
  return {.data = virtual_files_.data(),
          .initial = std::move(initial_),
          .entries = std::move(entries_),
          .last = {.appends = {kept.appends.acknowledged, begun.appends.begun},
                   .entries = kept.entries},
          .states = std::make_shared<StoreStates>(states_),
          .ledger = std::make_shared<Ledger>(ledger_)};
}

}  // namespace reprise::testing
