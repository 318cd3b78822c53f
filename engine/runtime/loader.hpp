// Loader: does the reads that shards ask for, and other reads of the log, on two threads.
//
//     loader   what callers wait for, each answered at once
//     waker    what timers and recovery call, answered a few at a time, where the other threads leave
//              time; what has waited there for long, the loader does too
// Guarantees: one answer for each read until stop(); every record comes with the blobs it names.
// Thread:     read() from any; answers are given on the thread that read.        Why: ADR-0021.
#pragma once

#include <boost/asio/thread_pool.hpp>

#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "engine/core/messages.hpp"
#include "storage/event_log.hpp"

namespace reprise {

class Loader {
 public:
  using Answers = std::vector<std::pair<ShardIndex, Input>>;

  Loader(const EventLog& log, const Clock& clock, std::function<void(Answers)> answer);

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
    SteadyTime since;
  };
  void answer_some();

  const EventLog& log_;
  const Clock& clock_;
  std::function<void(Answers)> answer_;
  std::stop_source stop_;
  std::mutex mutex_;  // guards the one below
  std::deque<Waiting> waking_;
  boost::asio::thread_pool pool_{1};
  boost::asio::thread_pool waker_{1};
};

}  // namespace reprise
