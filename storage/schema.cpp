#include "storage/schema.hpp"

#include <array>

#include "base/check.hpp"

namespace reprise {
namespace {

constexpr std::size_t kShardBytes = 2;
constexpr std::size_t kNumberBytes = 8;

}  // namespace

std::string_view to_string(Table table) noexcept {
  switch (table) {
    case Table::record: return "record";
    case Table::blob: return "blob";
    case Table::group: return "group";
    case Table::wake: return "wake";
    case Table::busy: return "busy";
    case Table::key: return "key";
    case Table::workflow: return "workflow";
    case Table::view: return "view";
    case Table::outbox: return "outbox";
    case Table::parked: return "parked";
    case Table::meta: return "meta";
    case Table::deleted: return "deleted";
  }
  return "unknown";
}

void append_big_endian(std::string& out, std::uint64_t value, std::size_t bytes) {
  CHECK(bytes <= sizeof(value), "{} bytes of a number", bytes);
  std::array<char, sizeof(value)> big;
  for (std::size_t i = 0; i < bytes; ++i)
    big[i] = static_cast<char>(value >> (8 * (bytes - 1 - i)));
  out.append(big.data(), bytes);
}

std::uint64_t read_big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

std::string record_key(const RunId& run, Sequence first) {
  std::string key;
  key.reserve(RunId::kBytes + kNumberBytes);
  key += run.bytes();
  append_big_endian(key, first.value(), kNumberBytes);
  return key;
}

std::string blob_key(const RunId& run, const Digest& digest) {
  std::string key(run.bytes());
  key += digest.view();
  return key;
}

std::string group_key(GroupNumber number) {
  std::string key;
  append_big_endian(key, number.value(), kNumberBytes);
  return key;
}

std::string wake_key(ShardIndex shard, UtcTime at, const RunId& run) {
  std::string key;
  append_big_endian(key, shard.value(), kShardBytes);
  append_big_endian(key, static_cast<std::uint64_t>(at.micros()), kNumberBytes);
  key += run.bytes();
  return key;
}

std::string busy_key(ShardIndex shard, const RunId& run) {
  std::string key;
  append_big_endian(key, shard.value(), kShardBytes);
  key += run.bytes();
  return key;
}

std::string idempotency_key(std::string_view tenant, std::string_view key) {
  std::string out(tenant);
  out += '\0';
  out += key;
  return out;
}

std::string view_key(const WorkflowId& workflow, const RunId& run) {
  std::string key = workflow.text();
  key += '\0';
  key += run.bytes();
  return key;
}

std::string parked_key(ShardIndex shard, const RunId& run) { return busy_key(shard, run); }

std::optional<WakeKey> parse_wake_key(std::string_view key) {
  if (key.size() != kShardBytes + kNumberBytes + RunId::kBytes) return std::nullopt;
  return WakeKey{
      .shard = ShardIndex(static_cast<std::uint16_t>(read_big_endian(key.substr(0, kShardBytes)))),
      .at = UtcTime::from_micros(
          static_cast<std::int64_t>(read_big_endian(key.substr(kShardBytes, kNumberBytes)))),
      .run = RunId::from_bytes(key.substr(kShardBytes + kNumberBytes))};
}

std::optional<RunId> parse_busy_key(std::string_view key) {
  if (key.size() != kShardBytes + RunId::kBytes) return std::nullopt;
  return RunId::from_bytes(key.substr(kShardBytes));
}

std::optional<RunId> parse_parked_key(std::string_view key) { return parse_busy_key(key); }

std::optional<Sequence> parse_record_key(std::string_view key, const RunId& run) {
  if (key.size() != RunId::kBytes + kNumberBytes || !key.starts_with(run.bytes()))
    return std::nullopt;
  return Sequence(read_big_endian(key.substr(RunId::kBytes)));
}

std::string prefix_end(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && end.back() == '\xff') end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return end;
}

}  // namespace reprise
