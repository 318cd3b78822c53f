// CommitPipeline: merges the waiting batches of all shards into one write at a time.
//
//     pipeline.submit(shard, step…);                 // whenever
//     if (auto group = pipeline.begin()) {           // nothing while a write is under way
//       write(group->batches);                       // one atomic, synced write
//       for (auto& done : pipeline.succeeded()) …    // tell the shards, in order
//     }
// Guarantees: a shard's batch n+1 is in no earlier group than its batch n, and never without it.
//             Each group carries one group record, which follows the hash of the one before.
//             After failed() nothing is ever written again: the outcome of the group is unknown.
// Thread:     one at a time; its owner locks.
// Why:        ADR-0002, ADR-0006.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <vector>

#include "engine/core/group.hpp"
#include "engine/core/messages.hpp"

namespace reprise {

class CommitPipeline {
 public:
  // `tail`: the last group of the log, as recovery found it.
  explicit CommitPipeline(GroupPosition tail) : tail_(tail) {}

  struct Submission {
    ShardIndex shard;
    BatchNumber number;
    Batch batch;
    std::vector<GroupEntry> entries;
  };
  // The shard's next batch; numbers are dense from 1 within a pipeline's life.
  void submit(Submission submission);

  struct WriteGroup {
    std::vector<Batch> batches;  // the last one is the group record
    GroupPosition position;      // of the group record
  };
  // All that waits, as one group; nothing when nothing waits, or a write is under way, or failed.
  std::optional<WriteGroup> begin();

  struct Done {
    ShardIndex shard;
    BatchNumber number;  // all its batches up to this one are durable
  };
  // The group that begin() gave is durable.
  std::vector<Done> succeeded();
  void failed();

  [[nodiscard]] bool idle() const { return !writing_ && waiting_.empty(); }
  [[nodiscard]] bool writing() const { return writing_; }
  [[nodiscard]] bool has_failed() const { return failed_; }
  // Bytes submitted and not yet durable.
  [[nodiscard]] std::size_t bytes_in_flight() const { return bytes_waiting_ + bytes_writing_; }
  // The last durable group.
  [[nodiscard]] const GroupPosition& durable() const { return durable_; }

 private:
  std::vector<Submission> waiting_;
  std::size_t bytes_waiting_ = 0;
  std::size_t bytes_writing_ = 0;
  std::vector<Done> writing_done_;
  bool writing_ = false;
  bool failed_ = false;
  GroupPosition tail_;
  GroupPosition durable_ = tail_;
  std::map<ShardIndex, BatchNumber> last_;
};

// Walks the chain of groups at a start: from the durable floor (or from the beginning) to the end.
class GroupChain {
 public:
  // Nothing is known: the first group must be number 1.
  GroupChain() : position_(group_chain_start()) {}
  // `floor` was durable: a group with this number and hash must be there.
  explicit GroupChain(GroupPosition floor) : position_(floor) {}

  // The stored group at the floor itself; nothing when it is missing.
  Result<> check_floor(const std::optional<std::string>& bytes) const;
  // The group with the next number.
  Result<> follow(GroupNumber number, std::string_view bytes);
  [[nodiscard]] const GroupPosition& position() const { return position_; }

 private:
  GroupPosition position_;
};

}  // namespace reprise
