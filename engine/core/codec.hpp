// Codec: the bytes of a record, and the hash that chains records of a run together.
//
//   record     = version:u8(1) previous:16 first:varint base_time:zigzag
//                blob_count:varint blob:16 *blob_count  item*  hash:16
//   item       = event | activation
//   event      = kind:varint(1…) time:zigzag length:varint body:length
//   activation = 0:varint now:zigzag consumed:varint input:varint*consumed commands:varint
//   payload    = length:varint<<1 bytes  |  (length:varint<<1 | 1) digest:16
//
// Events are numbered from `first` in the order they stand. The `commands` events behind an
// activation are what it issued. `time` and `now` are microseconds since base_time; `input` is how
// far the consumed event lies before the activation's first command. A payload above the inline limit
// stands under (run, digest) in the blob table, and its digest among the record's blobs. Bodies are
// listed in codec.cpp, field by field; a body grows at its end only, and a new last field at its
// default is not written.
//
// Guarantees: hash = XXH3-128 over all bytes before it, `previous` included; the first record of a
//             run follows the digest of the run's id. decode(encode(r)) == r; encode(decode(b)) == b,
//             for kinds that this build does not know as well.
// Errors:     corrupt: a changed, cut or reordered record; unsupported: a record version newer than
//             this build. A newer *kind* is no error here: it decodes to UnknownEvent.
// Why:        ADR-0003.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.hpp"
#include "base/result.hpp"
#include "engine/core/event.hpp"

namespace reprise {

inline constexpr std::size_t kRecordBytesMax = 1U << 20U;
inline constexpr std::size_t kPayloadInlineMax = 64U << 10U;

struct Blob {
  Digest digest;
  std::string bytes;
  friend bool operator==(const Blob&, const Blob&) = default;
};

struct EncodedRecord {
  std::string bytes;
  Digest hash;
  std::vector<Blob> blobs;
};

// What the first record of a run follows.
Digest chain_start(const RunId& run);

// limit_exceeded when it cannot be made to fit kRecordBytesMax by moving payloads out.
Result<EncodedRecord> encode_record(const Record& record);

// Gives a blob's bytes, or nothing when it is missing.
using BlobSource = std::function<const std::string*(const Digest&)>;

struct DecodedRecord {
  Record record;
  Digest hash;
  std::size_t bytes = 0;  // of the record and its blobs
};
// Checks version, hash and shape. `run` is taken over; that `previous` and `first` fit what stands
// before is the caller's check.
Result<DecodedRecord> decode_record(const RunId& run, std::string_view bytes,
                                    const BlobSource& blobs);

// The blobs that a record names, without decoding the rest.
Result<std::vector<Digest>> blobs_of(std::string_view record_bytes);

}  // namespace reprise
