#include "engine/core/group.hpp"

#include "engine/core/wire.hpp"

namespace reprise {
namespace {

constexpr unsigned char kGroupVersion = 1;

}  // namespace

GroupPosition group_chain_start() { return {GroupNumber(0), digest_of({})}; }

EncodedGroup encode_group(const Group& group) {
  EncodedGroup encoded;
  encoded.bytes.reserve(48 + 42 * group.entries.size());
  Writer out(encoded.bytes);
  out.varint(kGroupVersion);
  out.fixed(group.previous.view());
  out.varint(group.entries.size());
  for (const GroupEntry& entry : group.entries) {
    out.fixed(entry.run.bytes());
    out.varint(entry.first.value());
    out.fixed(entry.record_hash.view());
  }
  encoded.hash = digest_of(encoded.bytes);
  out.fixed(encoded.hash.view());
  return encoded;
}

Result<DecodedGroup> decode_group(std::string_view bytes) {
  if (bytes.size() < 2 + 2 * Digest::kBytes) return fail(Errc::corrupt, "a cut group record");
  const std::string_view hashed = bytes.substr(0, bytes.size() - Digest::kBytes);
  DecodedGroup decoded;
  decoded.hash = Digest::from_bytes(bytes.substr(hashed.size()));
  if (digest_of(hashed) != decoded.hash)
    return fail(Errc::corrupt, "a group record whose bytes do not have its hash");
  Reader in(hashed);
  if (in.varint() != kGroupVersion)
    return fail(Errc::unsupported, "a group record of a newer version than this build");
  decoded.group.previous = Digest::from_bytes(in.fixed(Digest::kBytes));
  for (std::uint64_t n = in.varint(); n > 0 && in.ok(); --n) {
    GroupEntry entry;
    const std::string_view run = in.fixed(RunId::kBytes);
    entry.first = Sequence(in.varint());
    const std::string_view hash = in.fixed(Digest::kBytes);
    if (!in.ok()) break;
    entry.run = RunId::from_bytes(run);
    entry.record_hash = Digest::from_bytes(hash);
    decoded.group.entries.push_back(entry);
  }
  if (!in.ok() || !in.at_end()) return fail(Errc::corrupt, "a cut group record");
  return decoded;
}

}  // namespace reprise
