// Where a log ends: each rule of log_end.hpp on logs made by hand.
#include "storage/log_end.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <bit>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/crc32c.hpp"

namespace reprise {
namespace {

constexpr std::size_t kBlockBytes = 32 << 10;
constexpr std::size_t kHeaderBytes = 7;
constexpr std::size_t kSectorBytes = 512;
constexpr std::size_t kZerosBytes = 1 << 20;

// A log as RocksDB writes it.
class Log {
 public:
  Log& add(std::string_view payload) {
    records_.push_back(bytes_.size());
    bool first = true;
    do {
      std::size_t left = kBlockBytes - bytes_.size() % kBlockBytes;
      if (left < kHeaderBytes) {
        bytes_.append(left, '\0');
        left = kBlockBytes;
      }
      const std::string_view part = payload.substr(0, left - kHeaderBytes);
      payload.remove_prefix(part.size());
      const int type = payload.empty() ? (first ? 1 : 4) : (first ? 2 : 3);
      emit(static_cast<char>(type), part);
      first = false;
    } while (!payload.empty());
    return *this;
  }
  [[nodiscard]] std::size_t bytes() const { return bytes_.size(); }
  // Where the last record begins.
  [[nodiscard]] std::size_t last() const { return records_.back(); }
  // Where physical records begin, and behind the last.
  [[nodiscard]] std::vector<std::uint64_t> parts() const {
    std::vector<std::uint64_t> parts = parts_;
    parts.push_back(bytes_.size());
    return parts;
  }
  [[nodiscard]] std::string plain() const { return bytes_; }
  [[nodiscard]] std::string zeroed() const {
    std::string file = bytes_;
    file.resize((bytes_.size() / kZerosBytes + 1) * kZerosBytes);
    return file;
  }

 private:
  void emit(char type, std::string_view part) {
    parts_.push_back(bytes_.size());
    const std::uint32_t crc =
        std::rotr(crc32c(std::string(1, type) + std::string(part)), 15) + 0xa282ead8U;
    for (const unsigned shift : {0U, 8U, 16U, 24U}) bytes_ += static_cast<char>(crc >> shift);
    bytes_ += static_cast<char>(part.size());
    bytes_ += static_cast<char>(part.size() >> 8U);
    bytes_ += type;
    bytes_ += part;
  }

  std::string bytes_;
  std::vector<std::size_t> records_;
  std::vector<std::uint64_t> parts_;
};

class FileInMemory final : public rocksdb::FSRandomAccessFile {
 public:
  explicit FileInMemory(std::string_view content) : content_(content) {}
  rocksdb::IOStatus Read(std::uint64_t offset, std::size_t bytes, const rocksdb::IOOptions&,
                         rocksdb::Slice* result, char*, rocksdb::IODebugContext*) const override {
    const auto read = content_.substr(std::min(content_.size(), offset), bytes);
    *result = rocksdb::Slice(read.data(), read.size());
    return rocksdb::IOStatus::OK();
  }

 private:
  const std::string_view content_;
};

LogEnd end_of(const std::string& content) {
  const auto end = find_log_end(FileInMemory(content), content.size());
  EXPECT_TRUE(end);
  return end.value_or(LogEnd{});
}

void expect_end(const std::string& content, std::uint64_t bytes) {
  const LogEnd end = end_of(content);
  EXPECT_EQ(end.bytes, bytes);
  EXPECT_EQ(end.damage, std::nullopt);
}

// The end of a log that was torn in the record at `record`: one byte of it is read.
void expect_torn(const std::string& content, std::uint64_t record) {
  expect_end(content, record + 1);
}

std::string letters(std::size_t bytes) {
  std::string text;
  while (text.size() < bytes) text += static_cast<char>('a' + text.size() % 23);
  return text;
}

void zero(std::string& content, std::size_t from, std::size_t to) {
  std::fill(content.begin() + static_cast<std::ptrdiff_t>(from),
            content.begin() + static_cast<std::ptrdiff_t>(to), '\0');
}

TEST(Crc32c, IsThatOfTheStandard) {
  EXPECT_EQ(crc32c("123456789"), 0xe3069283U);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aaU);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43U);
}

