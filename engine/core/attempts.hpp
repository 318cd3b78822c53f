// AttemptTable: the attempts of activities that are under way, and when they time out; and the
// activities whose next attempt waits for its time.
//
//   start(queued) → take() ─┐
//   start() ────────────────┴→ beat()* → end()      take_timed_out() gives those whose time is over
// Guarantees: at most one attempt per command; an outcome that names another attempt is refused. An
//             activity that waits here has no attempt under way, in this process or before it: when
//             its run comes back into memory, nothing was lost. A heartbeat costs no deadline.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "engine/author/payload.hpp"
#include "engine/core/deadlines.hpp"

namespace reprise {

struct AttemptKey {
  RunId run;
  CommandId command;
  Attempt attempt;

  friend auto operator<=>(const AttemptKey&, const AttemptKey&) = default;
};

struct AttemptTimes {
  bool queued = false;            // waits in a queue until a worker takes it
  Duration schedule_to_start{0};  // 0: none
  Duration start_to_close{0};
  Duration heartbeat{0};  // 0: none
};

enum class AttemptTimeout : std::uint8_t { schedule_to_start, start_to_close, heartbeat };

class AttemptTable {
 public:
  void start(const AttemptKey& key, const AttemptTimes& times, SteadyTime now) {
    stop_waiting(key.run, key.command);
    Running running{.attempt = key.attempt, .times = times};
    if (times.queued)
      running.start_by = behind(now, times.schedule_to_start);
    else
      running.begin(now);
    expect(key, running);
    running_.insert_or_assign({key.run, key.command}, std::move(running));
  }
  // A worker takes a queued attempt: when that must end. Nothing when none can have it.
  std::optional<SteadyTime> take(const AttemptKey& key, SteadyTime now) {
    Running* running = find(key);
    if (running == nullptr || running->begun) return std::nullopt;
    running->begin(now);
    expect(key, *running);
    return running->end_by;
  }
  // The attempt is alive, and this is how far it has come. False when it runs no more.
  bool beat(const AttemptKey& key, SteadyTime now, std::optional<Payload> details) {
    Running* running = find(key);
    if (running == nullptr || !running->begun) return false;
    running->beat_by = behind(now, running->times.heartbeat);
    if (details) running->details = std::move(*details);
    return true;
  }
  [[nodiscard]] bool running(const RunId& run, CommandId command) const {
    return running_.contains({run, command});
  }
  // The details of its last heartbeat when this attempt was running; it is not any more.
  std::optional<Payload> end(const AttemptKey& key) {
    Running* running = find(key);
    if (running == nullptr) return std::nullopt;
    std::optional<Payload> details = std::move(running->details);
    running_.erase({key.run, key.command});
    return details;
  }
  // The attempt that ran for the command, which runs no more.
  std::optional<Attempt> end(const RunId& run, CommandId command) {
    const auto found = running_.find({run, command});
    if (found == running_.end()) return std::nullopt;
    const Attempt attempt = found->second.attempt;
    running_.erase(found);
    return attempt;
  }
  // The attempts that ran for the run, which run no more; nothing of it waits any more either.
  std::vector<AttemptKey> end(const RunId& run) {
    std::vector<AttemptKey> ended;
    const auto first = running_.lower_bound({run, CommandId()});
    auto next = first;
    for (; next != running_.end() && next->first.first == run; ++next)
      ended.push_back({run, next->first.second, next->second.attempt});
    running_.erase(first, next);
    const auto waits = waiting_.lower_bound({run, CommandId()});
    auto behind = waits;
    while (behind != waiting_.end() && behind->first == run) ++behind;
    waiting_.erase(waits, behind);
    return ended;
  }
  [[nodiscard]] bool is(const AttemptKey& key) const {
    const auto found = running_.find({key.run, key.command});
    return found != running_.end() && found->second.attempt == key.attempt;
  }

  struct TimedOut {
    AttemptKey key;
    AttemptTimeout timeout;
  };
  // An attempt whose time is over and that still runs; it is still in the table.
  std::optional<TimedOut> take_timed_out(SteadyTime now) {
    while (const std::optional<AttemptKey> key = timeouts_.take(now)) {
      const Running* running = find(*key);
      if (running == nullptr) continue;
      const auto [at, timeout] = running->next();
      if (at <= now) return TimedOut{*key, timeout};
      expect(*key, *running);  // it was heard of since
    }
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
  struct Running {
    Attempt attempt;
    AttemptTimes times;
    bool begun = false;  // somebody works on it
    SteadyTime start_by = SteadyTime::max();
    SteadyTime end_by = SteadyTime::max();
    SteadyTime beat_by = SteadyTime::max();
    Payload details{};

    void begin(SteadyTime now) {
      begun = true;
      start_by = SteadyTime::max();
      end_by = now + times.start_to_close;
      beat_by = behind(now, times.heartbeat);
    }
    [[nodiscard]] std::pair<SteadyTime, AttemptTimeout> next() const {
      if (!begun) return {start_by, AttemptTimeout::schedule_to_start};
      if (beat_by < end_by) return {beat_by, AttemptTimeout::heartbeat};
      return {end_by, AttemptTimeout::start_to_close};
    }
  };

  static SteadyTime behind(SteadyTime now, Duration limit) {
    return limit > Duration(0) ? now + limit : SteadyTime::max();
  }
  Running* find(const AttemptKey& key) {
    const auto found = running_.find({key.run, key.command});
    return found != running_.end() && found->second.attempt == key.attempt ? &found->second
                                                                           : nullptr;
  }
  void expect(const AttemptKey& key, const Running& running) {
    const SteadyTime at = running.next().first;
    if (at == SteadyTime::max()) return;
    timeouts_.add(at, key, [&](const AttemptKey& other) { return other == key || is(other); });
  }

  std::map<std::pair<RunId, CommandId>, Running> running_;
  std::set<std::pair<RunId, CommandId>> waiting_;
  Deadlines<SteadyTime, AttemptKey> timeouts_;
};

}  // namespace reprise

template <>
struct std::hash<reprise::AttemptKey> {
  std::size_t operator()(const reprise::AttemptKey& key) const noexcept {
    constexpr std::size_t kOdd = 0x9E3779B97F4A7C15;  // of a run, commands follow each other
    const std::size_t of_run = std::hash<reprise::RunId>{}(key.run);
    return of_run ^ (key.command.value() * kOdd + key.attempt.value());
  }
};
