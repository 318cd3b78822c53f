// DiskOperation: one thing that is done to a disk, with all that it takes to do it again to a model.
//
// Units: bytes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace reprise::testing {

struct DiskOperation {
  enum class Kind : unsigned char { create, write, truncate, sync, sync_names, rename, remove };

  Kind kind = Kind::write;
  std::filesystem::path path;  // of the file; of the directory whose names are synced
  std::filesystem::path to;    // of a rename
  std::uint64_t offset = 0;    // of a write; the new size of what is truncated
  std::string bytes;           // of a write
};

std::string to_string(DiskOperation::Kind kind);

}  // namespace reprise::testing
