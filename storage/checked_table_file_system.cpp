#include "storage/checked_table_file_system.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reprise {
namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

// The end of a table: … properties, sum, metaindex, sum, footer. The footer begins with the kind of
// sums and the metaindex' place.
constexpr std::size_t kFooterBytes = 53;
constexpr std::size_t kSumBytes = 5;
constexpr unsigned char kHashIndexBit = 0x80;

// Base 128, low digits first.
std::optional<std::uint64_t> read_varint(std::string_view bytes) {
  constexpr unsigned kBitsMax = 63;
  std::uint64_t value = 0;
  for (unsigned shift = 0; !bytes.empty() && shift <= kBitsMax; shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    value |= std::uint64_t{byte & 0x7fU} << shift;
    if (byte < 0x80) return value;
    bytes.remove_prefix(1);
  }
  return std::nullopt;
}

// Whether the properties end without the bit. Where the table does not say where that is, RocksDB will.
IOStatus check_end_of_properties(const rocksdb::FSRandomAccessFile& file, std::uint64_t bytes,
                                 const std::string& name, IODebugContext* debug) {
  if (bytes < kFooterBytes) return IOStatus::OK();
  std::array<char, kFooterBytes> room{};
  Slice footer;
  IOStatus status =
      file.Read(bytes - kFooterBytes, kFooterBytes, IOOptions(), &footer, room.data(), debug);
  if (!status.ok() || footer.size() != kFooterBytes) return status;
  const auto metaindex = read_varint(footer.ToStringView().substr(1));
  if (!metaindex || *metaindex <= kSumBytes || *metaindex > bytes) return status;
  Slice last;
  status = file.Read(*metaindex - kSumBytes - 1, 1, IOOptions(), &last, room.data(), debug);
  if (!status.ok() || last.size() != 1) return status;
  const bool has_bit = (static_cast<unsigned char>(last[0]) & kHashIndexBit) != 0;
  return has_bit ? IOStatus::Corruption("the properties are damaged", name) : status;
}

}  // namespace

IOStatus CheckedTableFileSystem::NewRandomAccessFile(
    const std::string& name, const rocksdb::FileOptions& options,
    std::unique_ptr<rocksdb::FSRandomAccessFile>* file, IODebugContext* debug) {
  IOStatus status = target()->NewRandomAccessFile(name, options, file, debug);
  if (!status.ok() || !name.ends_with(".sst")) return status;
  std::uint64_t bytes = 0;
  status = target()->GetFileSize(name, options.io_options, &bytes, debug);
  if (status.ok()) status = check_end_of_properties(**file, bytes, name, debug);
  if (!status.ok()) file->reset();
  return status;
}

}  // namespace reprise
