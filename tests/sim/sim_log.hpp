// SimLog: the log as a crash leaves it. One group is under way at a time; it becomes durable as a
// whole, or never was, and only the simulation knows which.
//
// Guarantees: durable() holds exactly the groups that were applied, in order. With a planted loss,
//             one group is dropped although its writer is told that it stands.
#pragma once

#include <optional>

#include "engine/core/commit_pipeline.hpp"
#include "storage/memory_log.hpp"

namespace reprise::sim {

class SimLog {
 public:
  [[nodiscard]] const EventLog& durable() const { return rows_; }
  [[nodiscard]] bool writing() const { return group_.has_value(); }

  void begin(CommitPipeline::WriteGroup group);
  // The group under way is durable.
  void apply();
  // The group under way never was.
  void drop();

  // The floor: the last group that a writer was told of. Recovery must find it.
  [[nodiscard]] const GroupPosition& floor() const { return floor_; }
  void raise_floor(const GroupPosition& position) { floor_ = position; }

  // A planted defect: the group with this number is dropped when it should be applied.
  void plant_loss(GroupNumber number) { lost_ = number; }

 private:
  MemoryLog rows_;
  std::optional<CommitPipeline::WriteGroup> group_;
  GroupPosition floor_ = group_chain_start();
  std::optional<GroupNumber> lost_;
};

}  // namespace reprise::sim
