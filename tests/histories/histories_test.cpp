// Every history that was ever recorded replays under this build: cold, cached, and evicted at every
// record; and told the same facts again, this build writes the same bytes.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "tests/histories/corpus.hpp"
#include "tests/histories/history_file.hpp"

namespace reprise::corpus {
namespace {

class Histories : public ::testing::TestWithParam<std::filesystem::path> {
 protected:
  reprise::Run loaded(std::size_t records) const {
    reprise::Run run(catalog_, history_.run, "this build");
    for (std::size_t i = 0; i < records; ++i) {
      const Result<> ok = run.replay(history_.records[i], {});
      EXPECT_TRUE(ok.has_value()) << "record " << i << ": " << (ok ? "" : ok.error().detail);
    }
    return run;
  }
  // Tells the run what record `index` says that it was told, and gives what it writes.
  std::string told_again(reprise::Run& run, std::size_t index) const {
    const Record record = decode_record(history_.run, history_.records[index], {})->record;
    auto activation = record.activations.begin();
    std::vector<CommandId> steps;
    for (std::size_t i = 0; i < record.events.size(); ++i) {
      if (class_of(record.events[i].body) == EventClass::command) continue;
      // Local steps that shared the record began before this was told.
      if (activation != record.activations.end() && activation->first_command <= i)
        run.begin_steps((activation++)->now, steps);
      run.accept(record.events[i].body, record.events[i].time);
    }
    return run.seal(record.events.back().time)->record.bytes;
  }
  const Catalog catalog_ = make_catalog();
  const HistoryFile history_ = read_history(GetParam());
};

TEST_P(Histories, ReplayCold) {
  const reprise::Run run = loaded(history_.records.size());
  EXPECT_FALSE(run.parked().has_value()) << run.parked()->expected << " / " << run.parked()->found;
  EXPECT_EQ(to_string(run.state().status()), history_.status);
  EXPECT_EQ(history_.name, GetParam().stem());
}

TEST_P(Histories, AreWrittenAgainByARunThatStaysInMemory) {
  reprise::Run run = loaded(0);
  for (std::size_t i = 0; i < history_.records.size(); ++i)
    EXPECT_EQ(told_again(run, i), history_.records[i]) << "record " << i;
}

TEST_P(Histories, AreWrittenAgainByARunThatIsEvictedAtEveryRecord) {
  for (std::size_t i = 0; i < history_.records.size(); ++i) {
    reprise::Run run = loaded(i);
    EXPECT_EQ(told_again(run, i), history_.records[i]) << "record " << i;
  }
}

std::string name_of(const ::testing::TestParamInfo<std::filesystem::path>& info) {
  std::string name = info.param.stem().string();
  std::ranges::replace(name, '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Recorded, Histories, ::testing::ValuesIn(history_files(REPRISE_HISTORIES)),
                         name_of);

TEST(HistoriesCorpus, EveryStoryIsRecorded) {
  for (const Scenario& scenario : scenarios())
    EXPECT_TRUE(std::filesystem::exists(std::filesystem::path(REPRISE_HISTORIES) /
                                        (scenario.name + ".jsonl")))
        << scenario.name << ": run record-histories once";
}

}  // namespace
}  // namespace reprise::corpus
