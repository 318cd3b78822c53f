#include "engine/runtime/salvage.hpp"

#include <fmt/format.h>

#include <set>

#include "engine/core/codec.hpp"
#include "engine/core/history_checker.hpp"
#include "engine/core/letters.hpp"
#include "engine/core/routing.hpp"
#include "engine/core/rows.hpp"
#include "engine/reads/log_answers.hpp"
#include "engine/runtime/salvage_survey.hpp"
#include "engine/runtime/salvage_writer.hpp"
#include "storage/readable_rows.hpp"
#include "storage/store_format.hpp"

namespace reprise {
namespace {

struct Place {
  const EventLog& source;
  const Catalog& catalog;
  SalvageWriter& out;
  UtcTime now;
  std::uint16_t shard_count;
  bool groups_are_whole;
};

// A record with what it names, checked but for its place in the history.
struct WholeRecord {
  LoadedRecord stored;
  DecodedRecord decoded;
};

// Nothing: there is none.
Result<std::optional<WholeRecord>> record_at(const EventLog& log, const RunId& run,
                                             Sequence first) {
  Result<std::optional<std::string>> bytes = log.get(Table::record, record_key(run, first));
  if (!bytes) return std::unexpected(std::move(bytes.error()));
  if (!*bytes) return std::nullopt;
  Result<LoadedRecord> loaded = with_blobs(log, run, {.first = first, .bytes = std::move(**bytes)});
  if (!loaded) return std::unexpected(std::move(loaded.error()));
  Result<DecodedRecord> decoded =
      decode_record(run, loaded->bytes, [&](const Digest& digest) { return loaded->blob(digest); });
  if (!decoded) return std::unexpected(std::move(decoded.error()));
  return WholeRecord{std::move(*loaded), std::move(*decoded)};
}

// One run on its way over.
class Passage {
 public:
  Passage(const Place& place, const RunId& run, const FoundRun& found)
      : place_(place), run_(run), found_(found) {
    checker_.emplace(place.catalog, run);
  }

  // Writes all of it that is right; says what is wrong with the rest.
  Result<> take_over(SalvageReport& report) {
    Result<std::string> why = take_records();
    if (!why) return std::unexpected(std::move(why.error()));
    if (why->empty() && found_.last_known > last())
      *why = fmt::format("event {} was there, and event {} is missing", found_.last_known,
                         last().next());
    if (checker_->empty()) {
      if (why->empty()) *why = "none of its records is there";
      report.runs_lost.push_back(
          {.run = run_, .workflow = found_.workflow, .last_good = {}, .reason = std::move(*why)});
      return {};
    }
    const Sequence last_good = last();
    if (!why->empty())
      if (Result<> paused = pause(*why); !paused) return paused;
    write_rows();
    if (why->empty())
      ++report.runs_whole;
    else
      report.runs_cut.push_back({.run = run_,
                                 .workflow = state().started()->workflow,
                                 .last_good = last_good,
                                 .reason = std::move(*why)});
    return place_.out.commit_if_large();
  }

 private:
  [[nodiscard]] const RunState& state() const { return checker_->state(); }
  [[nodiscard]] Sequence last() const { return state().last(); }

  // What stands behind cannot be read, and the groups say that nothing does.
  [[nodiscard]] bool ends_here() const {
    return place_.groups_are_whole && !checker_->empty() && checker_->tail() == found_.tail;
  }

  // The place of the next record cannot be read, but indexes and filters, which a read of a range
  // looks at first, know that none of this run is there. Reads two records at most.
  [[nodiscard]] bool nothing_stands_behind() const {
    const auto covering = place_.source.read_records(run_, last().next(), 0);
    if (!covering || covering->empty()) return covering.has_value();
    const auto rest =
        place_.source.read_records(run_, last().next(), covering->front().bytes.size());
    return rest && rest->back().first <= last();
  }

  // Why it stopped; empty: at the end of what is there.
  Result<std::string> take_records() {
    while (true) {
      Result<std::optional<WholeRecord>> record = record_at(place_.source, run_, last().next());
      if (!record && (ends_here() || nothing_stands_behind())) return std::string();
      if (!record) return record.error().detail;
      if (!*record) return std::string();
      if (Result<> taken = checker_->take((*record)->decoded, (*record)->stored.bytes.size());
          !taken) {
        std::string why = std::move(taken.error().detail);
        if (Result<> folded = fold_again(checker_->records()); !folded)
          return std::unexpected(std::move(folded.error()));
        return why;
      }
      place_.out.put(run_, std::move((*record)->stored), (*record)->decoded.hash);
      if (Result<> written = place_.out.commit_if_large(); !written)
        return std::unexpected(std::move(written.error()));
    }
  }

