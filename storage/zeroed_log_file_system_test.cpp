// Stores whose write-ahead logs go on with zeros: killed, damaged, out of space, and torn anywhere.
#include "storage/zeroed_log_file_system.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <rocksdb/env.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <fstream>
#include <iterator>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "storage/rocksdb_log.hpp"
#include "storage/testing/faulty_file_system.hpp"
#include "storage/testing/temporary_directory.hpp"

namespace reprise {
namespace {

using reprise::testing::FaultyFileSystem;
using reprise::testing::Tail;
using reprise::testing::TemporaryDirectory;
using reprise::testing::write_image;

constexpr std::uintmax_t kZerosBytes = 1 << 20;

std::string value_of(std::uint64_t n, std::size_t bytes) {
  return fmt::format("{} ", n) + std::string(bytes, static_cast<char>('a' + n % 26));
}

Result<> append(EventLog& log, std::uint64_t n, std::string value) {
  std::vector<Batch> batches(1);
  batches[0].put(Table::group, group_key(GroupNumber(n)), std::move(value));
  return log.append(batches);
}

std::vector<std::string> values_in(const EventLog& log) {
  const auto rows = log.scan(Table::group, {.limit = 1'000'000});
  EXPECT_TRUE(rows) << to_string(rows.error());
  std::vector<std::string> values;
  if (rows)
    for (const KeyValue& row : *rows) values.push_back(row.value);
  return values;
}

std::filesystem::path last_log_in(const std::filesystem::path& dir) {
  std::filesystem::path last;
  for (const auto& entry : std::filesystem::directory_iterator(dir))
    if (entry.path().extension() == ".log") last = std::max(last, entry.path());
  return last;
}

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void overwrite(const std::filesystem::path& path, std::uint64_t at, std::string_view bytes) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(at));
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

// A copy of a store of some appends, made while it was open: as `kill -9` leaves it.
class KilledStore : public ::testing::Test {
 protected:
  static constexpr std::uint64_t kAppends = 20;
  static constexpr std::size_t kValueBytes = 3000;

  void SetUp() override {
    const auto live = RocksDbLog::open(temporary_.path() / "live");
    ASSERT_TRUE(live);
    for (std::uint64_t n = 1; n <= kAppends; ++n) {
      ASSERT_TRUE(append(**live, n, value_of(n, kValueBytes)));
      ends_.push_back(content_of(last_log_in(temporary_.path() / "live")).find_last_not_of('\0') +
                      1);
    }
    std::filesystem::copy(temporary_.path() / "live", dir_);
    log_ = last_log_in(dir_);
  }
  void expect_values(std::uint64_t count, const RocksDbOptions& options = {}) const {
    for (const bool reading : {true, false}) {
      const auto log =
          reading ? RocksDbLog::open_read_only(dir_, options) : RocksDbLog::open(dir_, options);
      ASSERT_TRUE(log) << to_string(log.error());
      EXPECT_EQ(values_in(**log).size(), count);
    }
  }
  void expect_refused() const {
    for (const bool reading : {true, false}) {
      const auto log = reading ? RocksDbLog::open_read_only(dir_) : RocksDbLog::open(dir_);
      ASSERT_FALSE(log) << "opened with " << values_in(**log).size() << " values";
      EXPECT_EQ(log.error().code, Errc::corrupt) << to_string(log.error());
    }
  }

  const TemporaryDirectory temporary_;
  const std::filesystem::path dir_ = temporary_.path() / "killed";
  std::filesystem::path log_;
  std::vector<std::uint64_t> ends_;  // of each append in the log
};

TEST_F(KilledStore, EndsInZerosAndOpensWhole) {
  EXPECT_EQ(std::filesystem::file_size(log_), kZerosBytes);
  expect_values(kAppends);
}

TEST_F(KilledStore, ReadingItChangesNothing) {
  const auto contents = [&] {
    std::map<std::filesystem::path, std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(dir_))
      files[entry.path()] = content_of(entry.path());
    return files;
  };
  const auto before = contents();
  ASSERT_TRUE(RocksDbLog::open_read_only(dir_));
  EXPECT_EQ(contents(), before);
}

TEST_F(KilledStore, OpensWholeAfterBeingKilledTwice) {
  const std::filesystem::path again = temporary_.path() / "again";
  {
    const auto log = RocksDbLog::open(dir_);
    ASSERT_TRUE(log);
    ASSERT_TRUE(append(**log, kAppends + 1, "after the first"));
    std::filesystem::copy(dir_, again);
  }
  const auto log = RocksDbLog::open(again);
  ASSERT_TRUE(log) << to_string(log.error());
  EXPECT_EQ(values_in(**log).size(), kAppends + 1);
}

TEST_F(KilledStore, WithALogThatGrewPlainlyOpensWhole) {
  std::filesystem::resize_file(log_, ends_.back());
  expect_values(kAppends);
}

