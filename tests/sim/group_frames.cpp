#include "tests/sim/group_frames.hpp"

#include "engine/core/wire.hpp"
#include "storage/crc32c.hpp"

namespace reprise::sim {
namespace {

constexpr std::size_t kHeaderBytes = 8;

}  // namespace

std::string encode_frame(GroupNumber number, const std::vector<Batch>& batches) {
  std::size_t count = 0;
  std::size_t bytes = 0;
  for (const Batch& batch : batches) {
    count += batch.rows().size();
    bytes += batch.bytes();
  }
  std::string body;
  body.reserve(bytes + 16 * count + 16);
  Writer out(body);
  out.varint(number.value());
  out.varint(count);
  for (const Batch& batch : batches)
    for (const Row& row : batch.rows()) {
      out.varint(static_cast<std::uint64_t>(row.table));
      out.varint(row.erase ? 1 : 0);
      out.bytes(row.key);
      out.bytes(row.value);
    }
  std::string frame;
  frame.reserve(kHeaderBytes + body.size());
  append_big_endian(frame, body.size(), 4);
  append_big_endian(frame, crc32c(body), 4);
  return frame += body;
}

std::optional<Frame> FrameReader::next() {
  if (rest_.size() < kHeaderBytes) return std::nullopt;
  const std::uint64_t bytes = read_big_endian(rest_.substr(0, 4));
  const std::string_view body = rest_.substr(kHeaderBytes, bytes);
  if (bytes == 0 || body.size() < bytes || read_big_endian(rest_.substr(4, 4)) != crc32c(body))
    return std::nullopt;
  Reader rows(body);
  Frame frame{.number = GroupNumber(rows.varint()), .rows = {}, .bytes = {}};
  for (std::uint64_t count = rows.varint(); count > 0 && rows.ok(); --count) {
    const auto table = static_cast<Table>(rows.varint());
    const bool erase = rows.varint() != 0;
    const std::string key(rows.bytes());
    const std::string_view value = rows.bytes();
    if (erase)
      frame.rows.erase(table, key);
    else
      frame.rows.put(table, key, std::string(value));
  }
  if (!rows.ok() || !rows.at_end()) return std::nullopt;
  frame.bytes = rest_.substr(0, kHeaderBytes + bytes);
  rest_.remove_prefix(frame.bytes.size());
  return frame;
}

}  // namespace reprise::sim
