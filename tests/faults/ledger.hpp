// Ledger: what clients were told is done, in the order in which they were told.
//
// Thread: any; what one client does is told in its order.
#pragma once

#include <atomic>
#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.hpp"
#include "storage/event_log.hpp"

namespace reprise::testing {

class Ledger {
 public:
  Ledger() = default;
  Ledger(const Ledger& other) : Ledger(other.first(other.size())) {}
  Ledger(Ledger&& other) noexcept : entries_(std::move(other.entries_)), size_(entries_.size()) {}

  // Its first `count` entries.
  [[nodiscard]] Ledger first(std::size_t count) const;

  // The start of a workflow, or a signal with this word, was acknowledged.
  void started(const WorkflowId& workflow) { add({workflow, std::nullopt}); }
  void signalled(const WorkflowId& workflow, std::string word) { add({workflow, std::move(word)}); }
  [[nodiscard]] std::size_t size() const { return size_; }

  // The workflows that were sent signals.
  [[nodiscard]] std::set<WorkflowId> signalled_workflows() const;

  // What of the first `count` entries is not in `log` once and in its order; nothing: all is well.
  [[nodiscard]] std::optional<std::string> missing_in(const EventLog& log, std::size_t count) const;

 private:
  struct Entry {
    WorkflowId workflow;
    std::optional<std::string> word;  // nothing: its start
  };
  void add(Entry entry);

  mutable std::mutex mutex_;
  std::vector<Entry> entries_;
  std::atomic<std::size_t> size_ = 0;
};

}  // namespace reprise::testing
