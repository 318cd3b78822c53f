// Committer: the role that writes. Merges what waits into one synced write, and says what is durable.
//
// Guarantees: a completion is given after the write, and stands for all earlier batches of its shard;
//             two of them may overtake each other on their way to a worker. An idle pipeline writes
//             on the submitting thread, without a hop; while a write is under way, what arrives
//             gathers for the next one, which the committer's own thread does, until nothing waits.
//             What nobody waits for (a timer has woken a run) goes along with what a caller waits
//             for, as long as there are callers, so that these seldom wait behind another write. The
//             durable floor follows at most a second behind.
// Thread:     submit() from the workers; everything else inside.
// Errors:     a failed write is final: on_failure is called, nobody is told that it is durable.
// Why:        ADR-0002, ADR-0006.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/time.hpp"
#include "engine/core/commit_pipeline.hpp"
#include "storage/disk_guard.hpp"
#include "storage/durable_floor.hpp"
#include "storage/event_log.hpp"

namespace reprise {

class Committer {
 public:
  struct Options {
    Duration inline_write_max{500};
    Duration company_max{2000};  // so long, what nobody waits for stays for a caller's write
    Duration lull{5000};         // and not at all when nobody's came for as long
    std::size_t workers = 1;
    // Which worker owns a shard.
    std::function<std::size_t(ShardIndex)> worker_of;
    // Hands completions to a worker, from any thread.
    std::function<void(std::size_t, std::vector<CommitPipeline::Done>)> deliver;
    std::function<void(const Error&)> on_failure;
    // A group is durable that callers waited for: the first of them for so long.
    std::function<void(Duration)> callers_waited = [](Duration) {};
  };
  Committer(Options options, GroupPosition tail, EventLog& log, DurableFloor& floor,
            DiskGuard* disk, const Clock& clock);
  Committer(const Committer&) = delete;
  Committer& operator=(const Committer&) = delete;
  ~Committer();

  // Who waits for what is submitted.
  struct Waiters {
    bool are_there = false;                   // callers, other runs, outcomes of activities
    std::optional<SteadyTime> callers_since;  // when the first caller among them came
  };
  // Takes a worker's batches. Returns what became durable at once for this worker (an inline write);
  // everything else is delivered.
  std::vector<CommitPipeline::Done> submit(std::size_t worker,
                                           std::vector<CommitPipeline::Submission> submissions,
                                           Waiters waiters);

  // Waits until nothing waits and nothing is being written (or the log has failed).
  void wait_idle();
  // The last group that is on disk.
  [[nodiscard]] GroupPosition durable() {
    const std::lock_guard lock(mutex_);
    return durable_;
  }
  // Raises the floor to the last group and joins the thread. Nothing may be submitted after.
  void stop();

  [[nodiscard]] bool failed() const { return failed_.load(std::memory_order_acquire); }
  [[nodiscard]] std::size_t bytes_in_flight() const {
    return bytes_in_flight_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t groups() const { return groups_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t batches() const { return batches_.load(std::memory_order_relaxed); }

 private:
  using Lock = std::unique_lock<std::mutex>;
  using PerWorker = std::vector<std::vector<CommitPipeline::Done>>;

  void run();
  // When what is submitted now is to be written.
  SteadyTime write_by(const Waiters& waiters, SteadyTime now);
  [[nodiscard]] bool is_due() const;
  // Writes one group; the lock is given back while the disk works.
  PerWorker write(Lock& lock, CommitPipeline::WriteGroup group);
  void deliver_all(PerWorker done);
  void look_after_the_disk();
  void raise_floor();

  const Options options_;
  EventLog& log_;
  DurableFloor& floor_;
  DiskGuard* const disk_;
  const Clock& clock_;

  std::mutex mutex_;
  std::condition_variable work_;  // the thread: something waits, or stopping
  std::condition_variable idle_;  // wait_idle()
  CommitPipeline pipeline_;
  GroupPosition durable_;
  bool thread_has_work_ = false;  // it writes, or soon does: what comes is left to it
  bool stopping_ = false;
  SteadyTime write_by_ = SteadyTime::max();  // what waits; the maximum: nothing does
  SteadyTime waited_for_at_;                 // the last submission that somebody waits for
  std::optional<SteadyTime>
      callers_since_;              // the first caller who waits for what is not written yet
  Duration write_time_{0};         // smoothed
  std::uint64_t groups_seen_ = 0;  // by the thread, a second ago

  std::atomic<bool> failed_ = false;
  std::atomic<std::size_t> bytes_in_flight_ = 0;
  std::atomic<std::uint64_t> groups_ = 0;
  std::atomic<std::uint64_t> batches_ = 0;
  std::size_t bytes_since_look_ = 0;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace reprise
