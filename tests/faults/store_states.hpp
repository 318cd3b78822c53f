// StoreStates: what a store holds before its first append and after each one, as digests of all rows.
//
// A store that is whole holds one of these states, whatever became of the process: every append up to
// one of them, each whole and once, and nothing else.
// Guarantees: two states of one store have different digests (each append adds a row).
// Thread:     begin() and acknowledge() from one thread at a time; all else from anywhere.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/digest.hpp"
#include "base/result.hpp"
#include "storage/event_log.hpp"

namespace reprise::testing {

// Visits every row of every table, until `visit` fails.
Result<> for_each_row(const EventLog& log,
                      const std::function<Result<>(Table, const KeyValue&)>& visit);

// The digest of all rows of all tables.
Result<Digest> content_of(const EventLog& log);

class StoreStates {
 public:
  // Of an empty store.
  StoreStates() = default;
  StoreStates(const StoreStates& other);

  struct Range {
    std::size_t acknowledged = 0;
    std::size_t begun = 0;
    friend auto operator<=>(const Range&, const Range&) = default;
  };
  // An append of these batches begins, and is acknowledged.
  void begin(std::span<const Batch> batches);
  void acknowledge() { ++acknowledged_; }
  [[nodiscard]] Range range() const { return {acknowledged_, begun_}; }

  // After how many appends a store holds this; nothing: never.
  [[nodiscard]] std::optional<std::size_t> find(const Digest& content) const;

  // The state after each append, that before the first one included.
  [[nodiscard]] std::vector<Digest> all() const;

  // `log` holds the state after `count` appends, and goes on from there; later ones are forgotten.
  Result<> resume_at(std::size_t count, const EventLog& log);

 private:
  using RowKey = std::pair<Table, std::string>;
  void take(const Row& row);

  mutable std::mutex mutex_;  // guards all but the counts
  std::map<RowKey, Digest> rows_;
  Digest content_;
  std::vector<Digest> after_{Digest()};
  std::atomic<std::size_t> begun_ = 0;
  std::atomic<std::size_t> acknowledged_ = 0;
};

}  // namespace reprise::testing
