#include "storage/checked_table_file_system.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "storage/rocksdb_log.hpp"
#include "storage/schema.hpp"
#include "storage/testing/temporary_directory.hpp"

namespace reprise {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// A store of one table.
class OneTable : public ::testing::Test {
 protected:
  OneTable() {
    const auto log = RocksDbLog::open(directory_.path()).value();
    Batch batch;
    batch.put(Table::view, "key", "value");
    EXPECT_TRUE(log->append({&batch, 1}));
    EXPECT_TRUE(log->flush());
    for (const auto& entry : std::filesystem::directory_iterator(directory_.path()))
      if (entry.path().extension() == ".sst") path_ = entry.path();
    std::ifstream file(path_, std::ios::binary);
    table_ = {std::istreambuf_iterator<char>(file), {}};
  }

  // Of restarts: properties have one, at 0.
  [[nodiscard]] std::size_t count_behind_properties() const {
    return table_.rfind(std::string("\0\0\0\0\1\0\0\0", 8)) + 4;
  }
  void flip(std::size_t byte, std::size_t bit) {
    std::string damaged = table_;
    damaged[byte] = static_cast<char>(static_cast<unsigned char>(damaged[byte]) ^ (1U << bit));
    std::ofstream(path_, std::ios::binary) << damaged;
  }
  // What a reader gets, or why there is none.
  [[nodiscard]] std::string read(const RocksDbOptions& options = {}) const {
    const auto log = RocksDbLog::open_read_only(directory_.path(), options);
    if (!log) return to_string(log.error());
    const auto value = (*log)->get(Table::view, "key");
    return value ? value->value_or("nothing") : to_string(value.error());
  }

 private:
  const testing::TemporaryDirectory directory_;
  std::filesystem::path path_;
  std::string table_;
};

TEST_F(OneTable, WithAFlippedBitInTheCountBehindItsPropertiesIsRefused) {
  for (std::size_t bit = 0; bit < 31; ++bit) {
    flip(count_behind_properties() + bit / 8, bit % 8);
    EXPECT_THAT(read(), StartsWith("corrupt: ")) << bit;
  }
  flip(count_behind_properties() + 3, 7);  // RocksDB would end the process
  EXPECT_THAT(read(), HasSubstr("the properties are damaged"));
}

TEST_F(OneTable, ThatDoesNotOpenIsMissedByASalvageAndEndsItNot) {
  flip(count_behind_properties() + 3, 7);
  EXPECT_THAT(read({.salvage = true}), HasSubstr("the properties are damaged"));
  flip(count_behind_properties(), 7);
  EXPECT_THAT(read({.salvage = true}), StartsWith("corrupt: "));
}

TEST(CheckedTables, ATableWithoutAFooterIsLeftToRocksDb) {
  CheckedTableFileSystem files(rocksdb::FileSystem::Default());
  const testing::TemporaryDirectory directory;
  for (const std::size_t bytes : {0U, 52U, 53U, 1000U}) {
    const std::string path = directory.path() / "000001.sst";
    std::ofstream(path, std::ios::binary) << std::string(bytes, '\xff');
    std::unique_ptr<rocksdb::FSRandomAccessFile> file;
    EXPECT_TRUE(files.NewRandomAccessFile(path, {}, &file, nullptr).ok()) << bytes;
  }
}

}  // namespace
}  // namespace reprise
