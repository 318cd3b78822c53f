// MemoryLog: the event log in ordered maps. For tests, and for the simulator, which makes it fail.
//
// Guarantees: those of EventLog, for the life of the object. A record is never overwritten: a batch
//             that tries ends the process (CHECK), because only a defect of ours can do it.
// Thread:     one appender at a time, readers and faults from anywhere.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <shared_mutex>
#include <string>

#include "storage/event_log.hpp"

namespace reprise {

class MemoryLog final : public EventLog {
 public:
  // What really became of a write whose outcome is unknown to the writer.
  enum class AppendFault : unsigned char { applied, lost };

  Result<> append(std::span<const Batch> batches) override;
  Result<std::optional<std::string>> get(Table table, std::string_view key) const override;
  Result<std::vector<KeyValue>> scan(Table table, const ScanRange& range) const override;
  Result<std::vector<StoredRecord>> read_records(const RunId& run, Sequence from,
                                                 std::size_t bytes_max) const override;

  // The next append answers unknown_outcome; every later one answers unavailable until restart().
  void fail_next_append(AppendFault fault);
  // The next get, scan or read_records answers `error`.
  void fail_next_read(Error error);
  // What a new process finds: the rows as they stand, and no failure.
  void restart();

  [[nodiscard]] std::size_t row_count(Table table) const;

 private:
  using Rows = std::map<std::string, std::string, std::less<>>;
  static constexpr std::size_t kTableCount =
      static_cast<std::size_t>(Table::deleted) + 1;  // by number; 0 stays empty

  void apply(const Row& row);
  Result<> take_read_fault() const;
  [[nodiscard]] const Rows& rows_of(Table table) const;

  mutable std::shared_mutex mutex_;  // guards all below
  std::array<Rows, kTableCount> tables_;
  std::optional<AppendFault> append_fault_;
  mutable std::optional<Error> read_fault_;
  bool failed_ = false;
};

}  // namespace reprise
