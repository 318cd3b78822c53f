// LogEnd: where the records of a write-ahead log end, in a file that may go on with zeros.
//
// A log is blocks of 32 KiB; a block is physical records and, where less than a header is left, zeros:
//     physical := masked crc32c of type and payload (4) | length (2) | type (1) | payload
//     type     := 1 a whole record | 2 its first part | 3 a middle | 4 its last
// A record is synced before the next one begins. So what stands behind the last whole physical
// record is, in this order:
//     zeros to the end                           the end
//     anything, and a later beginning in it      damage: what came before that was synced
//     a record that the file ends in, or of      torn by a crash, never acknowledged: sectors of one
//       which a sector (512 B) is all zeros       unsynced write reach the disk in any order
//     a header of no known type                  left to RocksDB, as in a file without zeros
//     else                                       damage: a bit of the last record flipped
// What cannot be told: a bit flipped in a last record that has a sector of zeros of its own.
//
// Guarantees: one block of memory. A writer may append meanwhile: the end is one that the log had.
// Errors:     those of reading the file.        Why: ADR-0011.
#pragma once

#include <rocksdb/file_system.h>

#include <cstdint>
#include <expected>
#include <optional>

namespace reprise {

struct LogEnd {
  // What to read. One byte of a torn record is in it, for RocksDB to see that one was begun.
  std::uint64_t bytes = 0;
  // Where a header stands that is damaged for sure. RocksDB would pass over one of zeros, or one too
  // long for its block, and all that follows, without a word.
  std::optional<std::uint64_t> damage;
};

// Of a file of `bytes` bytes.
[[nodiscard]] std::expected<LogEnd, rocksdb::IOStatus> find_log_end(
    const rocksdb::FSRandomAccessFile& file, std::uint64_t bytes);

}  // namespace reprise
