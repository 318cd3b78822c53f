// A backup made by a serving engine, restored: a store of its own that goes on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/runtime/backups.hpp"
#include "engine/runtime/restore.hpp"
#include "tests/recovery/finished_store.hpp"
#include "tools/replay/stored.hpp"

namespace reprise::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Catalog& catalog() {
  static const Catalog types = [] {
    Catalog all;
    register_all_types(all);
    return all;
  }();
  return types;
}

BackupInfo ended(Backups& backups, const std::string& name) {
  for (;;) {
    const std::optional<BackupInfo> info = backups.find(name);
    CHECK(info.has_value(), "no backup {}", name);
    if (info->state != BackupState::running) return *info;
    std::this_thread::yield();
  }
}

class Restore : public ::testing::Test {
 protected:
  Restore() {
    copy_data(FinishedStore::get().data.root(), data_.root());
    OpenStore store(data_);
    auto backups =
        Backups::open(folder_.path() / "backups", {.log = store.log(), .floor = data_.floor()});
    CHECK(backups.has_value(), "{}", to_string(backups.error()));
    CHECK((*backups)->start("nightly", std::nullopt).has_value());
    const BackupInfo made = ended(**backups, "nightly");
    CHECK(made.state == BackupState::complete, "{}", made.reason);
    store.start("late", "bench.chain", R"({"n":3})");
    CHECK(store.end_of("late") == RunStatus::completed);
  }
  [[nodiscard]] fs::path backup() const { return folder_.path() / "backups" / "nightly"; }
  [[nodiscard]] fs::path target() const { return folder_.path() / "restored"; }

  const TemporaryDirectory folder_;
  const DataDir data_{folder_.path() / "data"};
};

TEST_F(Restore, GivesAStoreOfItsOwnThatGoesOn) {
  const auto before = digests_of(backup());
  const auto restored = restore_backup(backup(), target(), catalog());
  ASSERT_TRUE(restored) << to_string(restored.error());
  EXPECT_EQ(digests_of(backup()), before);
  EXPECT_EQ(restored->store.runs, FinishedStore::get().runs.size());
  EXPECT_THAT(restored->store.faults, IsEmpty());

  const Stored stored = Stored::open(target()).value();
  EXPECT_EQ(all_records(*stored.log), FinishedStore::get().runs);
  EXPECT_EQ(stored.floor, restored->backup.position);
  const auto identity = read_store_identity(*stored.log).value();
  ASSERT_TRUE(identity);
  EXPECT_EQ(*identity, restored->identity);
  EXPECT_NE(identity->id, restored->backup.store);
  EXPECT_THAT(identity->origin, HasSubstr("backup nightly"));
  EXPECT_THAT(identity->origin, HasSubstr(restored->backup.store));

  OpenStore store{DataDir(target())};
  store.signal("signals-3", "end", "");
  EXPECT_EQ(store.end_of("signals-3"), RunStatus::completed);
}

TEST_F(Restore, TwiceGivesTwoStores) {
  const auto first = restore_backup(backup(), target(), catalog());
  const auto second = restore_backup(backup(), folder_.path() / "second", catalog());
  ASSERT_TRUE(first && second);
  EXPECT_NE(first->identity.id, second->identity.id);
}

TEST_F(Restore, OfADamagedBackupNamesTheFileAndLeavesNothing) {
  const auto manifest = read_backup_manifest(backup());
  ASSERT_TRUE(manifest);
  const BackupFile& file = manifest->files[manifest->files.size() / 2];
  flip_a_bit(backup() / file.path, file.bytes / 2);
  const auto restored = restore_backup(backup(), target(), catalog());
  ASSERT_FALSE(restored);
  EXPECT_EQ(restored.error().code, Errc::corrupt);
  EXPECT_THAT(restored.error().detail, HasSubstr(file.path));
  EXPECT_FALSE(fs::exists(target()));
  EXPECT_FALSE(fs::exists(target().string() + ".unfinished"));
}

// A manifest can be right about bytes that are wrong: the store itself is verified as well.
TEST_F(Restore, OfABackupThatLacksAGroupIsRefused) {
  BackupManifest manifest = read_backup_manifest(backup()).value();
  manifest.position.group = manifest.position.group.next();
  ASSERT_TRUE(
      replace_file_durably(backup() / BackupManifest::kFileName, encode_backup_manifest(manifest)));
  const auto restored = restore_backup(backup(), target(), catalog());
  ASSERT_FALSE(restored);
  EXPECT_EQ(restored.error().code, Errc::corrupt);
  EXPECT_FALSE(fs::exists(target()));
}

TEST_F(Restore, TakesAnEmptyDirectoryAndNoOther) {
  fs::create_directory(target());
  EXPECT_TRUE(restore_backup(backup(), target().string() + "/", catalog()));
  const auto again = restore_backup(backup(), target(), catalog());
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Errc::already_exists);

  const fs::path interrupted = folder_.path() / "other.unfinished";
  fs::create_directory(interrupted);
  const auto blocked = restore_backup(backup(), folder_.path() / "other", catalog());
  ASSERT_FALSE(blocked);
  EXPECT_THAT(blocked.error().detail, HasSubstr(interrupted.string()));
  EXPECT_TRUE(fs::exists(interrupted)) << "it is not ours to remove";
}

TEST_F(Restore, OfSomethingElseIsNotFound) {
  const auto restored = restore_backup(data_.root(), target(), catalog());
  ASSERT_FALSE(restored);
  EXPECT_EQ(restored.error().code, Errc::not_found);
}

TEST_F(Restore, ABackupIsReadWhereItLiesLikeAStore) {
  const Stored stored = Stored::open(backup()).value();
  EXPECT_THAT(verify_store(*stored.log, stored.catalog, stored.floor).faults, IsEmpty());
}

TEST_F(Restore, OneBackupIsMadeAtATimeAndTheOldestGo) {
  OpenStore store(data_);
  auto backups =
      Backups::open(folder_.path() / "backups", {.log = store.log(), .floor = data_.floor()});
  ASSERT_TRUE(backups);
  ASSERT_TRUE((*backups)->start("second", 1));
  const auto third = (*backups)->start("third", 1);
  if (!third) EXPECT_EQ(third.error().code, Errc::conflict);
  EXPECT_EQ(ended(**backups, "second").state, BackupState::complete);
  EXPECT_FALSE(fs::exists(backup()));
  const auto taken = (*backups)->start("second", 1);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, Errc::already_exists);
}

}  // namespace
}  // namespace reprise::testing
