// Loader: does the reads that shards ask for, and other reads of the log, on a thread of its own.
//
// Guarantees: one answer for each read until stop(); every record comes with the blobs it names.
// Thread:     read() from any; the answer is given on the loader's thread.
#pragma once

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include <functional>
#include <stop_token>

#include "base/thread_name.hpp"
#include "engine/core/messages.hpp"
#include "storage/event_log.hpp"

namespace reprise {

// The answer to `read` of `shard`, at once, on this thread.
Input perform(const EventLog& log, ShardIndex shard, const Read& read);

// One record with its blobs.
Result<LoadedRecord> with_blobs(const EventLog& log, const RunId& run, StoredRecord record);

class Loader {
 public:
  Loader(const EventLog& log, std::function<void(ShardIndex, Input)> answer)
      : log_(log), answer_(std::move(answer)) {
    boost::asio::post(pool_, [] {
      name_this_thread("loader");
      run_behind_other_threads();  // what wakes by itself gives way to what callers ask
    });
  }

  void read(ShardIndex shard, Read read);
  [[nodiscard]] boost::asio::thread_pool& pool() { return pool_; }
  // For a read of many pieces, which asks it between them.
  [[nodiscard]] std::stop_token stopping() const { return stop_.get_token(); }
  // Drops the reads that wait, and waits for the piece under way.
  void stop() {
    stop_.request_stop();
    pool_.stop();
    pool_.join();
  }

 private:
  const EventLog& log_;
  std::function<void(ShardIndex, Input)> answer_;
  std::stop_source stop_;
  boost::asio::thread_pool pool_{1};
};

}  // namespace reprise
