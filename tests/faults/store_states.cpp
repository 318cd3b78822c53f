#include "tests/faults/store_states.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace reprise::testing {
namespace {

constexpr std::array kTables{Table::record, Table::blob,   Table::group,    Table::wake,
                             Table::busy,   Table::key,    Table::workflow, Table::view,
                             Table::outbox, Table::parked, Table::meta,     Table::deleted};

Digest digest_of_row(Table table, std::string_view key, std::string_view value) {
  std::string row(1, static_cast<char>(table));
  append_big_endian(row, key.size(), sizeof(std::uint64_t));
  row += key;
  row += value;
  return digest_of(row);
}

// In any order, and twice is never: so that a row goes as it came.
void toggle(Digest& sum, const Digest& row) {
  for (std::size_t i = 0; i < Digest::kBytes; ++i) sum.bytes[i] ^= row.bytes[i];
}

}  // namespace

Result<> for_each_row(const EventLog& log,
                      const std::function<Result<>(Table, const KeyValue&)>& visit) {
  for (const Table table : kTables) {
    ScanRange range;
    for (;;) {
      const Result<std::vector<KeyValue>> rows = log.scan(table, range);
      if (!rows) return std::unexpected(rows.error());
      for (const KeyValue& row : *rows)
        if (Result<> visited = visit(table, row); !visited) return visited;
      if (rows->size() < range.limit) break;
      range.from = rows->back().key + '\0';
    }
  }
  return {};
}

Result<Digest> content_of(const EventLog& log) {
  Digest sum;
  const Result<> read = for_each_row(log, [&](Table table, const KeyValue& row) -> Result<> {
    toggle(sum, digest_of_row(table, row.key, row.value));
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return sum;
}

StoreStates::StoreStates(const StoreStates& other) {
  const std::lock_guard lock(other.mutex_);
  rows_ = other.rows_;
  content_ = other.content_;
  after_ = other.after_;
  begun_ = other.begun_.load();
  acknowledged_ = other.acknowledged_.load();
}

void StoreStates::begin(std::span<const Batch> batches) {
  const std::lock_guard lock(mutex_);
  for (const Batch& batch : batches)
    for (const Row& row : batch.rows()) take(row);
  after_.push_back(content_);
  ++begun_;
}

void StoreStates::take(const Row& row) {
  const auto found = rows_.find({row.table, row.key});
  if (found != rows_.end()) {
    toggle(content_, found->second);
    rows_.erase(found);
  }
  if (row.erase) return;
  const Digest digest = digest_of_row(row.table, row.key, row.value);
  toggle(content_, digest);
  rows_.emplace(RowKey(row.table, row.key), digest);
}

std::optional<std::size_t> StoreStates::find(const Digest& content) const {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(after_, content);
  if (found == after_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - after_.begin());
}

std::vector<Digest> StoreStates::all() const {
  const std::lock_guard lock(mutex_);
  return after_;
}

Result<> StoreStates::resume_at(std::size_t count, const EventLog& log) {
  const std::lock_guard lock(mutex_);
  rows_.clear();
  content_ = after_.at(count);
  after_.resize(count + 1);
  begun_ = count;
  acknowledged_ = count;
  return for_each_row(log, [&](Table table, const KeyValue& row) -> Result<> {
    rows_.emplace(RowKey(table, row.key), digest_of_row(table, row.key, row.value));
    return {};
  });
}

}  // namespace reprise::testing