TEST_F(KilledStore, WithoutTheEndOfALogThatGrewPlainlyMissesTheLastAppend) {
  std::filesystem::resize_file(log_, ends_.back() - 1);
  expect_values(kAppends - 1);
}

TEST_F(KilledStore, WithASectorOfTheLastAppendLostMissesThatAppend) {
  const std::uint64_t sector = (ends_[kAppends - 2] / 512 + 2) * 512;
  overwrite(log_, sector, std::string(512, '\0'));
  expect_values(kAppends - 1);
}

TEST_F(KilledStore, WithASectorInTheMiddleLostIsRefused) {
  overwrite(log_, ends_[kAppends / 2] / 512 * 512, std::string(512, '\0'));
  expect_refused();
}

TEST_F(KilledStore, WithAZeroHeaderInTheMiddleIsRefused) {
  overwrite(log_, ends_[kAppends / 2], std::string(7, '\0'));
  expect_refused();
}

TEST_F(KilledStore, WithABlockInTheMiddleLostIsRefused) {
  overwrite(log_, 0, std::string(32 << 10, '\0'));
  expect_refused();
}

TEST_F(KilledStore, WithALengthInTheLastBlockTooLongIsRefused) {
  overwrite(log_, ends_[kAppends - 4] + 5, "\x7f");
  expect_refused();
}

TEST_F(KilledStore, WithAFlippedBitInTheLastAppendIsRefused) {
  overwrite(log_, ends_.back() - 10, "!");
  expect_refused();
}

TEST_F(KilledStore, WithGarbageBehindTheLastAppendOpensWhole) {
  overwrite(log_, ends_.back(), std::string(137, '\xe5'));
  expect_values(kAppends);
}

TEST_F(KilledStore, SalvageReadsAroundABlockOfZerosAndGoesOnOnlyBeforeIt) {
  overwrite(log_, ends_[9], std::string(512, '\0'));
  const auto read = RocksDbLog::open_read_only(dir_, {.salvage = true});
  ASSERT_TRUE(read) << to_string(read.error());
  EXPECT_EQ(values_in(**read).size(), kAppends - 1);
  const auto written = RocksDbLog::open(dir_, {.salvage = true});
  ASSERT_TRUE(written) << to_string(written.error());
  EXPECT_EQ(values_in(**written).size(), 10U);
}

// Both logs are live: the older one could not be flushed.
TEST(ZeroedLogs, AnOlderLogWhoseEndIsZerosIsRefusedAndSalvagedWithoutAHole) {
  const TemporaryDirectory temporary;
  const auto files = std::make_shared<FaultyFileSystem>();
  const auto env = rocksdb::NewCompositeEnv(files);
  files->hold_tables();
  const auto log = RocksDbLog::open(temporary.path() / "live",
                                    {.memtable_bytes = std::size_t{64} << 10, .env = env.get()});
  ASSERT_TRUE(log);
  ASSERT_TRUE(append(**log, 1, value_of(1, 100)));
  const auto older = last_log_in(temporary.path() / "live").filename();
  std::uint64_t n = 1;
  while (last_log_in(temporary.path() / "live").filename() == older) {
    ++n;
    ASSERT_TRUE(append(**log, n, value_of(n, 1000)));
  }
  const std::filesystem::path image = temporary.path() / "image";
  write_image(files->disk().power_loss_image(temporary.path() / "live", Tail::lost), image);
  files->release_tables();
  constexpr std::uint64_t kLeft = std::uint64_t{50} * 512;
  overwrite(image / older, kLeft, std::string(kZerosBytes - kLeft, '\0'));
  const auto refused = RocksDbLog::open(image);
  ASSERT_FALSE(refused) << "opened with " << values_in(**refused).size() << " of " << n;
  EXPECT_THAT(to_string(refused.error()), ::testing::HasSubstr("Size mismatch"));
  const auto salvaged = RocksDbLog::open(image, {.salvage = true});
  ASSERT_TRUE(salvaged) << to_string(salvaged.error());
  const auto values = values_in(**salvaged);
  ASSERT_GT(values.size(), 1U);
  EXPECT_LT(values.size(), n);
  EXPECT_EQ(values.back(), value_of(values.size(), 1000)) << "rows of the newer log";
}

TEST(ZeroedLogs, AClosedLogHasNoZerosAtItsEnd) {
  const TemporaryDirectory dir;
  {
    const auto log = RocksDbLog::open(dir.path());
    ASSERT_TRUE(append(**log, 1, "value"));
    EXPECT_EQ(std::filesystem::file_size(last_log_in(dir.path())), kZerosBytes);
  }
  EXPECT_LT(std::filesystem::file_size(last_log_in(dir.path())), 200U);
}

