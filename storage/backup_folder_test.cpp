// Backups of real stores: what they hold, what they share, and what is refused.
#include "storage/backup_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "storage/data_dir.hpp"
#include "storage/store_identity.hpp"
#include "storage/testing/temporary_directory.hpp"

namespace reprise {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using testing::TemporaryDirectory;

constexpr std::size_t kSmallMemtable = std::size_t{64} << 10;

RunId run_of(std::uint64_t n) { return RunId::make(UtcTime::from_micros(1'000'000), 0, n % 7); }

std::string record_of(std::uint64_t n) {
  std::string record = fmt::format("record {} ", n);
  for (std::uint64_t i = 0; i < 20 + n % 5 * 20; ++i) record += to_hex(digest_of(record));
  return record;
}

std::vector<Batch> append_of(std::uint64_t n) {
  std::vector<Batch> batches(1);
  batches[0].put(Table::record, record_key(run_of(n), Sequence(n)), record_of(n));
  batches[0].put(Table::view, "latest", fmt::format("{}", n));
  batches[0].put(Table::group, group_key(GroupNumber(n)), fmt::format("group {}", n));
  return batches;
}

// The last append in `log`. Fails the test when one before it is missing or stands in part.
std::uint64_t last_append_in(const EventLog& log) {
  const auto groups = log.scan(Table::group, {.limit = 1'000'000});
  EXPECT_TRUE(groups) << to_string(groups.error());
  if (!groups) return 0;
  const std::uint64_t count = groups->size();
  for (std::uint64_t n = 1; n <= count; ++n)
    EXPECT_EQ(log.get(Table::record, record_key(run_of(n), Sequence(n))), record_of(n)) << n;
  const auto records = log.scan(Table::record, {.limit = 1'000'000});
  EXPECT_TRUE(records && records->size() == count) << "a record without its group, at " << count;
  if (count > 0) EXPECT_EQ(log.get(Table::view, "latest"), fmt::format("{}", count));
  return count;
}

Result<FloorMark> position_of(const EventLog& log) {
  const auto last = log.scan(Table::group, {.limit = 1, .backwards = true});
  if (!last) return std::unexpected(last.error());
  if (last->empty()) return FloorMark{};
  return FloorMark{.group = GroupNumber(read_big_endian(last->front().key)),
                   .digest = digest_of(last->front().value)};
}

void flip_a_bit(const fs::path& path, std::uint64_t at) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(at));
  const int byte = file.get();
  file.seekp(static_cast<std::streamoff>(at));
  file.put(static_cast<char>(byte ^ 1));
}

std::vector<fs::path> tables_in(const fs::path& dir) {
  std::vector<fs::path> tables;
  for (const auto& entry : fs::directory_iterator(dir))
    if (entry.path().extension() == ".sst") tables.push_back(entry.path());
  std::ranges::sort(tables);
  return tables;
}

// A store with a folder for its backups.
class Store {
 public:
  explicit Store(std::size_t memtable_bytes = kSmallMemtable) {
    log_ = RocksDbLog::open(data_.log(), {.memtable_bytes = memtable_bytes}).value();
    CHECK(ensure_store_identity(*log_).has_value());
  }

  void append(std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::uint64_t n = appended_ + 1;
      const Result<> done = log_->append(append_of(n));
      CHECK(done.has_value(), "{}", done.error().detail);
      appended_ = n;
    }
  }
  Result<MadeBackup> back_up(std::string name, const std::stop_token& stop = {}) {
    return folder().create(*log_,
                           {.name = std::move(name),
                            .created = UtcTime::from_micros(++moment_ * 1'000'000),
                            .position = position_of},
                           stop);
  }
  [[nodiscard]] BackupFolder folder() const { return BackupFolder::open(backups()).value(); }
  [[nodiscard]] fs::path backups() const { return dir_.path() / "backups"; }
  [[nodiscard]] fs::path fresh() const { return dir_.path() / fmt::format("t{}", ++moment_); }
  [[nodiscard]] const DataDir& data() const { return data_; }
  [[nodiscard]] RocksDbLog& log() { return *log_; }
  [[nodiscard]] std::uint64_t appended() const { return appended_; }
  [[nodiscard]] std::int64_t moment() const { return moment_; }

  // A backup is a data directory: it opens where it lies.
  [[nodiscard]] std::uint64_t appends_in(const std::string& name) const {
    const auto log = RocksDbLog::open_read_only(DataDir(backups() / name).log());
    EXPECT_TRUE(log) << to_string(log.error());
    return log ? last_append_in(**log) : 0;
  }

 private:
  const TemporaryDirectory dir_;
  const DataDir data_{dir_.path() / "data"};
  std::unique_ptr<RocksDbLog> log_;
  std::atomic<std::uint64_t> appended_ = 0;
  mutable std::int64_t moment_ = 0;
};

