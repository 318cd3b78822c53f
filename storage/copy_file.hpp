// Copying files so that the copy is known to be what was read, and to be on the disk.
//
// Units:  bytes; 1 MiB of memory.
// Errors: io; corrupt when the file is shorter than it must be; cancelled when told to stop.
#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>

#include "base/digest.hpp"
#include "base/result.hpp"

namespace reprise {

// Copies the first `bytes` bytes into a new file, synced, and gives their digest. The new file's name
// is durable when its directory has been synced.
Result<Digest> copy_file_durably(const std::filesystem::path& from, std::uint64_t bytes,
                                 const std::filesystem::path& to, const std::stop_token& stop = {});

// The digest of the first `bytes` bytes.
Result<Digest> digest_of_file(const std::filesystem::path& path, std::uint64_t bytes,
                              const std::stop_token& stop = {});

}  // namespace reprise
