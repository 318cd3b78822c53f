// Checker: is there an order of the calls that explains every answer?
//
// A history of calls on one object is linearizable when each call can be given an instant between its
// asking and its end, so that a sequential object, asked in the order of these instants, gives the same
// answers. A call without an answer may have its instant, or none. The property is local: a history of
// many objects has it when the calls on each of them have it, so each object is checked alone.
//
// Guarantees: the verdict is exact. A search that grows over its budget says so: `undecided` is no
//             success. The order that is found, or the longest one, comes with the verdict.
// Units:      the budget counts configurations: which calls have taken effect, and the state then.
// Source:     Wing and Gong, "Testing and Verifying Concurrent Objects" (1993); Lowe, "Testing for
//             Linearizability" (2017), for the memory of what was looked at.
#pragma once

#include <algorithm>
#include <compare>
#include <concepts>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "tests/linear/call.hpp"

namespace reprise::linear {

// A sequential object. Its state after a call, or nothing when it does not give this answer in this
// state; without an answer, the state after the call took effect.
template <typename O>
concept SequentialObject =
    std::three_way_comparable<typename O::State> &&
    requires(const typename O::State& state, const typename O::Operation& operation,
             const typename O::Answer* answer) {
      { O::after(state, operation, answer) } -> std::same_as<std::optional<typename O::State>>;
    };

template <SequentialObject Object>
using CallsOf = std::vector<Call<typename Object::Operation, typename Object::Answer>>;

enum class Verdict : unsigned char { linearizable, not_linearizable, undecided };

inline constexpr std::size_t kBudget = 1'000'000;

template <SequentialObject Object>
struct Finding {
  Verdict verdict = Verdict::undecided;
  std::vector<std::size_t> order;  // indices of calls, as they took effect
  typename Object::State state;    // behind them
  std::size_t configurations = 0;  // looked at
};

template <SequentialObject Object>
class Checker {
 public:
  // The calls are sorted by when they were asked.
  explicit Checker(const CallsOf<Object>& calls) : calls_(calls) {}

  Finding<Object> run(std::size_t budget) {
    Configuration begin;
    for (const auto& call : calls_) begin.unexplained += call.answer ? 1U : 0U;
    reach(std::move(begin), nullptr, kNothing);
    while (!open_.empty()) {
      const Reached& next = *open_.back();
      open_.pop_back();
      if (next.first.unexplained < best_->first.unexplained) best_ = &next;
      if (best_->first.unexplained == 0) return found(Verdict::linearizable);
      if (seen_.size() > budget) return found(Verdict::undecided);
      expand(next);
    }
    return found(Verdict::not_linearizable);
  }

 private:
  static constexpr std::size_t kNothing = static_cast<std::size_t>(-1);

  // Every call before `first` is settled, and of those behind it these are.
  struct Configuration {
    std::size_t unexplained = 0;  // answers that are still to be explained
    std::size_t first = 0;
    std::vector<std::size_t> beyond;
    typename Object::State state{};
    friend auto operator<=>(const Configuration&, const Configuration&) = default;
  };
  struct Step;
  using Reached = std::pair<const Configuration, Step>;
  struct Step {
    const Reached* from = nullptr;
    std::size_t call = kNothing;  // that took effect; kNothing: one was found to take none
  };

  void reach(Configuration configuration, const Reached* from, std::size_t call) {
    const auto [place, is_new] = seen_.try_emplace(std::move(configuration), Step{from, call});
    if (!is_new) return;
    if (best_ == nullptr) best_ = &*place;
    open_.push_back(&*place);
  }

  // What may be next: calls that were asked before any unsettled one had ended.
  void expand(const Reached& reached) {
    const Configuration& at = reached.first;
    std::vector<std::size_t> next;
    std::size_t deadline = kNothing;  // the unsettled call that ends first
    Instant horizon = kNever;
    for (std::size_t i = at.first; i < calls_.size() && calls_[i].asked <= horizon; ++i) {
      if (std::ranges::binary_search(at.beyond, i)) continue;
      next.push_back(i);
      if (calls_[i].ended >= horizon) continue;
      horizon = calls_[i].ended;
      deadline = i;
    }
    // The last one that is reached is looked at first: an answer that must be explained soon.
    std::ranges::sort(next, [&](std::size_t a, std::size_t b) {
      return std::pair(calls_[a].answer.has_value(), calls_[b].ended) <
             std::pair(calls_[b].answer.has_value(), calls_[a].ended);
    });
    if (deadline != kNothing && !calls_[deadline].answer)
      reach(settled(at, deadline, at.state), &reached, kNothing);
    for (const std::size_t i : next) {
      if (calls_[i].asked > horizon) continue;
      const auto& answer = calls_[i].answer;
      auto state = Object::after(at.state, calls_[i].operation, answer ? &*answer : nullptr);
      if (state) reach(settled(at, i, std::move(*state)), &reached, i);
    }
  }

  Configuration settled(const Configuration& at, std::size_t call,
                        typename Object::State state) const {
    Configuration next{.unexplained = at.unexplained - (calls_[call].answer ? 1U : 0U),
                       .first = at.first,
                       .beyond = at.beyond,
                       .state = std::move(state)};
    next.beyond.insert(std::ranges::upper_bound(next.beyond, call), call);
    auto settled = next.beyond.begin();
    for (; settled != next.beyond.end() && *settled == next.first; ++settled) ++next.first;
    next.beyond.erase(next.beyond.begin(), settled);
    return next;
  }

  Finding<Object> found(Verdict verdict) const {
    Finding<Object> finding{.verdict = verdict,
                            .order = {},
                            .state = best_->first.state,
                            .configurations = seen_.size()};
    for (const Reached* at = best_; at != nullptr; at = at->second.from)
      if (at->second.call != kNothing) finding.order.push_back(at->second.call);
    std::ranges::reverse(finding.order);
    return finding;
  }

  const CallsOf<Object>& calls_;
  std::map<Configuration, Step> seen_;
  std::vector<const Reached*> open_;
  const Reached* best_ = nullptr;  // it explains the most
};

template <SequentialObject Object>
Finding<Object> check(CallsOf<Object> calls, std::size_t budget = kBudget) {
  std::ranges::sort(calls, {}, [](const auto& call) { return call.asked; });
  return Checker<Object>(calls).run(budget);
}

}  // namespace reprise::linear
