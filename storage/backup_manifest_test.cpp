#include "storage/backup_manifest.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace reprise {
namespace {

using ::testing::HasSubstr;

BackupManifest arbitrary_manifest() {
  BackupManifest manifest;
  manifest.name = "nightly-" + std::to_string(*rc::gen::inRange(0, 1000));
  manifest.store = "store_01j9z";
  manifest.created = UtcTime::from_micros(*rc::gen::inRange<std::int64_t>(0, 2'000'000'000) * 1000);
  manifest.position = {.group = GroupNumber(*rc::gen::arbitrary<std::uint64_t>()),
                       .digest = digest_of(*rc::gen::arbitrary<std::string>())};
  const auto sizes = *rc::gen::arbitrary<std::vector<std::uint64_t>>();
  for (std::size_t i = 0; i < sizes.size(); ++i)
    manifest.files.push_back({.path = fmt::format("log/{:06}.sst", i),
                              .bytes = sizes[i],
                              .digest = digest_of(std::to_string(sizes[i]))});
  return manifest;
}

RC_GTEST_PROP(BackupManifest, ComesBackFromItsText, ()) {
  const BackupManifest manifest = arbitrary_manifest();
  const auto parsed = parse_backup_manifest(encode_backup_manifest(manifest));
  RC_ASSERT(parsed.has_value());
  RC_ASSERT(*parsed == manifest);
}

RC_GTEST_PROP(BackupManifest, WithOneByteChangedOrCutIsRefused, ()) {
  std::string text = encode_backup_manifest(arbitrary_manifest());
  const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
  if (*rc::gen::arbitrary<bool>())
    text.resize(at);
  else
    text[at] = static_cast<char>(text[at] ^ *rc::gen::inRange(1, 256));
  RC_ASSERT(!parse_backup_manifest(text));
}

std::string sealed(std::string text) { return text + "end " + to_hex(digest_of(text)) + "\n"; }

std::string manifest_with(const std::string& file) {
  return sealed("reprise-backup 1\nname n\nstore s\ncreated 2026-01-31T12:00:00.123Z\ngroup 7 " +
                to_hex(Digest()) + "\nfile " + file + " 1 " + to_hex(Digest()) + "\n");
}

TEST(BackupManifest, NamesOnlyFilesWithinTheBackup) {
  EXPECT_TRUE(parse_backup_manifest(manifest_with("log/000001.sst")));
  EXPECT_TRUE(parse_backup_manifest(manifest_with("floor")));
  for (const char* path : {"/etc/passwd", "../floor", "log/../floor", "log/a/b", "log/.hidden",
                           "log/", "other", "log"})
    EXPECT_FALSE(parse_backup_manifest(manifest_with(path))) << path;
}

TEST(BackupManifest, OfANewerVersionIsUnsupported) {
  const auto parsed = parse_backup_manifest(sealed("reprise-backup 2\nsomething else\n"));
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code, Errc::unsupported);
  EXPECT_THAT(parsed.error().detail, HasSubstr("version 2"));
}

TEST(BackupName, IsNeverAPath) {
  for (const char* name : {"a", "nightly-2026.01.31", "0_"})
    EXPECT_TRUE(is_backup_name(name)) << name;
  for (const char* name : {"", ".", "..", ".hidden", "a/b", "/a", "a b", "-a", "ä"})
    EXPECT_FALSE(is_backup_name(name)) << name;
  EXPECT_TRUE(is_backup_name(std::string(64, 'a')));
  EXPECT_FALSE(is_backup_name(std::string(65, 'a')));
}

}  // namespace
}  // namespace reprise
