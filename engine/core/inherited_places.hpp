// InheritedPlaces: how many places of a queue workers may still have from the process before this one.
//
// That process kept in memory which attempts it had given out. What is known of it: the attempts that
// were open, of which some only waited; how long a worker that has one may be silent; and how many may
// have been out at once.
//     may_be_out() for each of those attempts ─→ its worker is heard of, or its time is over ─→ free
// Guarantees: count() is never less than the attempts that are still out, as far as workers keep to
//             their leases; it falls to 0 once the longest lease is over.
// Thread:     one at a time.
// Why:        ADR-0018.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "engine/core/attempts.hpp"

namespace reprise {

class InheritedPlaces {
 public:
  // A worker that was told to stop has so long to do it.
  static constexpr Duration kStopsWithin = std::chrono::seconds(10);

  // At most so many were out at once.
  void at_most(std::size_t places) { places_ = places; }
  // `count` attempts of the command may be out until then, all of them before `next`.
  void may_be_out(const AttemptKey& next, std::uint32_t count, SteadyTime until) {
    const Command command{next.run, next.command};
    if (const auto before = out_.find(command); before != out_.end()) forget(before);
    out_.emplace(command, Out{next.attempt, count, until, {}});
    untils_.emplace(until, command);
    total_ += count;
  }
  // A worker has told the end of its attempt.
  void returned(const AttemptKey& key) {
    const auto found = find(key);
    if (found == out_.end() || !found->second.returned.insert(key.attempt).second) return;
    if (places_ && *places_ > 0) --*places_;
    --total_;
    if (found->second.returned.size() >= found->second.count) forget(found);
  }
  // A worker was told that its attempt is of no use any more.
  void told(const AttemptKey& key, SteadyTime now) {
    const auto found = find(key);
    if (found == out_.end() || found->second.count > 1) return;
    Out& out = found->second;
    untils_.erase({out.until, found->first});
    out.until = std::min(out.until, now + kStopsWithin);
    untils_.emplace(out.until, found->first);
  }
  void expire(SteadyTime now) {
    while (!untils_.empty() && untils_.begin()->first <= now)
      forget(out_.find(untils_.begin()->second));
  }
  [[nodiscard]] std::size_t count() const { return places_ ? std::min(total_, *places_) : total_; }
  [[nodiscard]] bool empty() const { return out_.empty(); }
  // When count() falls next by time alone.
  [[nodiscard]] std::optional<SteadyTime> next() const {
    return untils_.empty() ? std::nullopt : std::optional(untils_.begin()->first);
  }

 private:
  using Command = std::pair<RunId, CommandId>;
  struct Out {
    Attempt next;             // the first that is this process's
    std::uint32_t count = 0;  // those before it
    SteadyTime until;
    std::set<Attempt> returned;
  };
  using Outs = std::map<Command, Out>;

  Outs::iterator find(const AttemptKey& key) {
    const auto found = out_.find({key.run, key.command});
    return found != out_.end() && key.attempt < found->second.next ? found : out_.end();
  }
  void forget(Outs::iterator out) {
    untils_.erase({out->second.until, out->first});
    total_ -= out->second.count - out->second.returned.size();
    out_.erase(out);
  }

  Outs out_;
  std::set<std::pair<SteadyTime, Command>> untils_;
  std::size_t total_ = 0;  // of those out
  std::optional<std::size_t> places_;
};

}  // namespace reprise