  // The record that was refused has spoilt the fold.
  Result<> fold_again(std::uint64_t records) {
    checker_.emplace(place_.catalog, run_);
    while (checker_->records() < records) {
      const Result<std::optional<WholeRecord>> record =
          record_at(place_.source, run_, last().next());
      if (!record) return std::unexpected(record.error());
      if (!*record) return fail(Errc::corrupt, to_string(run_) + " changes while it is read");
      if (Result<> taken = checker_->take((*record)->decoded, (*record)->stored.bytes.size());
          !taken)
        return taken;
    }
    return {};
  }

  Result<> pause(const std::string& why) {
    if (state().closed() || state().paused()) return {};
    const Record record{
        .run = run_,
        .previous = checker_->tail(),
        .events = {{.sequence = last().next(),
                    .time = place_.now,
                    .body = RunPaused{fmt::format("salvaged up to event {}: {}", last(), why)}}},
        .activations = {}};
    Result<EncodedRecord> encoded = encode_record(record);
    if (!encoded) return std::unexpected(std::move(encoded.error()));
    if (Result<> taken = checker_->take({record, encoded->hash}, encoded->bytes.size()); !taken)
      return taken;
    LoadedRecord stored{.first = record.events.front().sequence,
                        .bytes = std::move(encoded->bytes)};
    place_.out.put(run_, std::move(stored), encoded->hash);
    return {};
  }

  // As a shard would write them. A busy mark too many is cleared at the first start.
  void write_rows() {
    const WorkflowId& workflow = state().started()->workflow;
    const ShardIndex shard = shard_of(workflow.text(), place_.shard_count);
    // Runs come in order of their birth: the latest run of a workflow writes last.
    place_.out.put(Table::workflow, workflow.text(),
                   encode_workflow_row({run_, state().started()->first_run, state().closed()}));
    place_.out.put(Table::view, view_key(workflow, run_), encode_view(checker_->view()));
    const bool is_busy =
        !state().closed() && (!state().activities().empty() || !state().pending().empty());
    if (is_busy || !letters_of(state()).empty())
      place_.out.put(Table::busy, busy_key(shard, run_), workflow.text());
    if (const std::optional<UtcTime> at = state().wake_time())
      place_.out.put(Table::wake, wake_key(shard, *at, run_), workflow.text());
  }

  const Place& place_;
  const RunId run_;
  const FoundRun& found_;
  std::optional<HistoryChecker> checker_;
};

// Answers to keyed starts, of runs that are in the new store.
Result<> take_keys(const EventLog& source, const std::set<RunId>& lost, SalvageWriter& out,
                   SalvageReport& report) {
  report.places_unreadable += visit_readable_rows(source, Table::key, [&](const KeyValue& row) {
    const Result<KeyRow> key = decode_key_row(row.value);
    if (key && !lost.contains(key->run)) out.put(Table::key, row.key, row.value);
    return row.key + '\0';
  });
  return out.commit();
}

}  // namespace

Result<SalvageReport> salvage(const EventLog& source, const std::optional<FloorMark>& floor,
                              const Catalog& catalog, EventLog& target, UtcTime now) {
  // Damaged meta rows: every store so far was made with the format's defaults.
  const Result<std::optional<StoreFormat>> stored = read_store_format(source);
  const StoreFormat format = stored ? stored->value_or(StoreFormat()) : StoreFormat();
  if (format.version != StoreFormat::kVersion)
    return fail(Errc::unsupported,
                fmt::format("the store has format {}; this build reads format {}", format.version,
                            StoreFormat::kVersion));
  if (Result<> made = create_or_verify_store(target, format); !made)
    return std::unexpected(std::move(made.error()));

  SalvageReport report;
  const SalvageSurvey survey = survey_for_salvage(source, floor);
  report.groups_missing = survey.groups_missing;
  report.places_unreadable = survey.places_unreadable;
  SalvageWriter out(target);
  const Place place{.source = source,
                    .catalog = catalog,
                    .out = out,
                    .now = now,
                    .shard_count = static_cast<std::uint16_t>(format.shard_count),
                    .groups_are_whole = survey.groups_are_whole};
  for (const auto& [run, found] : survey.runs)
    if (Result<> taken = Passage(place, run, found).take_over(report); !taken)
      return std::unexpected(std::move(taken.error()));
  if (Result<> written = out.commit(); !written) return std::unexpected(std::move(written.error()));
  std::set<RunId> lost;
  for (const DamagedRun& run : report.runs_lost) lost.insert(run.run);
  if (Result<> taken = take_keys(source, lost, out, report); !taken)
    return std::unexpected(std::move(taken.error()));
  report.position = out.position();
  return report;
}

}  // namespace reprise
