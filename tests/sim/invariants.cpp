#include "tests/sim/invariants.hpp"

#include <algorithm>
#include <set>

#include "engine/core/rows.hpp"
#include "engine/reads/log_answers.hpp"
#include "tests/sim/violation.hpp"

namespace reprise::sim {
namespace {

// The records that the chain of groups names: run and first event → hash, and runs in their order.
using NamedRecords = std::map<std::pair<RunId, Sequence>, Digest>;

NamedRecords walk_groups(const EventLog& log, std::vector<RunId>& runs) {
  NamedRecords named;
  GroupChain chain;
  const auto rows = log.scan(Table::group, {.from = {}, .to = {}, .limit = SIZE_MAX});
  for (const KeyValue& row : *rows) {
    const Result<> ok = chain.follow(GroupNumber(read_big_endian(row.key)), row.value);
    require(ok.has_value(), "{}", ok ? "" : ok.error().detail);
    const Result<DecodedGroup> group = decode_group(row.value);
    for (const GroupEntry& entry : group->group.entries) {
      const bool fresh = named.emplace(std::pair(entry.run, entry.first), entry.record_hash).second;
      require(fresh, "two groups hold record {} of {}", entry.first, entry.run);
      if (entry.first == Sequence(1)) runs.push_back(entry.run);
    }
  }
  return named;
}

// Timers fire at their time or later, by the clock that the log recorded. In a copy as much later as it
// was made.
void check_timers(const RunId& run, const StoredHistory& history) {
  std::map<CommandId, UtcTime> fire_at;
  for (const Event& event : history.events) {
    if (const auto* started = std::get_if<TimerStarted>(&event.body))
      fire_at[started->command] = started->fire_at;
    if (const auto* forked = std::get_if<RunForked>(&event.body))
      for (auto& [command, at] : fire_at) at = at + forked->shift;
    if (const auto* fired = std::get_if<TimerFired>(&event.body))
      require(event.time >= fire_at.at(fired->command), "{}: timer {} fires at {}, due {}", run,
              fired->command, to_rfc3339(event.time), to_rfc3339(fire_at.at(fired->command)));
  }
}

Run replayed(const EventLog& log, const RunId& id, const StoredHistory& history,
             const Catalog& catalog) {
  Run run(catalog, id, "sim");
  for (const StoredRecord& stored : history.records) {
    const LoadedRecord loaded = with_blobs(log, id, stored).value();
    const auto blob = [&](const Digest& digest) { return loaded.blob(digest); };
    const Result<> ok = run.replay(stored.bytes, blob);
    require(ok.has_value(), "{}: {}", id, ok ? "" : ok.error().detail);
  }
  return run;
}

bool is_carried(const EventBody& body) {
  const auto* signal = std::get_if<SignalReceived>(&body);
  const auto* update = std::get_if<UpdateAccepted>(&body);
  return (signal != nullptr && signal->carried_from != Sequence()) ||
         (update != nullptr && update->carried_from != Sequence());
}

// The run that continues this one begins with every message that this one's code did not take.
void check_carried(const StoreImage& image, const Run& run) {
  const auto* end = std::get_if<RunContinued>(&run.state().end()->body);
  if (end == nullptr) return;
  const auto next = image.histories.find(end->next_run);
  require(next != image.histories.end(), "{} continues as a run that is not there", run.id());
  std::vector<EventBody> carried;
  for (const Event& event : next->second.events)
    if (is_carried(event.body)) carried.push_back(event.body);
  require(carried == run.untaken_messages(), "{} was carried {} messages of {} that it left",
          end->next_run, carried.size(), run.untaken_messages().size());
}

// What must be equal of a run in memory and the same run replayed. Attempts past the tenth are
// counted in memory only.
std::string picture(const Run& run) {
  const RunDescription seen = run.describe();
  std::string text = fmt::format("{} {} last {} pending {} cancel {}", seen.view.workflow,
                                 to_string(seen.view.status), seen.view.last, seen.inputs_pending,
                                 seen.cancel_requested);
  for (const PendingActivity& activity : seen.activities)
    text +=
        fmt::format(" | {} attempt {}", activity.command, std::min(activity.attempt, Attempt(11)));
  for (const PendingTimer& timer : seen.timers)
    text += fmt::format(" | {} at {}", timer.command, timer.fire_at.micros());
  return text + seen.view.custom;
}

// What the run was, once what its deletion has left is found to be a part of it.
const StoredHistory& deleted_history(const EventLog& log, const RunId& run, const DeletedRow& row,
                                     const Ledger& ledger) {
  const auto before = ledger.to_delete.find(run);
  require(before != ledger.to_delete.end(), "{} is deleted, and nobody asked", run);
  const StoredHistory& history = before->second;
  const auto left = log.read_records(run, Sequence(1), SIZE_MAX);
  for (const StoredRecord& record : *left) {
    const auto as_it_was = std::ranges::find(history.records, record.first, &StoredRecord::first);
    require(as_it_was != history.records.end() && as_it_was->bytes == record.bytes,
            "{}: record {} has changed since its deletion began", run, record.first);
  }
  const std::string prefix(run.bytes());
  const auto blobs =
      log.scan(Table::blob, {.from = prefix, .to = prefix_end(prefix), .limit = SIZE_MAX});
  require(!row.erased || (left->empty() && blobs->empty()), "{} is erased, and has rows", run);
  return history;
}

}  // namespace

StoreImage read_store(const EventLog& log, const Ledger& ledger) {
  StoreImage image;
  NamedRecords named = walk_groups(log, image.runs);
  std::erase_if(image.runs, [&](const RunId& run) { return ledger.is_half(log, run); });
  std::erase_if(named, [&](const auto& entry) { return ledger.is_half(log, entry.first.first); });
  for (const RunId& run : image.runs) {
    const auto deleted = log.get(Table::deleted, run.bytes());
    if (*deleted) image.deleted.insert(run);
    if (const auto copy = ledger.copies.find(run); copy != ledger.copies.end())
      image.copies.insert(*copy);
    StoredHistory history =
        *deleted ? deleted_history(log, run, decode_deleted_row(**deleted).value(), ledger)
                 : stored_history(log, run);
    for (std::size_t i = 0; i < history.records.size(); ++i) {
      const bool last = i + 1 == history.records.size();
      const Digest hash = last ? history.tail : history.decoded[i + 1].previous;
      const auto entry = named.find({run, history.records[i].first});
      require(entry != named.end() && entry->second == hash, "no group names record {} of {}",
              history.records[i].first, run);
      named.erase(entry);
    }
    check_timers(run, history);
    image.states.emplace(run, folded(run, history));
    image.histories.emplace(run, std::move(history));
  }
  require(named.empty(), "a group names {} records that are not there", named.size());
  return image;
}

void check_replay(const EventLog& log, const StoreImage& image, const Catalog& catalog) {
  for (const auto& [id, history] : image.histories) {
    if (image.deleted.contains(id)) continue;
    const Run run = replayed(log, id, history, catalog);
    require(!run.parked(), "{} does not replay: at {} the log has {}, the code {}", id,
            run.parked() ? run.parked()->at : Sequence(),
            run.parked() ? run.parked()->expected : "", run.parked() ? run.parked()->found : "");
    if (run.state().closed()) check_carried(image, run);
  }
}

void check_live(const SimProcess& process, const EventLog& log, const StoreImage& image,
                const Catalog& catalog, Marks& marks) {
  for (const auto& [id, history] : image.histories) {
    const Run* live = process.peek(id);
    if (live == nullptr || live->tail() != history.tail || live->parked() || live->unsealed() > 0 ||
        live->has_unwritten_activation())
      continue;
    marks.hit("checked.live_run");
    const std::string expected = picture(replayed(log, id, history, catalog));
    require(picture(*live) == expected, "{} in memory: {}\nreplayed: {}", id, picture(*live),
            expected);
  }
}

void mark_events(const StoreImage& image, Marks& marks) {
  for (const auto& [id, history] : image.histories) {
    for (const Event& event : history.events) {
      marks.hit(fmt::format("event.{}", to_string(kind_of(event.body))));
      const auto* failed = std::get_if<ActivityFailed>(&event.body);
      if (failed != nullptr && failed->attempts_folded > 0) marks.hit("event.attempts_folded");
      const auto* signal = std::get_if<SignalReceived>(&event.body);
      if (signal != nullptr && signal->carried_from != Sequence()) marks.hit("signal.carried");
      if (failed != nullptr && failed->failure.type == "lost") marks.hit("event.lost_for_good");
      const auto* attempt = std::get_if<ActivityAttemptFailed>(&event.body);
      if (attempt != nullptr && attempt->failure.type == "timeout") marks.hit("event.timeout");
    }
    for (const Record& record : history.decoded)
      for (const Activation& activation : record.activations)
        if (activation.consumed.size() > 1) marks.hit("activation.of_several_inputs");
  }
}

}  // namespace reprise::sim
