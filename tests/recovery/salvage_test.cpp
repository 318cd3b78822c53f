// Bits of a store's files are flipped; salvage has to bring all that is readable into a new store,
// to name what is not, and to leave the source alone.
#include "engine/runtime/salvage.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "engine/core/codec.hpp"
#include "engine/runtime/verify.hpp"
#include "storage/store_identity.hpp"
#include "storage/testing/forwarding_log.hpp"
#include "tests/recovery/finished_store.hpp"
#include "tools/replay/recover_verbs.hpp"

namespace reprise::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::SizeIs;

// A copy of the store to damage, and where its salvage goes.
class Damaged {
 public:
  Damaged() { copy_data(FinishedStore::get().data.root(), data.root()); }

  // The store's files with this ending.
  [[nodiscard]] std::vector<fs::path> files(const std::string& extension) const {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(data.log()))
      if (entry.path().extension() == extension && entry.file_size() > 0)
        found.push_back(entry.path());
    std::ranges::sort(found);
    return found;
  }
  // The new store's log, made by the tool's own verb.
  int salvage() {
    ::testing::internal::CaptureStdout();
    const int status = salvage_store(data.root(), target.root(), Output::json);
    std::fflush(stdout);
    report =
        nlohmann::ordered_json::parse(::testing::internal::GetCapturedStdout(), nullptr, false);
    return status;
  }
  [[nodiscard]] std::set<std::string> named() const {
    std::set<std::string> runs;
    for (const char* list : {"runs_cut", "runs_lost"})
      for (const auto& run : report[list]) runs.insert(run["run_id"]);
    return runs;
  }

  const TemporaryDirectory folder;
  const DataDir data{folder.path() / "data"};
  const DataDir target{folder.path() / "salvaged"};
  nlohmann::ordered_json report;
};

bool is_readable(const EventLog& log, const RunId& run, const RunRecords& records) {
  return std::ranges::all_of(records, [&](const auto& record) {
    const auto found = log.get(Table::record, record_key(run, Sequence(record.first)));
    return found && *found == record.second;
  });
}

bool begins_as(const RunRecords& part, const RunRecords& whole) {
  return std::ranges::all_of(part, [&](const auto& record) {
    const auto found = whole.find(record.first);
    return found != whole.end() && found->second == record.second;
  });
}

// Whatever was flipped: the three promises of salvage.
void expect_salvaged(Damaged& damaged) {
  const auto before = digests_of(damaged.data.root());
  const int status = damaged.salvage();
  RC_ASSERT(status == kExitOk || status == kExitFault);
  RC_ASSERT(digests_of(damaged.data.root()) == before);
  const std::set<std::string> named = damaged.named();
  const bool has_lost = !named.empty() || damaged.report["groups_missing"] > 0 ||
                        damaged.report["places_unreadable"] > 0;
  RC_ASSERT(has_lost == (status == kExitFault));

  const Stored source = Stored::open(damaged.data.root(), Stored::Damage::read_around).value();
  const Stored target = Stored::open(damaged.target.root()).value();
  const StoreReport verified = verify_store(*target.log, target.catalog, target.floor);
  RC_ASSERT(verified.faults.empty());
  auto salvaged = all_records(*target.log);
  for (const auto& [run, records] : FinishedStore::get().runs) {
    RunRecords& kept = salvaged[run];
    const bool is_whole = kept == records && !named.contains(to_string(run));
    if (is_readable(*source.log, run, records)) {
      // Where the place behind its end is damaged, only the groups know that this is its end.
      const bool end_is_known =
          source.log->read_records(run, Sequence(1), SIZE_MAX).has_value() ||
          (damaged.report["groups_missing"] == 0 && damaged.report["places_unreadable"] == 0);
      RC_ASSERT(is_whole || !end_is_known);
      if (is_whole) continue;
    }
    // Its end may be in a group that is missing, with everything that named it.
    RC_ASSERT(named.contains(to_string(run)) || damaged.report["groups_missing"] > 0);
    if (named.contains(to_string(run)) && !kept.empty() && !begins_as(kept, records))
      kept.erase(std::prev(kept.end()));  // the event that pauses it
    RC_ASSERT(begins_as(kept, records));
  }
}

