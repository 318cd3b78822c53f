// Group frames: how the simulated log writes each group to its disk.
//
//   segment = frame*                                          a file for each life of the engine
//   frame   = length:4 crc32c:4 body                          both of the body, big endian
//   body    = number:varint row_count:varint (table:varint erase:varint key:bytes value:bytes)*
// Guarantees: next() gives whole frames only, and nothing from the first bad one on: cut, torn, or
//             bytes that are something else.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "storage/batch.hpp"

namespace reprise::sim {

std::string encode_frame(GroupNumber number, const std::vector<Batch>& batches);

struct Frame {
  GroupNumber number;
  Batch rows;
  std::string_view bytes;  // of all of it, within the segment
};

class FrameReader {
 public:
  explicit FrameReader(std::string_view segment) : rest_(segment) {}
  std::optional<Frame> next();

 private:
  std::string_view rest_;
};

}  // namespace reprise::sim
