// FaultyFileSystem: RocksDB's file system with a model of the disk behind it, and faults.
//
// Guarantees: the files lie in the file system below, where RocksDB wants them; `disk()` knows at any
//             moment what a power loss would leave. Log files for people (LOG) and the lock are not
//             followed.
// Thread:     any.
#pragma once

#include <rocksdb/file_system.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "storage/testing/disk_model.hpp"

namespace reprise::testing {

class FaultyFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  // On the machine's files, with a disk of its own.
  FaultyFileSystem();
  FaultyFileSystem(const std::shared_ptr<rocksdb::FileSystem>& files,
                   std::shared_ptr<DiskModel> disk)
      : rocksdb::FileSystemWrapper(files), disk_(std::move(disk)) {}
  ~FaultyFileSystem() override { release_tables(); }

  [[nodiscard]] const DiskModel& disk() const { return *disk_; }

  // Called before each operation that changes the disk, on the thread that does it, one at a time.
  void before_each_operation(std::function<void()> observer);
  // The next sync of a write-ahead log answers EIO, and syncs nothing.
  void fail_next_log_sync();
  // The disk has no more space for a log than this; what fits of a write is written.
  void limit_logs(std::uint64_t bytes);
  // Creating a table file waits until release_tables(): flushed logs pile up meanwhile.
  void hold_tables();
  void release_tables();

  const char* Name() const override { return "FaultyFileSystem"; }
  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewRandomRWFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSRandomRWFile>* file,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewDirectory(const std::string& name, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* dir,
                                 rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& name, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;

 private:
  class WritableFile;
  class RandomRWFile;
  class Directory;
  void announce();
  bool take_sync_fault(const std::filesystem::path& path);
  [[nodiscard]] std::size_t fitting(std::uint64_t offset, std::size_t bytes) const;
  void wait_while_held(const std::filesystem::path& path);

  const std::shared_ptr<DiskModel> disk_;
  std::mutex observer_mutex_;
  std::function<void()> observer_;
  std::mutex fault_mutex_;
  std::condition_variable released_;
  bool sync_fault_ = false;
  bool tables_held_ = false;
  std::atomic<std::uint64_t> log_bytes_max_ = std::numeric_limits<std::uint64_t>::max();
};

}  // namespace reprise::testing
