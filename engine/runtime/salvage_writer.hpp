// SalvageWriter: puts rows into a new store, in groups of a chain that begins with it.
//
// Guarantees: a row that came before is in no later group. Nothing is written before commit().
// Thread:     one.        Errors: those of the log.
#pragma once

#include <vector>

#include "engine/core/commit_pipeline.hpp"
#include "storage/event_log.hpp"

namespace reprise {

class SalvageWriter {
 public:
  // `log`: holds no group yet.
  explicit SalvageWriter(EventLog& log) : log_(log), pipeline_(group_chain_start()) {}

  // A record of a run, with its blobs.
  void put(const RunId& run, LoadedRecord record, const Digest& hash) {
    for (auto& [digest, bytes] : record.blobs)
      batch_.put(Table::blob, blob_key(run, digest), std::move(bytes));
    entries_.push_back({run, record.first, hash});
    batch_.put(Table::record, record_key(run, record.first), std::move(record.bytes));
  }
  void put(Table table, std::string key, std::string value) {
    batch_.put(table, std::move(key), std::move(value));
  }

  // Once enough has come together.
  Result<> commit_if_large() {
    constexpr std::size_t kGroupBytes = 1U << 20U;
    return batch_.bytes() < kGroupBytes ? Result<>() : commit();
  }

  Result<> commit() {
    if (batch_.empty()) return {};
    number_ = number_.next();
    pipeline_.submit({.shard = ShardIndex(0),
                      .number = number_,
                      .batch = std::exchange(batch_, {}),
                      .entries = std::exchange(entries_, {})});
    const auto group = pipeline_.begin();
    if (Result<> written = log_.append(group->batches); !written) return written;
    pipeline_.succeeded();
    return {};
  }

  [[nodiscard]] const GroupPosition& position() const { return pipeline_.durable(); }

 private:
  EventLog& log_;
  CommitPipeline pipeline_;
  BatchNumber number_;
  Batch batch_;
  std::vector<GroupEntry> entries_;
};

}  // namespace reprise