TEST(Backup, HoldsWhatWasAppendedAndSaysHowFar) {
  Store store;
  store.append(50);
  const auto made = store.back_up("first");
  ASSERT_TRUE(made) << to_string(made.error());
  EXPECT_EQ(made->manifest.position, (FloorMark{GroupNumber(50), digest_of("group 50")}));
  EXPECT_EQ(made->manifest.store, read_store_identity(store.log()).value()->id);
  store.append(10);
  EXPECT_EQ(store.appends_in("first"), 50U);
  const auto listed = store.folder().list();
  ASSERT_TRUE(listed);
  EXPECT_THAT(*listed, ElementsAre(made->manifest));
  const auto floor = DurableFloor::open_read_only(store.backups() / "first" / "floor");
  ASSERT_TRUE(floor);
  EXPECT_EQ(floor->mark(), made->manifest.position);
}

TEST(Backup, OfAnEmptyStoreIsOne) {
  Store store;
  ASSERT_TRUE(store.back_up("empty"));
  EXPECT_EQ(store.appends_in("empty"), 0U);
}

TEST(Backup, CopiedElsewhereGoesOn) {
  Store store;
  store.append(100);
  const BackupManifest manifest = store.back_up("first").value().manifest;
  const DataDir target(store.fresh());
  ASSERT_TRUE(copy_backup(store.backups() / "first", manifest, target.root()));
  const auto log = RocksDbLog::open(target.log()).value();
  EXPECT_EQ(last_append_in(*log), 100U);
  ASSERT_TRUE(log->append(append_of(101)));
  EXPECT_EQ(last_append_in(*log), 101U);
  EXPECT_EQ(store.appends_in("first"), 100U);
}

// At any moment of a store that flushes and compacts, while it is appended to: one store for all
// cases, because each open costs more than a backup.
RC_GTEST_PROP(Backup, TakenWhileAppendsGoOnHoldsAllThatReturnedBeforeIt, ()) {
  static Store store;
  const auto count = *rc::gen::inRange<std::uint64_t>(0, 60);
  const std::uint64_t from = store.appended() + *rc::gen::inRange<std::uint64_t>(0, count + 1);
  std::jthread appender([&] { store.append(count); });
  while (store.appended() < from) std::this_thread::yield();
  const std::uint64_t before = store.appended();
  const auto made = store.back_up(fmt::format("b{}", store.moment()));
  const std::uint64_t after = store.appended();
  appender.join();
  RC_ASSERT(made.has_value());
  const std::uint64_t held = store.appends_in(made->manifest.name);
  RC_ASSERT(held >= before);
  RC_ASSERT(held <= after + 1);
  RC_ASSERT(made->manifest.position.group == GroupNumber(held));
  RC_ASSERT(store.folder().prune(made->manifest.store, 1).has_value());
}

TEST(Backup, SharesTablesWithTheOneBeforeAndNoneWithTheStore) {
  constexpr std::size_t kOneTableEach = std::size_t{8} << 20;
  Store store(kOneTableEach);
  store.append(100);
  const auto first = store.back_up("first");
  ASSERT_TRUE(first) << to_string(first.error());
  store.append(1);
  const auto second = store.back_up("second");
  ASSERT_TRUE(second) << to_string(second.error());
  EXPECT_LT(second->bytes_copied, first->bytes_copied / 4);
  const auto tables = tables_in(store.backups() / "first" / "log");
  ASSERT_THAT(tables, SizeIs(1));
  const fs::path& table = tables.front();
  EXPECT_TRUE(fs::equivalent(table, store.backups() / "second" / "log" / table.filename()));
  EXPECT_FALSE(fs::equivalent(table, store.data().log() / table.filename()));
  EXPECT_EQ(store.appends_in("second"), 101U);
}

TEST(Backup, CopiesAnewWhatIsDamagedInTheOneBefore) {
  constexpr std::size_t kOneTableEach = std::size_t{8} << 20;
  Store store(kOneTableEach);
  store.append(200);
  ASSERT_TRUE(store.back_up("first"));
  flip_a_bit(tables_in(store.backups() / "first" / "log").front(), 1000);
  const auto second = store.back_up("second");
  ASSERT_TRUE(second) << to_string(second.error());
  EXPECT_EQ(store.appends_in("second"), 200U);
}

TEST(Backup, IsRefusedWhenATableOfTheStoreIsDamaged) {
  Store store;
  store.append(200);
  ASSERT_TRUE(store.log().flush());
  const fs::path table = tables_in(store.data().log()).front();
  flip_a_bit(table, 1000);
  const auto made = store.back_up("first");
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Errc::corrupt);
  EXPECT_THAT(made.error().detail, HasSubstr(table.string()));
  EXPECT_THAT(store.folder().list().value(), IsEmpty());
}

