// CheckedTableFileSystem: refuses tables on which RocksDB would end the process.
//
// RocksDB looks at a table's properties before it checks their sum. Their last bit says that a hash
// index stands before it, which never does; where it is flipped, an assertion fails, so that neither a
// server nor a salvage gets to say what is damaged. So that bit is looked at when a table (NNNNNN.sst;
// all other files pass through) is opened. Of all bits in the properties and behind them, it is the
// only one: each was tried.
//
// Guarantees: a table whose properties end in that bit is not opened. All other damage is left to
//             RocksDB, which checks the sum of every other block before it looks at it.
// Thread:     any, as far as the file system below is.
// Errors:     Corruption; those of the file system below.
// Source:     RocksDB 7.8, table/meta_blocks.cc (ReadTablePropertiesHelper), table/format.h (Footer).
#pragma once

#include <rocksdb/file_system.h>

#include <memory>
#include <string>

namespace reprise {

class CheckedTableFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  explicit CheckedTableFileSystem(const std::shared_ptr<rocksdb::FileSystem>& files)
      : rocksdb::FileSystemWrapper(files) {}

  const char* Name() const override { return "CheckedTableFileSystem"; }
  rocksdb::IOStatus NewRandomAccessFile(const std::string& name,
                                        const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                                        rocksdb::IODebugContext* debug) override;
};

}  // namespace reprise
