// SimLog: the log of the simulated engine, on a disk that fails.
//
// It stands for RocksDB, in its simplest form. A group is one checksummed frame of a write-ahead log,
// appended and then synced. Rows that can be read are kept in memory, and are made again from the
// frames by each recovery. A new life writes a new segment, and begins it with all that it found
// behind the durable floor, which until then may stand in the page cache only: what RocksDB does when
// it writes the rows that it replayed into a table before it opens. That RocksDB itself keeps these
// promises on such a disk is the matter of tests/faults.
//
// Guarantees: durable() holds exactly the groups that were synced, or found by a recovery, in order.
//             recover() refuses a log in which a group is missing between others; one that ends below
//             the floor is refused by check_groups() (engine/runtime/recovery.hpp).
// Errors:     begin, end, recover: unknown_outcome: nothing may be written until a new recovery.
//             recover: corrupt.
#pragma once

#include <memory>
#include <optional>

#include "engine/core/commit_pipeline.hpp"
#include "storage/durable_floor.hpp"
#include "storage/memory_log.hpp"
#include "tests/sim/sim_disk.hpp"

namespace reprise::sim {

class SimLog {
 public:
  // Of an empty disk, served at once.
  SimLog();

  [[nodiscard]] const EventLog& durable() const { return *rows_; }
  [[nodiscard]] bool writing() const { return group_.has_value(); }

  // Gives the group to the disk.
  Result<> begin(CommitPipeline::WriteGroup group, const DiskFault& fault);
  // Syncs it. From here on it may be acknowledged.
  Result<> end(const DiskFault& fault);

  // What a new process finds; its own writes may fail as well.
  Result<> recover(const DiskFault& append_fault = {}, const DiskFault& sync_fault = {});
  void lose_power(testing::Tail tail, std::uint64_t seed);
  [[nodiscard]] bool has_unsynced() const { return disk_.has_unsynced(); }

  // The last group that can be read, and the last one that anybody may have been told of.
  [[nodiscard]] GroupNumber last() const { return last_; }
  [[nodiscard]] GroupNumber told() const { return told_; }

  // The floor follows the groups; it stands, as DurableFloor promises, or the one before does.
  [[nodiscard]] const FloorMark& floor() const { return floor_; }
  void raise_floor(const GroupPosition& position) { floor_ = {position.number, position.hash}; }

  // A planted defect: the group with this number is dropped when it should be written.
  void plant_loss(GroupNumber number) { lost_ = number; }
  // The same disk with one bit of this group turned wherever it stands, not recovered yet.
  [[nodiscard]] SimLog damaged(GroupNumber number, std::uint64_t seed) const;

 private:
  explicit SimLog(SimDisk disk, const FloorMark& floor) : disk_(std::move(disk)), floor_(floor) {}
  // All of the bytes, whatever the disk takes at a time.
  Result<> append(std::string_view bytes, const DiskFault& fault);

  SimDisk disk_;
  std::string segment_;  // the one that is written
  std::unique_ptr<MemoryLog> rows_ = std::make_unique<MemoryLog>();
  std::optional<CommitPipeline::WriteGroup> group_;
  FloorMark floor_{group_chain_start().number, group_chain_start().hash};
  GroupNumber last_;
  GroupNumber told_;
  std::optional<GroupNumber> lost_;
};

}  // namespace reprise::sim