TEST(Backup, WithADamagedFileIsRefusedByTheFilesName) {
  Store store;
  store.append(200);
  const BackupManifest manifest = store.back_up("first").value().manifest;
  const fs::path backup = store.backups() / "first";
  for (const BackupFile& file : manifest.files) {
    const std::uint64_t at = file.bytes / 2;
    flip_a_bit(backup / file.path, at);
    auto copied = copy_backup(backup, manifest, store.fresh());
    ASSERT_FALSE(copied) << file.path;
    EXPECT_EQ(copied.error().code, Errc::corrupt);
    EXPECT_THAT(copied.error().detail, HasSubstr((backup / file.path).string()));
    flip_a_bit(backup / file.path, at);

    fs::rename(backup / file.path, backup / "aside");
    copied = copy_backup(backup, manifest, store.fresh());
    ASSERT_FALSE(copied) << file.path;
    EXPECT_THAT(copied.error().detail, HasSubstr((backup / file.path).string()));
    fs::rename(backup / "aside", backup / file.path);
  }
  EXPECT_TRUE(copy_backup(backup, manifest, store.fresh()));
}

TEST(Backup, ThatWasInterruptedIsNotSeenAndGoesWithTheNext) {
  Store store;
  store.append(20);
  ASSERT_TRUE(store.back_up("whole"));
  const fs::path leftover = store.backups() / ".unfinished-cut";
  fs::copy(store.backups() / "whole", leftover, fs::copy_options::recursive);
  EXPECT_THAT(store.folder().list().value(), SizeIs(1));
  // Nor a directory that lost its manifest, whatever its name.
  fs::copy(store.backups() / "whole", store.backups() / "cut", fs::copy_options::recursive);
  fs::remove(store.backups() / "cut" / BackupManifest::kFileName);
  EXPECT_THAT(store.folder().list().value(), SizeIs(1));
  ASSERT_TRUE(store.back_up("next"));
  EXPECT_FALSE(fs::exists(leftover));
}

TEST(Backup, ThatIsToldToStopLeavesNothing) {
  Store store;
  store.append(20);
  std::stop_source stop;
  stop.request_stop();
  const auto made = store.back_up("first", stop.get_token());
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Errc::cancelled);
  for (const auto& entry : fs::directory_iterator(store.backups()))
    EXPECT_EQ(entry.path().filename(), ".lock");
}

TEST(Backup, NeedsANameThatIsFree) {
  Store store;
  ASSERT_TRUE(store.back_up("first"));
  const auto again = store.back_up("first");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Errc::already_exists);
  const auto path = store.back_up("../first");
  ASSERT_FALSE(path);
  EXPECT_EQ(path.error().code, Errc::invalid_argument);
  EXPECT_EQ(path.error().field, "name");
}

TEST(Backup, IsMadeOneAtATime) {
  Store store;
  std::optional<Result<MadeBackup>> second;
  const auto first = store.folder().create(
      store.log(), {.name = "first", .created = {}, .position = [&](const EventLog& log) {
                      second = store.back_up("second");
                      return position_of(log);
                    }});
  ASSERT_TRUE(first) << to_string(first.error());
  ASSERT_TRUE(second && !*second);
  EXPECT_EQ(second->error().code, Errc::conflict);
}

TEST(Backup, IsRefusedWhereItWouldFillTheDisk) {
  Store store;
  store.append(20);
  const auto nearly_full = [](const fs::path&) -> Result<DiskSpace> {
    return DiskSpace{.bytes_free = 300ULL << 20, .bytes_total = 100ULL << 30};
  };
  const auto made = BackupFolder::open(store.backups(), nearly_full)
                        .value()
                        .create(store.log(), {.name = "b", .created = {}, .position = position_of});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Errc::overloaded);
  EXPECT_THAT(made.error().detail, HasSubstr("remove old backups"));
}

TEST(Backups, BeyondThoseToKeepGoOldestFirst) {
  Store store;
  for (const char* name : {"c", "a", "d", "b"}) {
    store.append(40);
    ASSERT_TRUE(store.back_up(name));
  }
  const std::string id = read_store_identity(store.log()).value()->id;
  EXPECT_THAT(store.folder().prune("store_other", 0).value(), IsEmpty());
  EXPECT_THAT(store.folder().prune(id, 2).value(), ElementsAre("c", "a"));
  EXPECT_THAT(store.folder().list().value(), SizeIs(2));
  EXPECT_EQ(store.appends_in("d"), 120U) << "its shared tables are still there";
  EXPECT_EQ(store.appends_in("b"), 160U);
}

}  // namespace
}  // namespace reprise