TEST(ZeroedLogs, AnIdleStoreHasNoneOfThem) {
  const TemporaryDirectory dir;
  const auto log = RocksDbLog::open(dir.path());
  ASSERT_TRUE(log);
  EXPECT_EQ(std::filesystem::file_size(last_log_in(dir.path())), 0U);
}

TEST(ZeroedLogs, AFullDiskFailsNoAppendThatFits) {
  constexpr std::uint64_t kSpace = 100'000;
  const TemporaryDirectory dir;
  const auto files = std::make_shared<FaultyFileSystem>();
  const auto env = rocksdb::NewCompositeEnv(files);
  std::uint64_t n = 0;
  {
    const auto log = RocksDbLog::open(dir.path(), {.env = env.get()});
    ASSERT_TRUE(log);
    files->limit_logs(kSpace);
    while (append(**log, n + 1, value_of(n + 1, 1000))) ++n;
    EXPECT_GT(n * 1000, kSpace * 9 / 10);
  }
  const auto log = RocksDbLog::open(dir.path());
  ASSERT_TRUE(log) << to_string(log.error());
  EXPECT_EQ(values_in(**log).size(), n);
}

struct Step {
  bool reopens = false;
  std::string value;
};

Step any_step() {
  const std::size_t bytes =
      *rc::gen::weightedOneOf<std::size_t>({{6, rc::gen::inRange<std::size_t>(0, 3000)},
                                            {2, rc::gen::inRange<std::size_t>(30'000, 36'000)},
                                            {1, rc::gen::inRange<std::size_t>(60'000, 400'000)}});
  const char byte = *rc::gen::element('\0', '\x01', 'a');
  return {.reopens = *rc::gen::weightedElement<bool>({{5, false}, {1, true}}),
          .value = std::string(bytes, byte)};
}

// Images of a store that is written and reopened, at some of its operations. None of garbage, which
// RocksDB refuses when it is longer than a block.
class Images {
 public:
  struct Image {
    std::filesystem::path dir;
    std::size_t acknowledged;
  };

  Images(std::filesystem::path dir, FaultyFileSystem& files) : dir_(std::move(dir)), files_(files) {
    files_.before_each_operation([this, every = *rc::gen::inRange<std::uint64_t>(2, 12),
                                  seed = *rc::gen::arbitrary<std::uint64_t>()] {
      constexpr std::array kTails{Tail::torn_512, Tail::torn_4096, Tail::cut_512,
                                  Tail::cut_4096, Tail::lost,      Tail::kept};
      if (++operations_ % every != 0 || !started) return;
      images.push_back({dir_.string() + fmt::format("-{}", operations_), acknowledged});
      const Tail tail = kTails[(seed + operations_) % kTails.size()];
      write_image(files_.disk().power_loss_image(dir_, tail, seed + operations_),
                  images.back().dir);
    });
  }
  ~Images() { files_.before_each_operation(nullptr); }
  Images(const Images&) = delete;
  Images& operator=(const Images&) = delete;

  bool started = false;
  std::atomic<std::size_t> acknowledged = 0;
  std::vector<Image> images;

 private:
  const std::filesystem::path dir_;
  FaultyFileSystem& files_;
  std::uint64_t operations_ = 0;
};

RC_GTEST_PROP(ZeroedLogs, GiveBackWhatWasSyncedAndNeverHalfARecord, ()) {
  const TemporaryDirectory temporary;
  const std::filesystem::path dir = temporary.path() / "store";
  const auto files = std::make_shared<FaultyFileSystem>();
  const auto env = rocksdb::NewCompositeEnv(files);
  Images taken(dir, *files);
  auto log = RocksDbLog::open(dir, {.env = env.get()});
  RC_ASSERT(log);
  taken.started = true;
  std::vector<std::string> values;
  for (int steps = *rc::gen::inRange(1, 8); steps > 0; --steps) {
    const Step step = any_step();
    if (step.reopens) {
      log->reset();
      log = RocksDbLog::open(dir, {.env = env.get()});
      RC_ASSERT(log);
    }
    values.push_back(step.value);
    RC_ASSERT(append(**log, values.size(), step.value));
    taken.acknowledged = values.size();
  }
  log->reset();
  for (const auto& [image, acknowledged] : taken.images) {
    RC_LOG() << image << ", " << acknowledged << " acknowledged" << std::endl;
    const auto opened = RocksDbLog::open_read_only(image);
    if (!opened) RC_FAIL(to_string(opened.error()));
    const auto found = values_in(**opened);
    RC_ASSERT(found.size() >= acknowledged);
    RC_ASSERT(found.size() <= std::min(acknowledged + 1, values.size()));
    RC_ASSERT(std::ranges::equal(found, std::span(values).first(found.size())));
  }
}

}  // namespace
}  // namespace reprise
