// LiveFiles: the files that make up a store at one moment, kept from deletion as long as this lives.
//
// Guarantees: opened elsewhere, their first `bytes` bytes are a store that holds every append that
//             returned before hold() was called, and no part of any other. Appends go on meanwhile;
//             hold() waits for a flush of what is in memory, they do not.
// Thread:     any; the log outlives it.
// Errors:     unavailable (the log has failed), io.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/digest.hpp"
#include "base/result.hpp"

namespace rocksdb {
class DB;
}

namespace reprise {

struct LiveFile {
  std::string name;  // within the store's directory
  std::uint64_t bytes = 0;
  bool is_table = false;         // it never changes, and its name is not used again
  std::optional<Digest> digest;  // of a table: as it was written
  std::string contents;          // not empty: these, instead of what the disk holds
};

class LiveFiles {
 public:
  static Result<LiveFiles> hold(rocksdb::DB& db);

  LiveFiles(LiveFiles&& other) noexcept
      : db_(std::exchange(other.db_, nullptr)), all_(std::move(other.all_)) {}
  LiveFiles& operator=(LiveFiles&&) = delete;
  ~LiveFiles();

  [[nodiscard]] const std::vector<LiveFile>& all() const { return all_; }
  [[nodiscard]] std::filesystem::path directory() const;

 private:
  explicit LiveFiles(rocksdb::DB& db) : db_(&db) {}

  rocksdb::DB* db_;  // null: moved from
  std::vector<LiveFile> all_;
};

}  // namespace reprise
