#include "storage/settled_file_system.hpp"

#include <array>
#include <filesystem>
#include <string_view>

namespace reprise {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

IOStatus SettledFileSystem::NewSequentialFile(const std::string& name,
                                              const rocksdb::FileOptions& options,
                                              std::unique_ptr<rocksdb::FSSequentialFile>* file,
                                              IODebugContext* debug) {
  if (std::filesystem::path(name).filename().string().starts_with("MANIFEST-")) {
    // Measured before it is read: what is appended meanwhile counts as a move.
    IOStatus status = target()->GetFileSize(name, options.io_options, &manifest_bytes_, debug);
    if (!status.ok()) return status;
    manifest_ = name;
  }
  return FileSystemWrapper::NewSequentialFile(name, options, file, debug);
}

IOStatus SettledFileSystem::GetChildren(const std::string& dir, const IOOptions& options,
                                        std::vector<std::string>* names, IODebugContext* debug) {
  IOStatus status = FileSystemWrapper::GetChildren(dir, options, names, debug);
  if (status.ok() && !manifest_.empty() && manifest_moved())
    return IOStatus::Busy("the live writer has moved on from", manifest_);
  return status;
}

// A log is deleted only after the manifest says so: by growing, or by giving way to a new one.
bool SettledFileSystem::manifest_moved() {
  const std::filesystem::path manifest(manifest_);
  const std::string current = (manifest.parent_path() / "CURRENT").string();
  std::unique_ptr<rocksdb::FSSequentialFile> file;
  if (!target()->NewSequentialFile(current, {}, &file, nullptr).ok()) return true;
  std::array<char, 64> scratch{};
  rocksdb::Slice named;
  if (!file->Read(scratch.size(), {}, &named, scratch.data(), nullptr).ok()) return true;
  if (named.ToStringView() != manifest.filename().string() + "\n") return true;
  std::uint64_t bytes = 0;
  return !target()->GetFileSize(manifest_, {}, &bytes, nullptr).ok() || bytes != manifest_bytes_;
}

}  // namespace reprise
