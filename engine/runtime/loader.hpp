// Loader: does the reads that shards ask for, and other reads of the log, on two threads.
//
//     loader   what callers wait for, each answered at once
//     waker    what timers and recovery call, answered a few at a time, where the other threads leave
//              time, and as fast as the pace allows; when it does not get to it for long, the loader
//              does some too
// Guarantees: one answer for each read until stop(); every record comes with the blobs it names.
// Thread:     read() from any; answers are given on the thread that read.
// Why:        ADR-0021, ADR-0022.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "engine/core/messages.hpp"
#include "engine/runtime/wake_pace.hpp"
#include "storage/event_log.hpp"

namespace reprise {

class Loader {
 public:
  using Answers = std::vector<std::pair<ShardIndex, Input>>;

  Loader(const EventLog& log, WakePace& pace, const Clock& clock,
         std::function<void(Answers)> answer);
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;
  ~Loader() { stop(); }

  void read(ShardIndex shard, Read read);
  // For other reads that callers wait for.
  [[nodiscard]] boost::asio::thread_pool& pool() { return pool_; }
  // For a read of many pieces, which asks it between them.
  [[nodiscard]] std::stop_token stopping() const { return stop_.get_token(); }
  // Drops the reads that wait, and waits for the pieces under way.
  void stop();

 private:
  struct Waiting {
    ShardIndex shard;
    Read read;
  };
  // The waker's: answers a few of what wakes, and comes again at its time as long as there are more.
  void take_turn();
  void answer_some();
  // As many as may wake now.
  std::vector<Waiting> take_some();

  const EventLog& log_;
  WakePace& pace_;
  const Clock& clock_;
  std::function<void(Answers)> answer_;
  std::stop_source stop_;
  std::mutex mutex_;  // guards the three below
  std::deque<Waiting> waking_;
  SteadyTime next_wake_;               // not before
  std::optional<SteadyTime> turn_at_;  // the waker comes then; nothing: nothing waits
  boost::asio::thread_pool pool_{1};
  boost::asio::thread_pool waker_{1};
  boost::asio::steady_timer pause_{waker_};
};

}  // namespace reprise
