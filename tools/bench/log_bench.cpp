#include "tools/bench/log_bench.hpp"

#include <fmt/format.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/check.hpp"
#include "engine/runtime/committer.hpp"
#include "storage/rocksdb_log.hpp"
#include "tools/bench/ceiling.hpp"
#include "tools/bench/latencies.hpp"

namespace reprise {
namespace {

constexpr std::size_t kEventBytes = 200;
constexpr std::size_t kThreads = 2;

// A writer is a shard that submits its next batch as soon as the last one is durable.
struct Writer {
  RunId run;
  BatchNumber number;
  SteadyTime submitted;
};

class Writers {
 public:
  Writers(Committer& committer, std::size_t thread, std::size_t writers)
      : committer_(committer), thread_(thread), writers_(writers) {}

  // For shard s on this thread the writer is s / kThreads.
  void deliver(std::vector<CommitPipeline::Done> done) {
    const std::lock_guard lock(mutex_);
    done_.insert(done_.end(), done.begin(), done.end());
    wake_.notify_one();
  }

  void run(SteadyTime end) {
    for (std::size_t i = 0; i < writers_.size(); ++i) {
      writers_[i].run = RunId::make(system_clock().utc(), thread_, i);
      ready_.push_back(i);
    }
    while (system_clock().steady() < end) {
      std::vector<CommitPipeline::Done> done =
          committer_.submit(thread_, next_batches(), {.are_there = true});
      if (done.empty()) done = wait();
      for (const CommitPipeline::Done& one : done) completed(one.shard.value() / kThreads);
    }
  }
  [[nodiscard]] Latencies& latencies() { return latencies_; }

 private:
  std::vector<CommitPipeline::Submission> next_batches() {
    std::vector<CommitPipeline::Submission> out;
    for (const std::size_t i : ready_) {
      Writer& writer = writers_[i];
      writer.number = writer.number.next();
      writer.submitted = system_clock().steady();
      Batch batch;
      batch.put(Table::record, record_key(writer.run, Sequence(writer.number.value())),
                std::string(kEventBytes, 'x'));
      out.push_back({ShardIndex(static_cast<std::uint16_t>(i * kThreads + thread_)),
                     writer.number,
                     std::move(batch),
                     {GroupEntry{writer.run, Sequence(writer.number.value()), Digest()}}});
    }
    ready_.clear();
    return out;
  }
  std::vector<CommitPipeline::Done> wait() {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [&] { return !done_.empty(); });
    return std::exchange(done_, {});
  }
  void completed(std::size_t i) {
    latencies_.add(system_clock().steady() - writers_[i].submitted);
    ready_.push_back(i);
  }

  Committer& committer_;
  std::size_t thread_;
  std::vector<Writer> writers_;
  std::vector<std::size_t> ready_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<CommitPipeline::Done> done_;
  Latencies latencies_;
};

struct Figures {
  double rate;
  Latencies latencies;
};

Figures measure(EventLog& log, DurableFloor& floor, GroupPosition& tail, std::size_t writers,
                Duration time) {
  std::vector<std::unique_ptr<Writers>> threads(std::min(kThreads, writers));
  Committer committer(
      {.workers = threads.size(),
       .worker_of = [](ShardIndex s) { return s.value() % kThreads; },
       .deliver = [&](std::size_t t, auto done) { threads[t]->deliver(std::move(done)); },
       .on_failure = [](const Error& e) { CHECK(false, "{}", to_string(e)); }},
      tail, log, floor, nullptr, system_clock());
  for (std::size_t t = 0; t < threads.size(); ++t)
    threads[t] = std::make_unique<Writers>(committer, t, writers / threads.size());
  const SteadyTime begin = system_clock().steady();
  std::vector<std::thread> running;
  for (auto& thread : threads)
    running.emplace_back([&, t = thread.get()] { t->run(begin + time); });
  for (std::thread& thread : running) thread.join();
  const double seconds = static_cast<double>((system_clock().steady() - begin).count()) / 1e6;
  committer.wait_idle();
  tail = committer.durable();
  Figures row{};
  for (auto& thread : threads) row.latencies.add(thread->latencies());
  row.rate = static_cast<double>(row.latencies.count()) / seconds;
  return row;
}

}  // namespace

void run_log_bench(const LogBenchOptions& options) {
  auto log = RocksDbLog::open(options.dir / "log");
  CHECK(log.has_value(), "{}", to_string(log.error()));
  auto floor = DurableFloor::open(options.dir / "floor");
  CHECK(floor.has_value(), "{}", to_string(floor.error()));
  Latencies bare = bare_append_sync(options.dir, kEventBytes, options.time);
  fmt::print("bare append+fdatasync, {} bytes: p50 {:.0f} µs, p99 {:.0f} µs\n", kEventBytes,
             bare.percentile(0.5), bare.percentile(0.99));
  fmt::print("{:>8} {:>12} {:>9} {:>9} {:>22} {:>6}\n", "writers", "events/s", "p50 µs", "p99 µs",
             "bare merged, events/s", "ratio");
  GroupPosition tail = group_chain_start();
  for (const std::size_t writers : {1UL, 8UL, 64UL, 256UL}) {
    const double ceiling = bare_merged_rate(**log, writers, kEventBytes, options.time);
    Figures row = measure(**log, *floor, tail, writers, options.time);
    fmt::print("{:>8} {:>12.0f} {:>9.0f} {:>9.0f} {:>22.0f} {:>6.2f}\n", writers, row.rate,
               row.latencies.percentile(0.5), row.latencies.percentile(0.99), ceiling,
               row.rate / ceiling);
  }
}

}  // namespace reprise
