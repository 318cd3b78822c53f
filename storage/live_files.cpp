#include "storage/live_files.hpp"

#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/metadata.h>
#include <rocksdb/options.h>

#include "storage/file_digests.hpp"

namespace reprise {
namespace {

Error failure(const rocksdb::DB& db, const rocksdb::Status& status) {
  return {Errc::io,
          fmt::format("{}: its files cannot be listed: {}", db.GetName(), status.ToString()),
          {}};
}

}  // namespace

Result<LiveFiles> LiveFiles::hold(rocksdb::DB& db) {
  if (const rocksdb::Status held = db.DisableFileDeletions(); !held.ok())
    return std::unexpected(failure(db, held));
  LiveFiles files(db);
  // Flushed first (wal_size_for_flush is 0): what is left of logs is what was appended meanwhile.
  rocksdb::LiveFilesStorageInfoOptions options;
  options.include_checksum_info = true;
  std::vector<rocksdb::LiveFileStorageInfo> found;
  if (const rocksdb::Status listed = db.GetLiveFilesStorageInfo(options, &found); !listed.ok())
    return std::unexpected(failure(db, listed));
  for (rocksdb::LiveFileStorageInfo& file : found)
    files.all_.push_back(
        {.name = std::move(file.relative_filename),
         .bytes = file.size,
         .is_table = file.file_type == rocksdb::kTableFile,
         .digest = recorded_digest(file.file_checksum, file.file_checksum_func_name),
         .contents = std::move(file.replacement_contents)});
  return files;
}

LiveFiles::~LiveFiles() {
  if (db_ != nullptr) (void)db_->EnableFileDeletions(false);  // one of several may hold them
}

std::filesystem::path LiveFiles::directory() const { return db_->GetName(); }

}  // namespace reprise
