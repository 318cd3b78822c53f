// SubtaskGraph: which subtask waits for which, checked, and the phases that follow from it.
//
// Guarantees: a graph that was built has 1 to 20 subtasks with different ids, only known
//             dependencies, no self loop and no cycle. A subtask's phase is one more than the
//             highest of its dependencies; phases start at 1.
// Errors:     invalid_argument with the path, "subtasks[2].dependencies[0]", in words that a model
//             can mend its answer by.
#pragma once

#include <cstddef>
#include <vector>

#include "activities/contracts/subtask.hpp"
#include "base/result.hpp"

namespace reprise {

class SubtaskGraph {
 public:
  static constexpr std::size_t kSubtasksMax = 20;

  SubtaskGraph() = default;
  static Result<SubtaskGraph> build(const std::vector<Subtask>& subtasks);

  [[nodiscard]] std::size_t size() const { return dependencies_.size(); }
  // Indexes of the subtasks that must end before subtask `index` starts.
  [[nodiscard]] const std::vector<std::size_t>& dependencies(std::size_t index) const {
    return dependencies_[index];
  }
  [[nodiscard]] std::size_t phase(std::size_t index) const { return phases_[index]; }

 private:
  std::vector<std::vector<std::size_t>> dependencies_;
  std::vector<std::size_t> phases_;
};

}  // namespace reprise
