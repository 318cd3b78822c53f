#include "storage/schema.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace reprise {
namespace {

RunId run_of(std::uint64_t n) { return RunId::make(UtcTime::from_micros(1'000'000), n, n); }

RC_GTEST_PROP(Schema, BigEndianIntegersComeBackAndSortAsNumbers,
              (std::uint64_t a, std::uint64_t b)) {
  std::string a_bytes;
  std::string b_bytes;
  append_big_endian(a_bytes, a, 8);
  append_big_endian(b_bytes, b, 8);
  RC_ASSERT(read_big_endian(a_bytes) == a);
  RC_ASSERT((a_bytes < b_bytes) == (a < b));
}

RC_GTEST_PROP(Schema, WakeKeysComeBackAndSortByShardThenTime,
              (std::uint16_t shard_a, std::uint16_t shard_b)) {
  const auto time_a = *rc::gen::inRange<std::int64_t>(0, INT64_MAX);
  const auto time_b = *rc::gen::inRange<std::int64_t>(0, INT64_MAX);
  const auto a = wake_key(ShardIndex(shard_a), UtcTime::from_micros(time_a), run_of(9));
  const auto b = wake_key(ShardIndex(shard_b), UtcTime::from_micros(time_b), run_of(1));
  const auto parsed = parse_wake_key(a);
  RC_ASSERT(parsed.has_value());
  RC_ASSERT(parsed->shard == ShardIndex(shard_a));
  RC_ASSERT(parsed->at == UtcTime::from_micros(time_a));
  RC_ASSERT(parsed->run == run_of(9));
  if (std::pair(shard_a, time_a) != std::pair(shard_b, time_b))
    RC_ASSERT((a < b) == (std::pair(shard_a, time_a) < std::pair(shard_b, time_b)));
}

// The end is above all that starts with the prefix, and nothing else lies between.
RC_GTEST_PROP(Schema, PrefixEndClosesThePrefix,
              (const std::string& prefix, const std::string& tail)) {
  const std::string end = prefix_end(prefix);
  RC_ASSERT(end.empty() || prefix + tail < end);
  if (!end.empty() && tail >= prefix && tail < end) RC_ASSERT(tail.starts_with(prefix));
}

TEST(Schema, PrefixEndCarriesOverFullBytes) {
  EXPECT_EQ(prefix_end("ab"), "ac");
  EXPECT_EQ(prefix_end("a\xff\xff"), "b");
  EXPECT_EQ(prefix_end("\xff\xff"), "");
  EXPECT_EQ(prefix_end(""), "");
}

TEST(Schema, ParsersRefuseOtherShapes) {
  const std::string wake = wake_key(ShardIndex(1), UtcTime::from_micros(2), run_of(3));
  const std::string busy = busy_key(ShardIndex(1), run_of(3));
  const std::string record = record_key(run_of(3), Sequence(4));
  EXPECT_FALSE(parse_wake_key(wake + "x"));
  EXPECT_FALSE(parse_wake_key(busy));
  EXPECT_FALSE(parse_busy_key(""));
  EXPECT_FALSE(parse_busy_key(record));
  EXPECT_EQ(parse_busy_key(busy), run_of(3));
  EXPECT_EQ(parse_record_key(record, run_of(3)), Sequence(4));
  EXPECT_FALSE(parse_record_key(record, run_of(4)));
  EXPECT_FALSE(parse_record_key(record.substr(1), run_of(3)));
}

// Durable format: these bytes are in stores.
TEST(Schema, KeysKeepTheirBytes) {
  using namespace std::string_literals;
  const RunId run = RunId::from_bytes("0123456789abcdef");
  EXPECT_EQ(record_key(run, Sequence(0x0102)), "0123456789abcdef\0\0\0\0\0\0\x01\x02"s);
  EXPECT_EQ(group_key(GroupNumber(7)), "\0\0\0\0\0\0\0\x07"s);
  EXPECT_EQ(wake_key(ShardIndex(0x0102), UtcTime::from_micros(3), run),
            "\x01\x02\0\0\0\0\0\0\0\x03"s + "0123456789abcdef");
  EXPECT_EQ(busy_key(ShardIndex(1), run), "\0\x01"s + "0123456789abcdef");
  EXPECT_EQ(parked_key(ShardIndex(1), run), busy_key(ShardIndex(1), run));
  EXPECT_EQ(idempotency_key("tenant", "key"), "tenant\0key"s);
  EXPECT_EQ(view_key(WorkflowId("w"), run), "w\0"s + "0123456789abcdef");
}

TEST(Schema, TableNumbersKeepTheirMeaning) {
  EXPECT_EQ(static_cast<int>(Table::record), 1);
  EXPECT_EQ(static_cast<int>(Table::meta), 11);
  EXPECT_EQ(to_string(Table::outbox), "outbox");
}

}  // namespace
}  // namespace reprise
