// SettledFileSystem: lets RocksDB open a store read-only beside its live writer, without a hole.
//
// Guarantees: an open that succeeds listed the write-ahead logs while the manifest that it had read
//             was still the last word. Else a log may be flushed and deleted in between: its rows
//             would be neither in the tables of the old manifest nor in a log, and RocksDB, which
//             calls this undefined, opens without them and says nothing.
// Errors:     the open fails with Status::Busy, before anything is replayed: open again.
#pragma once

#include <rocksdb/file_system.h>

#include <memory>
#include <string>

namespace reprise {

// For one open by one thread.
class SettledFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  explicit SettledFileSystem(const std::shared_ptr<rocksdb::FileSystem>& files)
      : rocksdb::FileSystemWrapper(files) {}

  const char* Name() const override { return "SettledFileSystem"; }
  rocksdb::IOStatus NewSequentialFile(const std::string& name, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* file,
                                      rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus GetChildren(const std::string& dir, const rocksdb::IOOptions& options,
                                std::vector<std::string>* names,
                                rocksdb::IODebugContext* debug) override;

 private:
  [[nodiscard]] bool manifest_moved();

  std::string manifest_;  // path of the manifest that is being read; empty before
  std::uint64_t manifest_bytes_ = 0;
};

}  // namespace reprise
