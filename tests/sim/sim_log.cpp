#include "tests/sim/sim_log.hpp"

#include "base/check.hpp"

namespace reprise::sim {

void SimLog::begin(CommitPipeline::WriteGroup group) {
  CHECK(!group_, "two writes at a time");
  group_ = std::move(group);
}

void SimLog::apply() {
  if (lost_ != group_->position.number) CHECK(rows_.append(group_->batches).has_value());
  group_.reset();
}

void SimLog::drop() { group_.reset(); }

}  // namespace reprise::sim
