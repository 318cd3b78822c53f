#include "storage/testing/faulty_file_system.hpp"

#include <algorithm>
#include <utility>

namespace reprise::testing {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

using Kind = DiskOperation::Kind;

namespace {

std::filesystem::path normal(const std::string& name) {
  std::filesystem::path path = std::filesystem::path(name).lexically_normal();
  return path.has_filename() ? path : path.parent_path();
}

}  // namespace

FaultyFileSystem::FaultyFileSystem()
    : FaultyFileSystem(rocksdb::FileSystem::Default(), std::make_shared<DiskModel>()) {}

class FaultyFileSystem::WritableFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  WritableFile(std::unique_ptr<rocksdb::FSWritableFile> file, std::filesystem::path path,
               FaultyFileSystem& system)
      : FSWritableFileOwnerWrapper(std::move(file)), path_(std::move(path)), system_(system) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    system_.announce();
    return system_.disk_->append(path_, data.ToString(),
                                 [&] { return target()->Append(data, options, debug); });
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus Truncate(std::uint64_t bytes, const IOOptions& options, IODebugContext* debug) override {
    system_.announce();
    return system_.disk_->perform({.kind = Kind::truncate, .path = path_, .offset = bytes},
                                  [&] { return target()->Truncate(bytes, options, debug); });
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    system_.announce();
    return system_.disk_->perform({.kind = Kind::sync, .path = path_}, [&] {
      if (system_.take_sync_fault(path_)) return IOStatus::IOError("injected EIO");
      return target()->Sync(options, debug);
    });
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return Sync(options, debug);
  }

 private:
  const std::filesystem::path path_;
  FaultyFileSystem& system_;
};

class FaultyFileSystem::RandomRWFile final : public rocksdb::FSRandomRWFileOwnerWrapper {
 public:
  RandomRWFile(std::unique_ptr<rocksdb::FSRandomRWFile> file, std::filesystem::path path,
               FaultyFileSystem& system)
      : FSRandomRWFileOwnerWrapper(std::move(file)), path_(std::move(path)), system_(system) {}

  IOStatus Write(std::uint64_t offset, const Slice& data, const IOOptions& options,
                 IODebugContext* debug) override {
    system_.announce();
    const Slice fits(data.data(), system_.fitting(offset, data.size()));
    IOStatus status = system_.disk_->perform(
        {.path = path_, .offset = offset, .bytes = fits.ToString()},
        [&] { return FSRandomRWFileOwnerWrapper::Write(offset, fits, options, debug); });
    if (status.ok() && fits.size() < data.size()) return IOStatus::NoSpace("injected ENOSPC");
    return status;
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    system_.announce();
    return system_.disk_->perform({.kind = Kind::sync, .path = path_}, [&] {
      if (system_.take_sync_fault(path_)) return IOStatus::IOError("injected EIO");
      return FSRandomRWFileOwnerWrapper::Sync(options, debug);
    });
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return Sync(options, debug);
  }

 private:
  const std::filesystem::path path_;
  FaultyFileSystem& system_;
};

class FaultyFileSystem::Directory final : public rocksdb::FSDirectoryWrapper {
 public:
  Directory(std::unique_ptr<rocksdb::FSDirectory> dir, std::filesystem::path path,
            FaultyFileSystem& system)
      : FSDirectoryWrapper(std::move(dir)), path_(std::move(path)), system_(system) {}

  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    system_.announce();
    return system_.disk_->perform({.kind = Kind::sync_names, .path = path_},
                                  [&] { return FSDirectoryWrapper::Fsync(options, debug); });
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* debug,
                               const rocksdb::DirFsyncOptions& names) override {
    system_.announce();
    return system_.disk_->perform({.kind = Kind::sync_names, .path = path_}, [&] {
      return FSDirectoryWrapper::FsyncWithDirOptions(options, debug, names);
    });
  }

 private:
  const std::filesystem::path path_;
  FaultyFileSystem& system_;
};

