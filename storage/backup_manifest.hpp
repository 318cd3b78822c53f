// BackupManifest: what a backup holds, in a text file that checks itself.
//
//   reprise-backup 1
//   name NAME
//   store STORE
//   created 2026-01-31T12:00:00.123Z
//   group NUMBER HASH                     the last group in it, and its hash
//   file PATH BYTES DIGEST                for each file, within the backup: floor, log/…
//   end DIGEST                            of all lines before
//
// Guarantees: parse(encode(m)) == m for times in whole milliseconds. A path that parses lies within
//             the backup. A file that was cut, changed or written by a newer build does not parse.
// Errors:     corrupt, unsupported.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "storage/durable_floor.hpp"

namespace reprise {

struct BackupFile {
  std::string path;
  std::uint64_t bytes = 0;
  Digest digest;
  friend bool operator==(const BackupFile&, const BackupFile&) = default;
};

struct BackupManifest {
  static constexpr unsigned kVersion = 1;
  static constexpr const char* kFileName = "backup.manifest";
  std::string name;
  std::string store;  // its id
  UtcTime created;
  FloorMark position;
  std::vector<BackupFile> files;

  [[nodiscard]] std::uint64_t bytes() const;
  friend bool operator==(const BackupManifest&, const BackupManifest&) = default;
};

std::string encode_backup_manifest(const BackupManifest& manifest);
Result<BackupManifest> parse_backup_manifest(std::string_view text);

// 1 to 64 letters, digits, '.', '_' and '-', the first one a letter or a digit: a name, never a path.
bool is_backup_name(std::string_view name);

}  // namespace reprise
