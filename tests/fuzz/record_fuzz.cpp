// The bytes of a record. A record's hash stands at its end, so that made-up bytes rarely have the right
// one: they are tried as they are, and with the right one.
#include "base/check.hpp"
#include "engine/core/codec.hpp"
#include "tests/fuzz/fuzz_target.hpp"

namespace reprise {
namespace {

void decode(const std::string& bytes) {
  static const std::string blob(70'000, 'b');
  const auto blobs = [](const Digest& digest) {
    return digest == digest_of(blob) ? &blob : nullptr;
  };
  (void)blobs_of(bytes);
  const Result<DecodedRecord> decoded = decode_record(RunId(), bytes, blobs);
  if (!decoded) return;
  const Result<EncodedRecord> encoded = encode_record(decoded->record);
  if (!encoded) return;  // over a limit
  const auto own = [&](const Digest& digest) -> const std::string* {
    for (const Blob& each : encoded->blobs)
      if (each.digest == digest) return &each.bytes;
    return nullptr;
  };
  const Result<DecodedRecord> again = decode_record(RunId(), encoded->bytes, own);
  CHECK(again.has_value(), "{}", to_string(again.error()));
  CHECK(again->record == decoded->record, "a record of {} events changed",
        decoded->record.events.size());
}

}  // namespace

void fuzz(std::string_view input) {
  decode(std::string(input));
  decode(std::string(input) + std::string(digest_of(input).view()));
}

}  // namespace reprise
