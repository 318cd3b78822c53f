#include "tests/faults/ledger.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/runtime/log_reads.hpp"

namespace reprise::testing {
namespace {

using Words = std::vector<std::string>;

Result<Words> words_received(const EventLog& log, const RunId& run) {
  constexpr std::size_t kEventsPerRead = 1000;
  Words words;
  for (Sequence after;;) {
    const Result<HistoryPage> page = read_events(log, run, after, kEventsPerRead);
    if (!page) return std::unexpected(page.error());
    if (page->events.empty()) return words;
    for (const Event& event : page->events)
      if (const auto* signal = std::get_if<SignalReceived>(&event.body))
        words.push_back(signal->payload.bytes);
    after = page->next;
  }
}

std::optional<std::string> missing_of(const EventLog& log, const WorkflowId& workflow,
                                      const Words& told) {
  const Result<WorkflowRow> row = read_workflow(log, workflow);
  if (!row) return fmt::format("{}: {}", workflow.text(), to_string(row.error()));
  Result<Words> received = words_received(log, row->run);
  if (!received) return fmt::format("{}: {}", workflow.text(), to_string(received.error()));
  std::erase_if(*received, [&](const std::string& word) {
    return std::ranges::find(told, word) == told.end();
  });
  if (*received == told) return std::nullopt;
  return fmt::format("{}: {} acknowledged signals, {} of them in its history, or out of order",
                     workflow.text(), told.size(), received->size());
}

}  // namespace

Ledger Ledger::first(std::size_t count) const {
  const std::lock_guard lock(mutex_);
  Ledger some;
  some.entries_.assign(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(count));
  some.size_ = count;
  return some;
}

void Ledger::add(Entry entry) {
  const std::lock_guard lock(mutex_);
  entries_.push_back(std::move(entry));
  size_ = entries_.size();
}

std::set<WorkflowId> Ledger::signalled_workflows() const {
  const std::lock_guard lock(mutex_);
  std::set<WorkflowId> workflows;
  for (const Entry& entry : entries_)
    if (entry.word) workflows.insert(entry.workflow);
  return workflows;
}

std::optional<std::string> Ledger::missing_in(const EventLog& log, std::size_t count) const {
  std::map<WorkflowId, Words> told;
  {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < count; ++i) {
      Words& words = told[entries_[i].workflow];
      if (entries_[i].word) words.push_back(*entries_[i].word);
    }
  }
  for (const auto& [workflow, words] : told)
    if (auto missing = missing_of(log, workflow, words)) return missing;
  return std::nullopt;
}

}  // namespace reprise::testing
