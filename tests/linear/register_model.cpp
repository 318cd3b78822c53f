#include "tests/linear/register_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace reprise::linear {
namespace {

using Run = RegisterModel::Run;
using State = RegisterModel::State;
using Taken = RegisterModel::Taken;

constexpr int kOk = 200;
constexpr int kCreated = 201;
constexpr int kAccepted = 202;
constexpr int kNotFound = 404;
constexpr int kConflict = 409;

// One call in one state; each question below is true of a call without an answer.
class Taking {
 public:
  Taking(State& state, const RegisterOperation& operation, const RegisterAnswer* answer)
      : state_(state), operation_(operation), answer_(answer) {}

  bool is_possible() {
    if (operation_.verb == Verb::start) return start();
    if (operation_.verb == Verb::result) return result();
    if (state_.runs.empty()) return says(kNotFound);
    Run& run = state_.runs.back();
    if (operation_.verb == Verb::cancel) return cancel(run);
    const bool just_cancelled = std::exchange(run.just_cancelled, false);
    switch (operation_.verb) {
      case Verb::add_told: return tell(run, run.signals);
      case Verb::add:
      case Verb::swap:
      case Verb::close: return tell(run, run.updates);
      case Verb::read: return is_open(run) ? says(kOk) && holds(run.value) : says(kConflict);
      case Verb::describe: return says(kOk) && is(run) && stands(run) && is_last(run);
      default: return terminate(run, just_cancelled);
    }
  }

 private:
  static bool is_open(const Run& run) { return run.status == "running"; }
  [[nodiscard]] bool says(int status, bool replayed = false) const {
    return answer_ == nullptr || (answer_->status == status && answer_->replayed == replayed);
  }
  [[nodiscard]] bool holds(const std::optional<std::uint32_t>& value) const {
    return answer_ == nullptr || answer_->value == value;
  }
  bool stands(Run& run) const {
    if (answer_ == nullptr) return true;
    if (run.is_unsettled && answer_->run_status == "terminated") run.status = "terminated";
    run.is_unsettled = false;
    return answer_->run_status == run.status;
  }
  // The answer names this run; a run that nobody has seen yet gets its name from it.
  bool is(Run& run) {
    if (answer_ == nullptr || answer_->run == run.id) return true;
    if (!run.id.empty() ||
        std::ranges::find(state_.runs, answer_->run, &Run::id) != state_.runs.end())
      return false;
    run.id = answer_->run;
    return true;
  }
  bool is_last(Run& run) const {
    if (answer_ == nullptr) return true;
    return answer_->sequence >= std::exchange(run.last, std::max(run.last, answer_->sequence));
  }
  // The sequence of a new event.
  [[nodiscard]] std::optional<std::uint64_t> next_event(Run& run) const {
    if (answer_ == nullptr) {
      ++run.last;
      return 0;
    }
    if (answer_->sequence <= run.last) return std::nullopt;
    run.last = answer_->sequence;
    return answer_->sequence;
  }

  bool start() {
    const std::string& key = operation_.key;
    if (const auto seen = state_.starts.find(key); seen != state_.starts.end())
      return says(kCreated, true) && is(state_.runs[seen->second]);
    if (!state_.runs.empty() && is_open(state_.runs.back())) {
      Run& open = state_.runs.back();
      if (operation_.on_open_run == OnOpenRun::fail) return says(kConflict);
      if (operation_.on_open_run == OnOpenRun::use_existing) {
        if (!key.empty()) state_.starts[key] = state_.runs.size() - 1;
        return says(kCreated, true) && is(open);
      }
      open.status = "terminated";
    } else if (!state_.runs.empty() && operation_.on_open_run == OnOpenRun::terminate_existing) {
      Run& ended = state_.runs.back();
      ended.is_unsettled = ended.is_unsettled || ended.just_cancelled;
    }
    if (!state_.runs.empty()) state_.runs.back().just_cancelled = false;
    if (!key.empty()) state_.starts[key] = state_.runs.size();
    state_.runs.push_back({.value = operation_.amount});
    return says(kCreated) && is(state_.runs.back());
  }

  bool result() {
    const auto run = std::ranges::find(state_.runs, operation_.run, &Run::id);
    if (run == state_.runs.end()) return says(kNotFound);
    if (is_open(*run)) return says(kConflict);
    run->just_cancelled = false;
    const bool has_value = run->status == "completed";
    return says(kOk) && is(*run) && stands(*run) &&
           holds(has_value ? std::optional(run->value) : std::nullopt);
  }

  bool tell(Run& run, std::map<std::string, Taken>& taken) {
    const std::string& key = operation_.key;
    if (const auto seen = taken.find(key); seen != taken.end()) {
      if (answer_ != nullptr && seen->second.sequence == 0)
        seen->second.sequence = answer_->sequence;
      return says(kOk, true) && is(run) && holds(seen->second.value) &&
             (answer_ == nullptr || answer_->sequence == seen->second.sequence);
    }
    if (!is_open(run)) return says(kConflict);
    const std::optional<std::uint32_t> value = change(run);
    const std::optional<std::uint64_t> sequence = next_event(run);
    if (!sequence) return false;
    if (!key.empty()) taken[key] = {.sequence = *sequence, .value = value};
    return says(kOk) && is(run) && holds(value);
  }

  // What the run's code answers.
  std::optional<std::uint32_t> change(Run& run) const {
    switch (operation_.verb) {
      case Verb::add_told: run.value += operation_.amount; return std::nullopt;
      case Verb::add: return run.value += operation_.amount;
      case Verb::swap: return std::exchange(run.value, operation_.amount);
      default: run.status = "completed"; return run.value;
    }
  }

  // Asked twice in one step of the server, the second is told that it was asked before.
  bool cancel(Run& run) {
    if (run.status == "cancelled" && says(kAccepted, true)) return is(run);
    if (!is_open(run)) {
      run.just_cancelled = false;
      return says(kConflict);
    }
    run.status = "cancelled";
    run.just_cancelled = true;
    return says(kAccepted) && is(run);
  }

  bool terminate(Run& run, bool just_cancelled) {
    if (just_cancelled && answer_ == nullptr) run.is_unsettled = true;
    if (just_cancelled && answer_ != nullptr && says(kOk)) run.status = "running";
    if (run.status == "terminated") return says(kOk, true) && is(run);
    if (!is_open(run)) return says(kConflict);
    run.status = "terminated";
    return says(kOk) && is(run);
  }

  State& state_;
  const RegisterOperation& operation_;
  const RegisterAnswer* answer_;
};

}  // namespace

std::optional<State> RegisterModel::after(State state, const Operation& operation,
                                          const Answer* answer) {
  if (!Taking(state, operation, answer).is_possible()) return std::nullopt;
  return state;
}

std::string to_text(const State& state) {
  if (state.runs.empty()) return "never started";
  const Run& run = state.runs.back();
  return fmt::format("{}, {}, holds {}, event {} or a later one is its last; {} runs before it",
                     run.id.empty() ? "a run that nobody has seen" : run.id, run.status, run.value,
                     run.last, state.runs.size() - 1);
}

}  // namespace reprise::linear
