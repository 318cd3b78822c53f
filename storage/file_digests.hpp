// FileDigests: has RocksDB keep the digest of each table file in its manifest, as it writes the file.
//
// Guarantees: the digest is that of the bytes as they were handed to the file system: a copy that has
//             another one was made of a damaged file, or damaged since. Tables of earlier builds have
//             none.
// Thread:     any.
#pragma once

#include <rocksdb/file_checksum.h>

#include <memory>
#include <optional>
#include <string>

#include "base/digest.hpp"

namespace reprise {

std::shared_ptr<rocksdb::FileChecksumGenFactory> file_digests();

// What the manifest says of a table file; nothing when it says nothing, or something else.
std::optional<Digest> recorded_digest(const std::string& checksum, const std::string& name);

}  // namespace reprise
