// Workplan: the subtasks of a task, what each has come to, and which comes next.
//
// Guarantees: a subtask is handed out once its dependencies have ended well; among those that may
//             start, by priority, then in the manager's order. What depends on a subtask that gave
//             nothing fails too. Deterministic.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "activities/contracts/review.hpp"
#include "activities/contracts/specialist.hpp"
#include "activities/contracts/subtask.hpp"
#include "activities/contracts/task_result.hpp"
#include "workflows/task/subtask_graph.hpp"

namespace reprise {

struct WorkItem {
  enum class State : std::uint8_t {
    waiting,   // to be worked on, for the first time or once more
    running,   //
    solved,    // has a solution that nobody has reviewed
    accepted,  //
    refused,   // has a solution that was not accepted
    failed,    // has none, and no attempt is left
  };

  Subtask subtask;
  std::size_t phase = 1;
  State state = State::waiting;
  Solution solution;                   // the latest one; blank while there is none
  std::optional<RevisionOrder> order;  // for the next time it is worked on
  Hundredths score;
  Verdict verdict = Verdict::rejected;
  std::string problem;             // why it failed or was not accepted
  std::vector<std::string> tried;  // specialist types, in order
};

class Workplan {
 public:
  using State = WorkItem::State;

  // The graph is that of the subtasks.
  Workplan(std::vector<Subtask> subtasks, SubtaskGraph graph);

  [[nodiscard]] std::size_t size() const { return items_.size(); }
  [[nodiscard]] WorkItem& item(std::size_t index) { return items_[index]; }
  [[nodiscard]] const std::vector<WorkItem>& items() const { return items_; }

  // Takes the next subtask that may start; nothing while all others wait or run.
  std::optional<std::size_t> start_next();
  // No attempt is left. A solution from an earlier cycle stays, not accepted.
  void give_up(std::size_t index, std::string problem);
  // Takes the next waiting subtask that needs a result which will not come, and fails it.
  std::optional<std::size_t> fail_next_blocked();
  // Takes the next solved one, for its review.
  std::optional<std::size_t> next_unreviewed(std::size_t from) const;

  [[nodiscard]] bool has(State state) const;
  // The solutions of what `index` depends on.
  [[nodiscard]] std::vector<SubtaskSolution> results_for(std::size_t index) const;
  [[nodiscard]] std::vector<SubtaskSolution> accepted() const;
  [[nodiscard]] std::vector<std::string> missing_titles() const;
  // "t2: rejected with 3.5: …", for people.
  [[nodiscard]] std::string describe_missing() const;
  [[nodiscard]] std::vector<SubtaskResult> results() const;

 private:
  std::vector<WorkItem> items_;
  SubtaskGraph graph_;
};

// Text that later stages are handed stays below this, whatever the number of solutions.
inline constexpr std::size_t kSolutionsBytesMax = 240'000;

// Turns a refused item into one to work on again. One that was rejected goes to the first member of
// the team that has not tried it yet; when all have, it stays, and must take another approach.
void order_revision(WorkItem& item, const std::vector<Specialist>& team);

}  // namespace reprise
