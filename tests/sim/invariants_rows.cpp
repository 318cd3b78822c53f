// The rows beside the histories are the fold of the histories.
#include <algorithm>
#include <set>

#include "engine/core/letters.hpp"
#include "engine/core/routing.hpp"
#include "engine/core/rows.hpp"
#include "engine/core/view.hpp"
#include "tests/sim/invariants.hpp"
#include "tests/sim/violation.hpp"

namespace reprise::sim {
namespace {

std::map<std::string, std::string> table(const EventLog& log, Table which) {
  std::map<std::string, std::string> rows;
  auto found = log.scan(which, {.from = {}, .to = {}, .limit = SIZE_MAX});
  for (KeyValue& row : *found) rows.emplace(std::move(row.key), std::move(row.value));
  return rows;
}

ShardIndex shard_for(const RunState& state) {
  return shard_of(state.started()->workflow.text(), kShardCount);
}

void check_workflow_rows(const EventLog& log, const StoreImage& image) {
  std::map<std::string, std::string> expected;
  std::map<std::string, RunId> first;
  std::map<std::string, RunId> latest;
  for (const RunId& run : image.runs) {
    const RunState& state = image.states.at(run);
    const std::string& workflow = state.started()->workflow.text();
    // Where the latest run was deleted, an id begins anew.
    if (image.deleted.contains(latest[workflow]) && state.started()->first_run == run)
      first.erase(workflow);
    latest[workflow] = run;
    if (const auto copy = image.copies.find(run); copy != image.copies.end())
      first[workflow] = image.states.at(copy->second.from).started()->first_run;
    const RunId first_run = first.try_emplace(workflow, run).first->second;
    require(state.started()->first_run == first_run, "{}: its first run is {}, and it says {}", run,
            first_run, state.started()->first_run);
    if (const auto before = expected.find(workflow); before != expected.end()) {
      const Result<WorkflowRow> row = decode_workflow_row(before->second);
      require(row->closed, "{} starts while {} of {} is open", run, row->run, workflow);
    }
    expected[workflow] = encode_workflow_row({run, first_run, state.closed()});
  }
  for (const auto& [workflow, run] : latest)
    if (image.deleted.contains(run)) expected.erase(workflow);
  require(table(log, Table::workflow) == expected, "workflow rows differ from the histories");
}

void check_view(const RunId& run, const StoredHistory& history, const ViewDefinition& definition,
                const std::string& stored) {
  const Result<RunView> view = decode_view(stored);
  require(view.has_value(), "{}: its view does not decode", run);
  RunViewFolder folder(run, &definition);
  for (const Event& event : history.events) {
    const bool changed = folder.apply(event);
    require(!changed || event.sequence <= view->last, "{}: event {} changes the view stored at {}",
            run, event.sequence, view->last);
    if (event.sequence == view->last)
      require(folder.view() == *view, "{}: the view stored at {} is not the fold", run, view->last);
  }
}

void check_views(const EventLog& log, const StoreImage& image, const Catalog& catalog) {
  std::map<std::string, std::string> rows = table(log, Table::view);
  const std::size_t runs = image.runs.size() - image.deleted.size();
  require(rows.size() == runs, "{} views of {} runs", rows.size(), runs);
  for (const auto& [run, state] : image.states) {
    if (image.deleted.contains(run)) continue;
    const auto row = rows.find(view_key(state.started()->workflow, run));
    require(row != rows.end(), "{} has no view", run);
    check_view(run, image.histories.at(run), catalog.find(state.started()->type)->view,
               row->second);
  }
}

// Letters whose answer is an event. Whether another was delivered, memory knew.
std::ptrdiff_t letters_to_record(const RunState& state) {
  return std::ranges::count_if(letters_of(state), [](const LetterKey& key) {
    return key.kind == LetterKind::start_child || key.kind == LetterKind::message;
  });
}

void check_marks(const EventLog& log, const StoreImage& image) {
  std::map<std::string, std::string> wakes;
  const auto busy = table(log, Table::busy);
  const auto parked = table(log, Table::parked);
  std::set<std::string> open_runs;
  for (const auto& [run, state] : image.states) {
    const ShardIndex shard = shard_for(state);
    const std::string& workflow = state.started()->workflow.text();
    if (state.closed()) continue;
    open_runs.insert(parked_key(shard, run));
    const bool inputs_wait = !state.pending().empty() && !state.paused() && !state.starts_at();
    if (!state.activities().empty() || inputs_wait || letters_to_record(state) > 0)
      require(busy.contains(busy_key(shard, run)),
              "{}, a {}, has open work and no busy mark: {} activities, {} inputs, {} letters", run,
              state.started()->type, state.activities().size(), state.pending().size(),
              letters_to_record(state));
    std::optional<UtcTime> wake = state.earliest_timer();
    if (const auto own = state.own_time(); own && (!wake || *own < *wake)) wake = own;
    if (state.activities().empty() && wake) wakes.emplace(wake_key(shard, *wake, run), workflow);
  }
  require(table(log, Table::wake) == wakes, "wake rows differ from the histories");
  for (const auto& [key, reason] : parked)
    require(open_runs.contains(key) && decode_parked_row(reason).has_value(),
            "a parked row of a run that is not open, or damaged");
}

}  // namespace

void check_rows(const EventLog& log, const StoreImage& image, const Catalog& catalog) {
  check_workflow_rows(log, image);
  check_views(log, image, catalog);
  check_marks(log, image);
}

}  // namespace reprise::sim
