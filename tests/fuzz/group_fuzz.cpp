// The bytes of a group record, as they are and with the right hash behind them.
#include "base/check.hpp"
#include "engine/core/group.hpp"
#include "tests/fuzz/fuzz_target.hpp"

namespace reprise {
namespace {

void decode(const std::string& bytes) {
  const Result<DecodedGroup> decoded = decode_group(bytes);
  if (!decoded) return;
  const Result<DecodedGroup> again = decode_group(encode_group(decoded->group).bytes);
  CHECK(again.has_value(), "{}", to_string(again.error()));
  CHECK(again->group == decoded->group, "a group of {} changed", decoded->group.entries.size());
}

}  // namespace

void fuzz(std::string_view input) {
  decode(std::string(input));
  decode(std::string(input) + std::string(digest_of(input).view()));
}

}  // namespace reprise
