// Group record: one link in the chain of all writes of a store.
//
//   group  = version:u8(1) previous:16 entry_count:varint entry* hash:16
//   entry  = run:16 first:varint hash:16          one for each record that the write holds
//
// Guarantees: group n+1 follows the hash of group n, group 1 the digest of nothing; so the chain of
//             groups says which records there must be, in which order they were written, and where
//             a store was cut. It is the cursor of store-wide feeds.
// Why:        ADR-0006.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/digest.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"

namespace reprise {

struct GroupEntry {
  RunId run;
  Sequence first;
  Digest record_hash;
  friend bool operator==(const GroupEntry&, const GroupEntry&) = default;
};

struct Group {
  Digest previous;
  std::vector<GroupEntry> entries;
  friend bool operator==(const Group&, const Group&) = default;
};

// The last group of a chain: its number and hash. Number 0 is the empty store.
struct GroupPosition {
  GroupNumber number;
  Digest hash;
  friend bool operator==(const GroupPosition&, const GroupPosition&) = default;
};

GroupPosition group_chain_start();

struct EncodedGroup {
  std::string bytes;
  Digest hash;
};
EncodedGroup encode_group(const Group& group);

struct DecodedGroup {
  Group group;
  Digest hash;
};
Result<DecodedGroup> decode_group(std::string_view bytes);

}  // namespace reprise