TEST(Salvage, OfAWholeStoreIsWhole) {
  Damaged damaged;
  EXPECT_EQ(damaged.salvage(), kExitOk);
  const Stored target = Stored::open(damaged.target.root()).value();
  EXPECT_EQ(all_records(*target.log), FinishedStore::get().runs);
  EXPECT_EQ(damaged.report["runs_whole"], FinishedStore::get().runs.size());
  EXPECT_THAT(read_store_identity(*target.log).value()->origin, HasSubstr("salvaged from store_"));
}

// Chosen by place, not by name: a shrunk case has a directory of its own.
void flip_in_one_of(const std::vector<fs::path>& files) {
  const fs::path& file = files[*rc::gen::inRange<std::size_t>(0, files.size())];
  flip_a_bit(file, *rc::gen::inRange<std::uint64_t>(0, fs::file_size(file)));
}

RC_GTEST_PROP(Salvage, OfATableWithAFlippedBitBringsAllThatIsReadable, ()) {
  Damaged damaged;
  flip_in_one_of(damaged.files(".sst"));
  expect_salvaged(damaged);
}

RC_GTEST_PROP(Salvage, OfALogWithAFlippedBitBringsAllThatIsReadable, ()) {
  Damaged damaged;
  flip_in_one_of(damaged.files(".log"));
  expect_salvaged(damaged);
}

TEST(Salvage, WithoutOneTableBringsTheRest) {
  Damaged damaged;
  ASSERT_FALSE(damaged.files(".sst").empty());
  fs::resize_file(damaged.files(".sst").front(), 100);
  EXPECT_EQ(damaged.salvage(), kExitFault);
  EXPECT_GT(damaged.report["runs_whole"], 0);
  EXPECT_FALSE(damaged.named().empty());
}

TEST(Salvage, GoesOnServing) {
  Damaged damaged;
  ASSERT_EQ(damaged.salvage(), kExitOk);
  OpenStore store(damaged.target);
  // What was open goes on; what is asleep has its timer; a keyed start is answered as it was.
  store.signal("signals-4", "end", "");
  EXPECT_EQ(store.end_of("signals-4"), RunStatus::completed);
  EXPECT_THAT(store.describe("sleeper-7").timers, SizeIs(1));
  EXPECT_EQ(store.end_of("sleeper-7", Duration(0)), std::nullopt);
  EXPECT_EQ(store.end_of("chain-9"), RunStatus::completed);
  EXPECT_EQ(store.start("chain-9", "bench.chain", R"({"n":37})"),
            store.describe("chain-9").view.run);
  EXPECT_TRUE(FinishedStore::get().runs.contains(store.describe("chain-9").view.run));
}

// Which reads meet a damaged place: those of a key alone, where the indexes know that a range ends
// before it.
enum class Met : std::uint8_t { by_all, by_key };

// A log of which one record cannot be read, and in which one group is missing.
class LogWithout final : public ForwardingLog {
 public:
  LogWithout(EventLog& whole, std::string record, GroupNumber group = {}, Met met = Met::by_all)
      : ForwardingLog(whole), record_(std::move(record)), group_(group_key(group)), met_(met) {}
  Result<std::optional<std::string>> get(Table table, std::string_view key) const override {
    if (table == Table::record && key == record_) return fail(Errc::corrupt, "a damaged block");
    return ForwardingLog::get(table, key);
  }
  Result<std::vector<KeyValue>> scan(Table table, const ScanRange& range) const override {
    auto rows = ForwardingLog::scan(table, range);
    if (rows && table == Table::group)
      std::erase_if(*rows, [this](const KeyValue& row) { return row.key == group_; });
    return rows;
  }
  Result<std::vector<StoredRecord>> read_records(const RunId& run, Sequence from,
                                                 std::size_t bytes_max) const override {
    if (met_ == Met::by_all && record_.starts_with(run.bytes()))
      return fail(Errc::corrupt, "a damaged block");
    return ForwardingLog::read_records(run, from, bytes_max);
  }

 private:
  const std::string record_;
  const std::string group_;
  const Met met_;
};

