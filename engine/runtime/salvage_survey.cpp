#include "engine/runtime/salvage_survey.hpp"

#include <algorithm>

#include "engine/core/group.hpp"
#include "engine/core/view.hpp"
#include "storage/readable_rows.hpp"

namespace reprise {
namespace {

constexpr std::size_t kSequenceBytes = 8;

std::string behind(const KeyValue& row) { return row.key + '\0'; }

class Surveyor {
 public:
  Surveyor(const EventLog& log, const std::optional<FloorMark>& floor) : log_(log) {
    read_groups(floor);
    read_views();
    read_records();
    read_marks();
    leave_deleted_runs();
  }
  SalvageSurvey take() { return std::move(survey_); }

 private:
  void visit(Table table, const VisitRow& visit) {
    survey_.places_unreadable += visit_readable_rows(log_, table, visit);
  }
  FoundRun& knows(const RunId& run, Sequence at_least) {
    FoundRun& found = survey_.runs[run];
    found.last_known = std::max(found.last_known, at_least);
    return found;
  }

  void read_groups(const std::optional<FloorMark>& floor) {
    std::uint64_t whole = 0;
    std::uint64_t last = floor ? floor->group.value() : 0;
    visit(Table::group, [&](const KeyValue& row) {
      if (row.key.size() != sizeof(std::uint64_t)) return behind(row);
      last = std::max(last, read_big_endian(row.key));
      const Result<DecodedGroup> group = decode_group(row.value);
      if (!group) return behind(row);
      ++whole;
      for (const GroupEntry& entry : group->group.entries) {
        FoundRun& found = knows(entry.run, entry.first);
        if (entry.first < found.last_named) continue;
        found.last_named = entry.first;
        found.tail = entry.record_hash;
      }
      return behind(row);
    });
    survey_.groups_missing = last - std::min(whole, last);
    survey_.groups_are_whole =
        floor && survey_.groups_missing == 0 && survey_.places_unreadable == 0;
  }

  void read_views() {
    visit(Table::view, [&](const KeyValue& row) {
      if (row.key.size() <= RunId::kBytes + 1) return behind(row);
      const std::size_t id_bytes = row.key.size() - RunId::kBytes - 1;
      const Result<RunView> view = decode_view(row.value);
      knows(RunId::from_bytes(std::string_view(row.key).substr(id_bytes + 1)),
            view ? view->last : Sequence(1))
          .workflow = WorkflowId(row.key.substr(0, id_bytes));
      return behind(row);
    });
  }

  // The first record of a run that is there, and then the next run.
  void read_records() {
    visit(Table::record, [&](const KeyValue& row) {
      if (row.key.size() != RunId::kBytes + kSequenceBytes) return behind(row);
      const std::string_view run = std::string_view(row.key).substr(0, RunId::kBytes);
      knows(RunId::from_bytes(run), Sequence(read_big_endian(row.key.substr(RunId::kBytes))));
      return prefix_end(run);
    });
  }

  void read_marks() {
    visit(Table::busy, [&](const KeyValue& row) {
      if (const std::optional<RunId> run = parse_busy_key(row.key))
        knows(*run, Sequence(1)).workflow = WorkflowId(row.value);
      return behind(row);
    });
    visit(Table::wake, [&](const KeyValue& row) {
      if (const std::optional<WakeKey> wake = parse_wake_key(row.key))
        knows(wake->run, Sequence(1)).workflow = WorkflowId(row.value);
      return behind(row);
    });
  }

  // What is left of them was on its way out.
  void leave_deleted_runs() {
    visit(Table::deleted, [&](const KeyValue& row) {
      if (row.key.size() == RunId::kBytes) survey_.runs.erase(RunId::from_bytes(row.key));
      return behind(row);
    });
  }

  const EventLog& log_;
  SalvageSurvey survey_;
};

}  // namespace

SalvageSurvey survey_for_salvage(const EventLog& log, const std::optional<FloorMark>& floor) {
  return Surveyor(log, floor).take();
}

}  // namespace reprise
