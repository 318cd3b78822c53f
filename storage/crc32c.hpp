// crc32c: the Castagnoli checksum, which RocksDB writes into its write-ahead logs.
//
// Guarantees: that of RFC 3720, appendix B.4; with the processor's instruction where it has one.
#pragma once

#include <cstdint>
#include <string_view>

namespace reprise {

[[nodiscard]] std::uint32_t crc32c(std::string_view bytes);

}  // namespace reprise
