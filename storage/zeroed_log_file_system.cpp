#include "storage/zeroed_log_file_system.hpp"

#include <algorithm>
#include <array>
#include <expected>
#include <filesystem>
#include <utility>

#include "storage/log_end.hpp"

namespace reprise {
namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

constexpr std::uint64_t kZerosBytes = 1 << 20;

bool is_log(const std::filesystem::path& path) {
  return path.extension() == ".log" &&
         path.stem().string().find_first_not_of("0123456789") == std::string::npos;
}

// Appends at the end of its records, into zeros that are there already. Preallocation is RocksDB's
// default for files that cannot: it does nothing.
class ZeroedLog final : public rocksdb::FSWritableFile {
 public:
  // Two handles of one empty file: RocksDB's writable ones append only, its others cannot truncate.
  ZeroedLog(std::unique_ptr<rocksdb::FSWritableFile> end,
            std::unique_ptr<rocksdb::FSRandomRWFile> file)
      : end_(std::move(end)), file_(std::move(file)) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    IOStatus status = file_->Write(bytes_, data, options, debug);
    if (!status.ok()) return status;
    bytes_ += data.size();
    if (bytes_ > bytes_written_) write_zeros(options, debug);
    return status;
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus Flush(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    return file_->Sync(options, debug);  // of data; it includes a size that changed
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return file_->Fsync(options, debug);
  }
  bool IsSyncThreadSafe() const override { return end_->IsSyncThreadSafe(); }
  std::uint64_t GetFileSize(const IOOptions&, IODebugContext*) override { return bytes_; }
  IOStatus Truncate(std::uint64_t bytes, const IOOptions& options, IODebugContext* debug) override {
    bytes_ = bytes;
    bytes_written_ = bytes;
    return end_->Truncate(bytes, options, debug);
  }
  IOStatus Close(const IOOptions& options, IODebugContext* debug) override {
    const IOStatus truncated = Truncate(bytes_, options, debug);
    const IOStatus closed = file_->Close(options, debug);
    const IOStatus end_closed = end_->Close(options, debug);
    if (!truncated.ok()) return truncated;
    return closed.ok() ? end_closed : closed;
  }

 private:
  // Behind the data, and in the same sync: whatever a crash leaves of both is a torn tail.
  void write_zeros(const IOOptions& options, IODebugContext* debug) {
    static const std::string zeros(kZerosBytes, '\0');
    const std::uint64_t missing = kZerosBytes - 1 - (bytes_ - 1) % kZerosBytes;
    const bool written =
        missing == 0 || file_->Write(bytes_, Slice(zeros.data(), missing), options, debug).ok();
    bytes_written_ = written ? bytes_ + missing : bytes_;
  }

  const std::unique_ptr<rocksdb::FSWritableFile> end_;
  const std::unique_ptr<rocksdb::FSRandomRWFile> file_;
  std::uint64_t bytes_ = 0;          // of records
  std::uint64_t bytes_written_ = 0;  // of records and zeros
};

// A log up to the end of its records.
class EndingLog final : public rocksdb::FSSequentialFileOwnerWrapper {
 public:
  EndingLog(std::unique_ptr<rocksdb::FSSequentialFile> file, LogEnd end)
      : FSSequentialFileOwnerWrapper(std::move(file)), end_(end) {}

  IOStatus Read(std::size_t bytes, const IOOptions& options, Slice* result, char* scratch,
                IODebugContext* debug) override {
    const std::uint64_t left = end_.bytes - std::min(end_.bytes, at_);
    IOStatus status =
        target()->Read(std::min<std::uint64_t>(bytes, left), options, result, scratch, debug);
    if (!status.ok()) return status;
    if (result->data() != scratch) std::copy_n(result->data(), result->size(), scratch);
    *result = Slice(scratch, result->size());
    if (end_.damage) show_damage(scratch, result->size());
    at_ += result->size();
    return status;
  }
  IOStatus Skip(std::uint64_t bytes) override {
    at_ += bytes;
    return target()->Skip(bytes);
  }

 private:
  // Length and type of a record that no checksum matches, which RocksDB reports in every mode.
  void show_damage(char* bytes, std::size_t count) const {
    constexpr std::uint64_t kLengthFrom = 4;
    constexpr std::array kBadRecord{'\0', '\0', '\xff'};
    for (std::uint64_t i = 0; i < kBadRecord.size(); ++i) {
      const std::uint64_t where = *end_.damage + kLengthFrom + i;
      if (where >= at_ && where - at_ < count) bytes[where - at_] = kBadRecord[i];
    }
  }

  const LogEnd end_;
  std::uint64_t at_ = 0;
};

std::expected<LogEnd, IOStatus> end_of(rocksdb::FileSystem& files, const std::string& name,
                                       const IOOptions& options, IODebugContext* debug) {
  std::uint64_t bytes = 0;
  IOStatus status = files.GetFileSize(name, options, &bytes, debug);
  std::unique_ptr<rocksdb::FSRandomAccessFile> file;
  if (status.ok()) status = files.NewRandomAccessFile(name, FileOptions(), &file, debug);
  if (!status.ok()) return std::unexpected(std::move(status));
  return find_log_end(*file, bytes);
}

}  // namespace

IOStatus ZeroedLogFileSystem::NewWritableFile(const std::string& name, const FileOptions& options,
                                              std::unique_ptr<rocksdb::FSWritableFile>* file,
                                              IODebugContext* debug) {
  if (!is_log(name)) return target()->NewWritableFile(name, options, file, debug);
  std::unique_ptr<rocksdb::FSWritableFile> end;
  IOStatus status = target()->NewWritableFile(name, options, &end, debug);
  std::unique_ptr<rocksdb::FSRandomRWFile> positioned;
  if (status.ok()) status = target()->NewRandomRWFile(name, options, &positioned, debug);
  if (status.ok()) *file = std::make_unique<ZeroedLog>(std::move(end), std::move(positioned));
  return status;
}

IOStatus ZeroedLogFileSystem::NewSequentialFile(const std::string& name, const FileOptions& options,
                                                std::unique_ptr<rocksdb::FSSequentialFile>* file,
                                                IODebugContext* debug) {
  if (!is_log(name)) return target()->NewSequentialFile(name, options, file, debug);
  const auto end = end_of(*target(), name, options.io_options, debug);
  if (!end) return end.error();
  std::unique_ptr<rocksdb::FSSequentialFile> whole;
  IOStatus status = target()->NewSequentialFile(name, options, &whole, debug);
  if (status.ok()) *file = std::make_unique<EndingLog>(std::move(whole), *end);
  return status;
}

IOStatus ZeroedLogFileSystem::GetFileSize(const std::string& name, const IOOptions& options,
                                          std::uint64_t* bytes, IODebugContext* debug) {
  if (!is_log(name)) return target()->GetFileSize(name, options, bytes, debug);
  const auto end = end_of(*target(), name, options, debug);
  if (!end) return end.error();
  *bytes = end->bytes;
  return IOStatus::OK();
}

}  // namespace reprise
