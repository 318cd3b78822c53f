#include "storage/memory_log.hpp"

#include <iterator>
#include <mutex>
#include <utility>

#include "base/check.hpp"

namespace reprise {

Result<> MemoryLog::append(std::span<const Batch> batches) {
  const std::unique_lock lock(mutex_);
  if (failed_) return fail(Errc::unavailable, "an earlier append failed: restart to recover");
  const auto fault = std::exchange(append_fault_, std::nullopt);
  failed_ = fault.has_value();
  if (fault != AppendFault::lost)
    for (const Batch& batch : batches)
      for (const Row& row : batch.rows()) apply(row);
  if (fault) return fail(Errc::unknown_outcome, "injected: the log did not answer");
  return {};
}

void MemoryLog::apply(const Row& row) {
  Rows& rows = tables_.at(static_cast<std::size_t>(row.table));
  if (row.erase) {
    rows.erase(row.key);
    return;
  }
  const auto [place, is_new] = rows.insert_or_assign(row.key, row.value);
  CHECK(is_new || row.table != Table::record, "record {} exists", to_hex(digest_of(row.key)));
}

Result<std::optional<std::string>> MemoryLog::get(Table table, std::string_view key) const {
  if (auto fault = take_read_fault(); !fault) return std::unexpected(std::move(fault.error()));
  const std::shared_lock lock(mutex_);
  const Rows& rows = rows_of(table);
  const auto found = rows.find(key);
  if (found == rows.end()) return std::nullopt;
  return found->second;
}

Result<std::vector<KeyValue>> MemoryLog::scan(Table table, const ScanRange& range) const {
  if (auto fault = take_read_fault(); !fault) return std::unexpected(std::move(fault.error()));
  std::vector<KeyValue> found;
  if (!range.to.empty() && range.from >= range.to) return found;
  const std::shared_lock lock(mutex_);
  const Rows& rows = rows_of(table);
  const auto first = rows.lower_bound(range.from);
  const auto last = range.to.empty() ? rows.end() : rows.lower_bound(range.to);
  const auto take = [&](auto from, auto to) {
    for (; from != to && found.size() < range.limit; ++from)
      found.push_back({from->first, from->second});
  };
  if (range.backwards)
    take(std::make_reverse_iterator(last), std::make_reverse_iterator(first));
  else
    take(first, last);
  return found;
}

Result<std::vector<StoredRecord>> MemoryLog::read_records(const RunId& run, Sequence from,
                                                          std::size_t bytes_max) const {
  if (auto fault = take_read_fault(); !fault) return std::unexpected(std::move(fault.error()));
  const std::shared_lock lock(mutex_);
  const Rows& rows = rows_of(Table::record);
  auto next = rows.upper_bound(record_key(run, from));
  if (next != rows.begin() && std::prev(next)->first.starts_with(run.bytes())) --next;
  std::vector<StoredRecord> records;
  std::size_t bytes = 0;
  for (; next != rows.end() && next->first.starts_with(run.bytes()); ++next) {
    const auto first = parse_record_key(next->first, run);
    if (!first) return fail(Errc::corrupt, fmt::format("run {} has a malformed record key", run));
    records.push_back({.first = *first, .bytes = next->second});
    bytes += next->second.size();
    if (bytes > bytes_max) break;
  }
  return records;
}

void MemoryLog::fail_next_append(AppendFault fault) {
  const std::unique_lock lock(mutex_);
  append_fault_ = fault;
}

void MemoryLog::fail_next_read(Error error) {
  const std::unique_lock lock(mutex_);
  read_fault_ = std::move(error);
}

void MemoryLog::restart() {
  const std::unique_lock lock(mutex_);
  append_fault_.reset();
  read_fault_.reset();
  failed_ = false;
}

std::size_t MemoryLog::row_count(Table table) const {
  const std::shared_lock lock(mutex_);
  return rows_of(table).size();
}

Result<> MemoryLog::take_read_fault() const {
  {
    const std::shared_lock lock(mutex_);
    if (!read_fault_) return {};
  }
  const std::unique_lock lock(mutex_);
  auto fault = std::exchange(read_fault_, std::nullopt);
  if (!fault) return {};  // another reader took it in between
  return std::unexpected(std::move(*fault));
}

const MemoryLog::Rows& MemoryLog::rows_of(Table table) const {
  return tables_.at(static_cast<std::size_t>(table));
}

}  // namespace reprise
