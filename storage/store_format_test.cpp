#include "storage/store_format.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/memory_log.hpp"

namespace reprise {
namespace {

using ::testing::HasSubstr;

Error refusal(EventLog& log, const StoreFormat& wanted) {
  const auto served = create_or_verify_store(log, wanted);
  EXPECT_FALSE(served);
  return served ? Error{} : served.error();
}

TEST(StoreFormat, AnotherShardCountIsRefusedWithBothNumbers) {
  MemoryLog log;
  ASSERT_TRUE(create_or_verify_store(log, {.shard_count = 64}));
  const Error error = refusal(log, {.shard_count = 32});
  EXPECT_EQ(error.code, Errc::invalid_argument);
  EXPECT_EQ(error.field, "shards");
  EXPECT_THAT(error.detail, HasSubstr("64"));
  EXPECT_THAT(error.detail, HasSubstr("32"));
}

TEST(StoreFormat, AnotherVersionIsUnsupported) {
  MemoryLog log;
  ASSERT_TRUE(create_or_verify_store(log, {.version = StoreFormat::kVersion + 1}));
  EXPECT_EQ(refusal(log, {}).code, Errc::unsupported);
}

TEST(StoreFormat, AnotherHashIsRefused) {
  MemoryLog log;
  ASSERT_TRUE(create_or_verify_store(log, {.hash = "md5"}));
  EXPECT_EQ(refusal(log, {}).code, Errc::invalid_argument);
}

TEST(StoreFormat, RowsWithoutAFormatAreDamageAndNotAFreshStore) {
  MemoryLog log;
  Batch batch;
  batch.put(Table::group, group_key(GroupNumber(1)), "group");
  ASSERT_TRUE(log.append(std::span(&batch, 1)));
  EXPECT_EQ(refusal(log, {}).code, Errc::corrupt);
  EXPECT_EQ(log.row_count(Table::meta), 0U);
}

TEST(StoreFormat, AnUnreadableFormatIsDamage) {
  for (const char* text : {"", "12x", "-1", "99999999999"}) {
    MemoryLog log;
    ASSERT_TRUE(create_or_verify_store(log, {}));
    Batch batch;
    batch.put(Table::meta, "shard_count", text);
    ASSERT_TRUE(log.append(std::span(&batch, 1)));
    EXPECT_EQ(refusal(log, {}).code, Errc::corrupt) << text;
  }
}

TEST(StoreFormat, AMissingPartOfTheFormatIsDamage) {
  for (const char* name : {"format_version", "shard_count", "hash"}) {
    MemoryLog log;
    ASSERT_TRUE(create_or_verify_store(log, {}));
    Batch batch;
    batch.erase(Table::meta, name);
    ASSERT_TRUE(log.append(std::span(&batch, 1)));
    EXPECT_EQ(refusal(log, {}).code, Errc::corrupt) << name;
  }
}

TEST(StoreFormat, AReadErrorIsNotAFreshStore) {
  MemoryLog log;
  log.fail_next_read({Errc::io, "injected", {}});
  EXPECT_EQ(refusal(log, {}).code, Errc::io);
  EXPECT_EQ(log.row_count(Table::meta), 0U);
}

}  // namespace
}  // namespace reprise
