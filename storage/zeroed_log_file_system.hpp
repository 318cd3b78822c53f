// ZeroedLogFileSystem: write-ahead logs whose blocks are written before they are used.
//
// A log that grows makes each sync write the inode and its journal as well; one that is overwritten
// does not. So a log (NNNNNN.log; all other files pass through) grows by zeros, 1 MiB at a time,
// and records overwrite them: one append in 1 MiB costs what each one did.
//
// Guarantees: what is read of a log ends where its records do; so does its size. A torn last record
//             is one that misses its end, and damage is a bad checksum, so that RocksDB tells them
//             apart by its own rules. A closed log has no zeros at its end.
//             No append fails for the zeros' sake: without space for them the log grows plainly.
//             Reading changes nothing.
// Thread:     any, as far as the file system below is.
// Errors:     those of the file system below.        Why: ADR-0011.
#pragma once

#include <rocksdb/file_system.h>

#include <cstdint>
#include <memory>
#include <string>

namespace reprise {

class ZeroedLogFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  explicit ZeroedLogFileSystem(const std::shared_ptr<rocksdb::FileSystem>& files)
      : rocksdb::FileSystemWrapper(files) {}

  const char* Name() const override { return "ZeroedLogFileSystem"; }
  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewSequentialFile(const std::string& name, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* file,
                                      rocksdb::IODebugContext* debug) override;
  // Of a log: reads it.
  rocksdb::IOStatus GetFileSize(const std::string& name, const rocksdb::IOOptions& options,
                                std::uint64_t* bytes, rocksdb::IODebugContext* debug) override;
};

}  // namespace reprise
