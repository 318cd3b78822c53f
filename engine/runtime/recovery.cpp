#include "engine/runtime/recovery.hpp"

#include "engine/core/commit_pipeline.hpp"
#include "storage/store_format.hpp"

namespace reprise {
namespace {

constexpr std::size_t kGroupsPerRead = 1000;

}  // namespace

Result<DurableFloor> open_floor(const std::filesystem::path& path, bool has_log) {
  std::error_code ignored;  // what cannot be looked at does not open below, and says why
  const GroupPosition start = group_chain_start();
  if (!has_log && !std::filesystem::exists(path, ignored))
    if (Result<> made = DurableFloor::reset(path, {start.number, start.hash}); !made)
      return std::unexpected(std::move(made.error()));
  Result<DurableFloor> floor = DurableFloor::open(path);
  if (floor && !floor->mark())
    return fail(Errc::corrupt, path.string() +
                                   " is missing: nothing says how far the log must reach; put it "
                                   "back, or restore a backup");
  return floor;
}

Result<GroupPosition> check_groups(const EventLog& log, const std::optional<FloorMark>& floor) {
  GroupChain chain = floor ? GroupChain(GroupPosition{floor->group, floor->digest}) : GroupChain();
  if (floor) {
    Result<std::optional<std::string>> at_floor = log.get(Table::group, group_key(floor->group));
    if (!at_floor) return std::unexpected(at_floor.error());
    if (Result<> ok = chain.check_floor(*at_floor); !ok) return std::unexpected(ok.error());
  }
  for (;;) {
    const ScanRange range{.from = group_key(chain.position().number.next()),
                          .limit = kGroupsPerRead};
    Result<std::vector<KeyValue>> rows = log.scan(Table::group, range);
    if (!rows) return std::unexpected(rows.error());
    for (const KeyValue& row : *rows)
      if (Result<> ok = chain.follow(GroupNumber(read_big_endian(row.key)), row.value); !ok)
        return std::unexpected(ok.error());
    if (rows->size() < kGroupsPerRead) return chain.position();
  }
}

Result<GroupPosition> check_store(EventLog& log, const DurableFloor& floor,
                                  std::uint16_t shard_count) {
  if (Result<> ok = create_or_verify_store(log, StoreFormat{.shard_count = shard_count}); !ok)
    return std::unexpected(ok.error());
  return check_groups(log, floor.mark());
}

}  // namespace reprise