IOStatus FaultyFileSystem::NewWritableFile(const std::string& name,
                                           const rocksdb::FileOptions& options,
                                           std::unique_ptr<rocksdb::FSWritableFile>* file,
                                           IODebugContext* debug) {
  const std::filesystem::path path = normal(name);
  wait_while_held(path);
  announce();
  std::unique_ptr<rocksdb::FSWritableFile> real;
  IOStatus status = disk_->perform({.kind = Kind::create, .path = path}, [&] {
    return FileSystemWrapper::NewWritableFile(name, options, &real, debug);
  });
  if (status.ok()) *file = std::make_unique<WritableFile>(std::move(real), path, *this);
  return status;
}

IOStatus FaultyFileSystem::NewRandomRWFile(const std::string& name,
                                           const rocksdb::FileOptions& options,
                                           std::unique_ptr<rocksdb::FSRandomRWFile>* file,
                                           IODebugContext* debug) {
  std::unique_ptr<rocksdb::FSRandomRWFile> real;
  IOStatus status = FileSystemWrapper::NewRandomRWFile(name, options, &real, debug);
  if (status.ok()) *file = std::make_unique<RandomRWFile>(std::move(real), normal(name), *this);
  return status;
}

IOStatus FaultyFileSystem::NewDirectory(const std::string& name, const IOOptions& options,
                                        std::unique_ptr<rocksdb::FSDirectory>* dir,
                                        IODebugContext* debug) {
  std::unique_ptr<rocksdb::FSDirectory> real;
  IOStatus status = FileSystemWrapper::NewDirectory(name, options, &real, debug);
  if (status.ok()) *dir = std::make_unique<Directory>(std::move(real), normal(name), *this);
  return status;
}

IOStatus FaultyFileSystem::RenameFile(const std::string& from, const std::string& to,
                                      const IOOptions& options, IODebugContext* debug) {
  announce();
  return disk_->perform({.kind = Kind::rename, .path = normal(from), .to = normal(to)},
                        [&] { return FileSystemWrapper::RenameFile(from, to, options, debug); });
}

IOStatus FaultyFileSystem::DeleteFile(const std::string& name, const IOOptions& options,
                                      IODebugContext* debug) {
  announce();
  return disk_->perform({.kind = Kind::remove, .path = normal(name)},
                        [&] { return FileSystemWrapper::DeleteFile(name, options, debug); });
}

void FaultyFileSystem::before_each_operation(std::function<void()> observer) {
  const std::lock_guard lock(observer_mutex_);
  observer_ = std::move(observer);
}

void FaultyFileSystem::announce() {
  const std::lock_guard lock(observer_mutex_);
  if (observer_) observer_();
}

void FaultyFileSystem::fail_next_log_sync() {
  const std::lock_guard lock(fault_mutex_);
  sync_fault_ = true;
}

bool FaultyFileSystem::take_sync_fault(const std::filesystem::path& path) {
  if (path.extension() != ".log") return false;
  const std::lock_guard lock(fault_mutex_);
  return std::exchange(sync_fault_, false);
}

void FaultyFileSystem::limit_logs(std::uint64_t bytes) { log_bytes_max_ = bytes; }

std::size_t FaultyFileSystem::fitting(std::uint64_t offset, std::size_t bytes) const {
  const std::uint64_t space = log_bytes_max_ - std::min<std::uint64_t>(offset, log_bytes_max_);
  return std::min<std::uint64_t>(bytes, space);
}

void FaultyFileSystem::hold_tables() {
  const std::lock_guard lock(fault_mutex_);
  tables_held_ = true;
}

void FaultyFileSystem::release_tables() {
  {
    const std::lock_guard lock(fault_mutex_);
    tables_held_ = false;
  }
  released_.notify_all();
}

void FaultyFileSystem::wait_while_held(const std::filesystem::path& path) {
  if (path.extension() != ".sst") return;
  std::unique_lock lock(fault_mutex_);
  released_.wait(lock, [&] { return !tables_held_; });
}

}  // namespace reprise::testing