std::vector<DamagedRun> cut_runs(const EventLog& log, const std::optional<FloorMark>& floor,
                                 const Catalog& catalog) {
  const TemporaryDirectory folder;
  const auto target = RocksDbLog::open(folder.path()).value();
  return reprise::salvage(log, floor, catalog, *target, system_clock().utc())->runs_cut;
}

TEST(Salvage, KnowsTheEndOfARunFromGroupsOrIndexesWhereThePlaceBehindItIsDamaged) {
  const Stored source = Stored::open(FinishedStore::get().data.root()).value();
  const auto last_of = [](const auto& run) {
    return decode_record(run.first, run.second.rbegin()->second, {});
  };
  const auto with_last_inline = std::ranges::find_if(
      FinishedStore::get().runs, [&](const auto& run) { return last_of(run).has_value(); });
  ASSERT_NE(with_last_inline, FinishedStore::get().runs.end());
  const RunId run = with_last_inline->first;
  const Sequence behind = last_of(*with_last_inline)->record.events.back().sequence.next();
  const LogWithout damaged(*source.log, record_key(run, behind));
  EXPECT_THAT(cut_runs(damaged, source.floor, source.catalog), SizeIs(0));
  EXPECT_THAT(cut_runs(damaged, {}, source.catalog), SizeIs(1)) << "nobody knows the last group";
  const LogWithout without_group(*source.log, record_key(run, behind), GroupNumber(1));
  const auto cut = cut_runs(without_group, source.floor, source.catalog);
  ASSERT_THAT(cut, SizeIs(1)) << "another record may have been in the missing group";
  EXPECT_EQ(cut[0].run, run);
  const LogWithout passed_by(*source.log, record_key(run, behind), GroupNumber(1), Met::by_key);
  EXPECT_THAT(cut_runs(passed_by, source.floor, source.catalog), SizeIs(0));
}

// The open run that loses its last record is paused where it was cut, and goes on when told.
TEST(Salvage, PausesARunThatWasCut) {
  const auto& runs = FinishedStore::get().runs;
  Damaged damaged;
  RunId cut;
  {
    OpenStore store(damaged.data);
    cut = store.describe("signals-5").view.run;
  }
  const Stored source = Stored::open(damaged.data.root()).value();
  const std::uint64_t missing = std::prev(runs.at(cut).end())->first;
  const LogWithout log(*source.log, record_key(cut, Sequence(missing)));
  std::filesystem::create_directories(damaged.target.root());
  {
    const auto target = RocksDbLog::open(damaged.target.log()).value();
    const auto report =
        reprise::salvage(log, source.floor, source.catalog, *target, system_clock().utc());
    ASSERT_TRUE(report) << to_string(report.error());
    ASSERT_THAT(report->runs_cut, SizeIs(1));
    EXPECT_EQ(report->runs_cut[0].run, cut);
    EXPECT_EQ(report->runs_cut[0].last_good, Sequence(missing - 1));
    EXPECT_THAT(report->runs_cut[0].reason, HasSubstr("a damaged block"));
    ASSERT_TRUE(DurableFloor::reset(damaged.target.floor(),
                                    {report->position.number, report->position.hash}));
  }
  OpenStore store(damaged.target);
  const RunDescription described = store.describe("signals-5");
  ASSERT_TRUE(described.paused);
  EXPECT_THAT(described.paused->reason, HasSubstr("salvaged up to event"));
}

TEST(Salvage, OfNothingIsUnreadable) {
  const TemporaryDirectory folder;
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(salvage_store(folder.path(), folder.path() / "target", Output::text), kExitUnreadable);
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr("holds no Reprise data"));
}

TEST(Salvage, WithoutAManifestIsUnreadableAndLeavesNothing) {
  Damaged damaged;
  fs::remove(damaged.data.log() / "CURRENT");
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(salvage_store(damaged.data.root(), damaged.target.root(), Output::text),
            kExitUnreadable);
  ::testing::internal::GetCapturedStderr();
  EXPECT_FALSE(fs::exists(damaged.target.root()));
}

TEST(Salvage, WithADamagedFloorIsPossible) {
  Damaged damaged;
  fs::resize_file(damaged.data.floor(), 10);
  EXPECT_EQ(damaged.salvage(), kExitOk);
}

}  // namespace
}  // namespace reprise::testing
