// AttemptTable: the attempts of activities that this process runs now, and when they time out; and
// the activities whose next attempt waits for its time.
//
// Guarantees: at most one attempt per command; an outcome that names another attempt is refused. An
//             activity that waits here has no attempt under way, in this process or before it: when
//             its run comes back into memory, nothing was lost.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "engine/core/deadlines.hpp"

namespace reprise {

struct AttemptKey {
  RunId run;
  CommandId command;
  Attempt attempt;

  friend auto operator<=>(const AttemptKey&, const AttemptKey&) = default;
};

class AttemptTable {
 public:
  void start(const AttemptKey& key, SteadyTime deadline) {
    stop_waiting(key.run, key.command);
    running_.insert_or_assign({key.run, key.command}, key.attempt);
    timeouts_.add(deadline, key, [this](const AttemptKey& other) { return is(other); });
  }
  [[nodiscard]] bool running(const RunId& run, CommandId command) const {
    return running_.contains({run, command});
  }
  // True when this attempt was running; it is not any more.
  bool end(const AttemptKey& key) {
    const auto found = running_.find({key.run, key.command});
    if (found == running_.end() || found->second != key.attempt) return false;
    running_.erase(found);
    return true;
  }
  // The attempt that ran for the command, which runs no more.
  std::optional<Attempt> end(const RunId& run, CommandId command) {
    const auto found = running_.find({run, command});
    if (found == running_.end()) return std::nullopt;
    const Attempt attempt = found->second;
    running_.erase(found);
    return attempt;
  }
  // The attempts that ran for the run, which run no more; nothing of it waits any more either.
  std::vector<AttemptKey> end(const RunId& run) {
    std::vector<AttemptKey> ended;
    const auto first = running_.lower_bound({run, CommandId()});
    auto next = first;
    for (; next != running_.end() && next->first.first == run; ++next)
      ended.push_back({run, next->first.second, next->second});
    running_.erase(first, next);
    const auto waits = waiting_.lower_bound({run, CommandId()});
    auto behind = waits;
    while (behind != waiting_.end() && behind->first == run) ++behind;
    waiting_.erase(waits, behind);
    return ended;
  }
  [[nodiscard]] bool is(const AttemptKey& key) const {
    const auto found = running_.find({key.run, key.command});
    return found != running_.end() && found->second == key.attempt;
  }
  // An attempt whose time is over and that still runs; it is still in the table.
  std::optional<AttemptKey> take_timed_out(SteadyTime now) {
    while (std::optional<AttemptKey> key = timeouts_.take(now))
      if (is(*key)) return key;
    return std::nullopt;
  }
  void wait(const RunId& run, CommandId command) { waiting_.emplace(run, command); }
  void stop_waiting(const RunId& run, CommandId command) { waiting_.erase({run, command}); }
  [[nodiscard]] bool waits(const RunId& run, CommandId command) const {
    return waiting_.contains({run, command});
  }
  [[nodiscard]] std::optional<SteadyTime> next_timeout() const { return timeouts_.next(); }
  [[nodiscard]] std::size_t size() const { return running_.size(); }

 private:
  std::map<std::pair<RunId, CommandId>, Attempt> running_;
  std::set<std::pair<RunId, CommandId>> waiting_;
  Deadlines<SteadyTime, AttemptKey> timeouts_;
};

}  // namespace reprise