TEST(LogEnd, OfAFileWithoutRecordsIsItsStart) {
  expect_end("", 0);
  expect_end(std::string(1, '\0'), 0);
  expect_end(std::string(kZerosBytes, '\0'), 0);
}

TEST(LogEnd, IsBehindTheLastRecordWithAndWithoutZeros) {
  Log log;
  log.add("one").add("").add(letters(100'000)).add("two");
  expect_end(log.plain(), log.bytes());
  expect_end(log.zeroed(), log.bytes());
}

TEST(LogEnd, IsBehindPayloadsOfZeros) {
  Log log;
  log.add("one").add(std::string(5000, '\0')).add(std::string(70'000, '\0'));
  expect_end(log.plain(), log.bytes());
  expect_end(log.zeroed(), log.bytes());
}

TEST(LogEnd, IsFoundWhateverIsLeftOfABlock) {
  for (std::size_t left = 0; left <= 2 * kHeaderBytes; ++left) {
    SCOPED_TRACE(left);
    Log log;
    log.add(letters(kBlockBytes - kHeaderBytes - left));
    expect_end(log.plain(), log.bytes());
    expect_end(log.zeroed(), log.bytes());
    log.add("in the next block, or in both");
    expect_end(log.plain(), log.bytes());
    expect_end(log.zeroed(), log.bytes());
  }
}

TEST(LogEnd, OfAFileThatEndsInARecordIsThere) {
  Log log;
  log.add("one").add(letters(1000));
  for (std::size_t bytes = log.last() + 1; bytes < log.bytes(); ++bytes)
    expect_torn(log.plain().substr(0, bytes), log.last());
}

TEST(LogEnd, IsBeforeARecordOfWhichSomeSectorsAreLost) {
  Log log;
  log.add(letters(300)).add(letters(6 * kSectorBytes - 400));
  const std::size_t sectors = log.bytes() / kSectorBytes + 1;
  const auto lost_all = (1U << sectors) - 1;
  for (unsigned lost = 1; lost < lost_all; ++lost) {
    SCOPED_TRACE(lost);
    std::string content = log.zeroed();
    for (std::size_t i = 0; i < sectors; ++i)
      if ((lost >> i & 1U) != 0)
        zero(content, std::max(log.last(), i * kSectorBytes), (i + 1) * kSectorBytes);
    expect_torn(content, log.last());
  }
  std::string content = log.zeroed();
  zero(content, log.last(), log.bytes());
  expect_end(content, log.last());
}

TEST(LogEnd, IsBeforeAHeaderOfWhichASectorIsLost) {
  for (std::size_t in_first = 1; in_first < kHeaderBytes; ++in_first) {
    SCOPED_TRACE(in_first);
    Log log;
    log.add(letters(kSectorBytes - kHeaderBytes - in_first)).add(letters(100));
    std::string second = log.zeroed();
    zero(second, kSectorBytes, 2 * kSectorBytes);
    expect_torn(second, log.last());
    std::string first = log.zeroed();
    zero(first, log.last(), kSectorBytes);
    expect_torn(first, log.last());
  }
}

RC_GTEST_PROP(LogEnd, OfARecordOfManyBlocksTornAnywhereIsAtOneOfItsParts, ()) {
  Log log;
  log.add(letters(*rc::gen::inRange(0, 40'000)));
  log.add(letters(*rc::gen::inRange(1, 150'000)));
  const std::size_t unit = *rc::gen::elementOf(std::vector<std::size_t>{kSectorBytes, 4096});
  std::string content = log.zeroed();
  const std::size_t units = log.bytes() / unit - log.last() / unit + 1;
  const auto kept = *rc::gen::container<std::vector<bool>>(units, rc::gen::arbitrary<bool>());
  for (std::size_t i = 0; i < units; ++i) {
    const std::size_t from = (log.last() / unit + i) * unit;
    if (!kept[i]) zero(content, std::max(log.last(), from), from + unit);
  }
  const LogEnd end = end_of(content);
  RC_ASSERT_FALSE(end.damage.has_value());
  const bool whole = content == log.zeroed();
  RC_ASSERT((end.bytes == log.bytes()) == whole);
  const auto parts = log.parts();
  RC_ASSERT(std::ranges::count(parts, end.bytes) + std::ranges::count(parts, end.bytes - 1) > 0);
}

TEST(LogEnd, OfAFlippedLastRecordIsDamage) {
  Log log;
  log.add("one").add(letters(600));
  for (std::size_t at = log.last(); at < log.bytes(); ++at) {
    SCOPED_TRACE(at - log.last());
    std::string content = log.zeroed();
    content[at] = static_cast<char>(content[at] ^ 1);
    const LogEnd end = end_of(content);
    EXPECT_EQ(end.bytes, log.bytes());
    // A header of no known type may be anything: RocksDB sees its bad checksum itself.
    if (at != log.last() + 6) EXPECT_EQ(end.damage, log.last());
  }
}

TEST(LogEnd, OfALastRecordWhoseHeaderAloneIsZeroIsDamage) {
  Log log;
  log.add("one").add(letters(600));
  std::string content = log.zeroed();
  zero(content, log.last(), log.last() + kHeaderBytes);
  EXPECT_EQ(end_of(content).damage, log.last());
}

TEST(LogEnd, BeforeALaterRecordIsDamageWhateverIsMissing) {
  Log log;
  log.add(letters(100));
  const std::size_t damaged = log.bytes();
  log.add(letters(3000)).add("later");
  const std::size_t sector = kSectorBytes;
  for (const auto& [from, to] : std::vector<std::pair<std::size_t, std::size_t>>{
           {damaged, damaged + kHeaderBytes},      // its header
           {damaged, sector},                      // the sector that it begins in
           {2 * sector, 3 * sector},               // one in its middle
           {damaged, damaged + 3000},              // nearly all
           {damaged + 5, damaged + kHeaderBytes},  // length and type
           {damaged + 1000, damaged + 1001}}) {
    SCOPED_TRACE(from);
    for (std::string content : {log.plain(), log.zeroed()}) {
      zero(content, from, to);
      EXPECT_EQ(end_of(content).damage, damaged);
      EXPECT_EQ(end_of(content).bytes, log.bytes());
    }
  }
}

TEST(LogEnd, BehindALengthThatIsTooLongIsDamageWhereRecordsFollow) {
  Log log;
  log.add("one");
  const std::size_t damaged = log.bytes();
  log.add(letters(100)).add("later");
  std::string content = log.zeroed();
  content[damaged + 5] = '\x7f';  // RocksDB takes it for a record that the crash cut
  EXPECT_EQ(end_of(content).damage, damaged);
}

TEST(LogEnd, BeforeBlocksOfZerosThatRecordsFollowIsDamage) {
  Log log;
  log.add("one").add(letters(4 * kBlockBytes)).add("later");
  std::string content = log.zeroed();
  zero(content, kBlockBytes, 3 * kBlockBytes);
  EXPECT_EQ(end_of(content).damage, kBlockBytes);
}

TEST(LogEnd, LeavesGarbageBehindTheRecordsToRocksDB) {
  Log log;
  log.add("one");
  const std::string garbage = letters(137);
  std::string content = log.zeroed();
  content.replace(log.bytes(), garbage.size(), garbage);
  expect_end(content, log.bytes() + garbage.size());
  expect_end(log.plain() + garbage, log.bytes() + garbage.size());
}

class FileThatFails final : public rocksdb::FSRandomAccessFile {
 public:
  rocksdb::IOStatus Read(std::uint64_t, std::size_t, const rocksdb::IOOptions&, rocksdb::Slice*,
                         char*, rocksdb::IODebugContext*) const override {
    return rocksdb::IOStatus::IOError("injected EIO");
  }
};

TEST(LogEnd, OfAFileThatCannotBeReadIsAnError) {
  const auto end = find_log_end(FileThatFails(), kZerosBytes);
  ASSERT_FALSE(end);
  EXPECT_TRUE(end.error().IsIOError());
}

}  // namespace
}  // namespace reprise
