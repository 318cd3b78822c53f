#include "storage/store_format.hpp"

#include <charconv>
#include <span>
#include <utility>

namespace reprise {
namespace {

constexpr const char* kVersionRow = "format_version";
constexpr const char* kShardCountRow = "shard_count";
constexpr const char* kHashRow = "hash";

Result<std::string> text_of(const EventLog& log, const char* name) {
  auto value = log.get(Table::meta, name);
  if (!value) return std::unexpected(std::move(value.error()));
  if (!*value) return fail(Errc::corrupt, fmt::format("the meta row {} is missing", name));
  return std::move(**value);
}

Result<std::uint32_t> number_of(const EventLog& log, const char* name) {
  const auto text = text_of(log, name);
  if (!text) return std::unexpected(text.error());
  std::uint32_t number = 0;
  const char* const end = text->data() + text->size();
  const auto [parsed, error] = std::from_chars(text->data(), end, number);
  if (error != std::errc{} || parsed != end)
    return fail(Errc::corrupt, fmt::format("the meta row {} holds no number", name));
  return number;
}

// Whether any table but meta holds a row.
Result<bool> holds_rows(const EventLog& log) {
  for (const Table table : {Table::group, Table::record, Table::workflow}) {
    const auto rows = log.scan(table, {.limit = 1});
    if (!rows) return std::unexpected(rows.error());
    if (!rows->empty()) return true;
  }
  return false;
}

}  // namespace

Result<std::optional<StoreFormat>> read_store_format(const EventLog& log) {
  const auto meta = log.scan(Table::meta, {.limit = 1});
  if (!meta) return std::unexpected(meta.error());
  if (meta->empty()) {
    const auto used = holds_rows(log);
    if (!used) return std::unexpected(used.error());
    if (*used) return fail(Errc::corrupt, "the store has rows but no meta rows");
    return std::nullopt;
  }
  const auto version = number_of(log, kVersionRow);
  if (!version) return std::unexpected(version.error());
  const auto shard_count = number_of(log, kShardCountRow);
  if (!shard_count) return std::unexpected(shard_count.error());
  auto hash = text_of(log, kHashRow);
  if (!hash) return std::unexpected(hash.error());
  return StoreFormat{.version = *version, .shard_count = *shard_count, .hash = std::move(*hash)};
}

Result<> create_or_verify_store(EventLog& log, const StoreFormat& wanted) {
  const auto found = read_store_format(log);
  if (!found) return std::unexpected(found.error());
  if (!*found) {
    Batch batch;
    batch.put(Table::meta, kVersionRow, fmt::format("{}", wanted.version));
    batch.put(Table::meta, kShardCountRow, fmt::format("{}", wanted.shard_count));
    batch.put(Table::meta, kHashRow, wanted.hash);
    return log.append(std::span(&batch, 1));
  }
  const StoreFormat& store = **found;
  if (store.version != wanted.version)
    return fail(Errc::unsupported,
                fmt::format("the store has format {}; this build serves format {}", store.version,
                            wanted.version));
  if (store.shard_count != wanted.shard_count)
    return fail(
        Errc::invalid_argument,
        fmt::format("the store was created with {} shards, and keeps them; {} were asked for",
                    store.shard_count, wanted.shard_count),
        "shards");
  if (store.hash != wanted.hash)
    return fail(
        Errc::invalid_argument,
        fmt::format("the store was created with the hash {}, not {}", store.hash, wanted.hash));
  return {};
}

}  // namespace reprise
