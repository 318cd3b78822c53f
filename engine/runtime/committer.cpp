#include "engine/runtime/committer.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/log.hpp"
#include "base/thread_name.hpp"

namespace reprise {
namespace {

// How far the durable floor may lag, and how often the disk's free space is read.
constexpr Duration kFloorEvery = std::chrono::seconds(1);
// A burst may fill a disk in less time than that.
constexpr std::size_t kLookEveryBytes = 8U << 20;

}  // namespace

Committer::Committer(Options options, GroupPosition tail, EventLog& log, DurableFloor& floor,
                     DiskGuard* disk, const Clock& clock)
    : options_(std::move(options)),
      log_(log),
      floor_(floor),
      disk_(disk),
      clock_(clock),
      pipeline_(tail),
      durable_(tail),
      thread_([this] { run(); }) {}

Committer::~Committer() { stop(); }

std::vector<CommitPipeline::Done> Committer::submit(
    std::size_t worker, std::vector<CommitPipeline::Submission> submissions, Waiters waiters) {
  Lock lock(mutex_);
  batches_.fetch_add(submissions.size(), std::memory_order_relaxed);
  for (CommitPipeline::Submission& submission : submissions)
    pipeline_.submit(std::move(submission));
  bytes_in_flight_.store(pipeline_.bytes_in_flight(), std::memory_order_relaxed);
  const SteadyTime now = clock_.steady();
  if (waiters.callers_since)
    callers_since_ = std::min(callers_since_.value_or(now), *waiters.callers_since);
  const SteadyTime by = write_by(waiters, now);
  const SteadyTime before = std::exchange(write_by_, std::min(write_by_, by));
  if (now < by) {
    if (write_by_ < before) work_.notify_one();  // it writes, should nobody come
    return {};
  }
  const bool quick = write_time_ <= options_.inline_write_max;
  if (!quick || thread_has_work_) {
    thread_has_work_ = true;
    work_.notify_one();
    return {};
  }
  std::optional<CommitPipeline::WriteGroup> group = pipeline_.begin();
  if (!group) return {};  // a write is under way: whoever does it wakes the thread
  PerWorker done = write(lock, std::move(*group));
  if (pipeline_.idle()) {
    idle_.notify_all();
  } else {
    thread_has_work_ |= is_due();
    work_.notify_one();
  }
  lock.unlock();
  std::vector<CommitPipeline::Done> own = std::move(done[worker]);
  done[worker].clear();
  deliver_all(std::move(done));
  return own;
}

SteadyTime Committer::write_by(const Waiters& waiters, SteadyTime now) {
  if (waiters.are_there) waited_for_at_ = now;
  return !waiters.are_there && now - waited_for_at_ < options_.lull ? now + options_.company_max
                                                                    : now;
}

bool Committer::is_due() const {
  return !pipeline_.writing() && !pipeline_.has_failed() && write_by_ <= clock_.steady();
}

void Committer::run() {
  name_this_thread("committer");
  Lock lock(mutex_);
  SteadyTime next_look = clock_.steady() + kFloorEvery;
  for (;;) {
    const auto ready = [&] { return thread_has_work_ || stopping_ || is_due(); };
    const auto look_due = [&] {
      return clock_.steady() >= next_look || bytes_since_look_ >= kLookEveryBytes;
    };
    while (!ready() && !look_due()) {
      const SteadyTime until = pipeline_.writing() ? next_look : std::min(next_look, write_by_);
      work_.wait_for(lock, std::max(until - clock_.steady(), Duration(0)));
    }
    if (look_due()) {
      bytes_since_look_ = 0;
      thread_has_work_ = false;  // what comes meanwhile does not wait for that
      lock.unlock();
      look_after_the_disk();
      lock.lock();
      next_look = clock_.steady() + kFloorEvery;
    }
    if (!ready()) continue;
    std::optional<CommitPipeline::WriteGroup> group = pipeline_.begin();
    thread_has_work_ = group.has_value();  // and what comes until it looks again
    if (!group) {
      if (pipeline_.idle() || pipeline_.has_failed()) idle_.notify_all();
      if (stopping_) return;
      continue;
    }
    PerWorker done = write(lock, std::move(*group));
    lock.unlock();
    deliver_all(std::move(done));
    lock.lock();
    thread_has_work_ = is_due();
    if (pipeline_.idle()) idle_.notify_all();
  }
}

Committer::PerWorker Committer::write(Lock& lock, CommitPipeline::WriteGroup group) {
  write_by_ = SteadyTime::max();
  const std::optional<SteadyTime> callers_since = std::exchange(callers_since_, std::nullopt);
  lock.unlock();
  const SteadyTime begin = clock_.steady();
  const Result<> outcome = log_.append(group.batches);
  const SteadyTime end = clock_.steady();
  lock.lock();
  PerWorker per_worker(options_.workers);
  if (!outcome) {
    pipeline_.failed();
    failed_.store(true, std::memory_order_release);
    idle_.notify_all();
    lock.unlock();
    log_error("log_failed", {{"error", to_string(outcome.error())}});
    options_.on_failure(outcome.error());
    lock.lock();
    return per_worker;
  }
  write_time_ = (write_time_ * 7 + (end - begin)) / 8;
  if (callers_since) options_.callers_waited(end - *callers_since);
  for (const CommitPipeline::Done& done : pipeline_.succeeded())
    per_worker[options_.worker_of(done.shard)].push_back(done);
  durable_ = group.position;
  groups_.fetch_add(1, std::memory_order_relaxed);
  for (const Batch& batch : group.batches) bytes_since_look_ += batch.bytes();
  if (bytes_since_look_ >= kLookEveryBytes) work_.notify_one();
  bytes_in_flight_.store(pipeline_.bytes_in_flight(), std::memory_order_relaxed);
  return per_worker;
}

void Committer::deliver_all(PerWorker done) {
  for (std::size_t worker = 0; worker < done.size(); ++worker)
    if (!done[worker].empty()) options_.deliver(worker, std::move(done[worker]));
}

void Committer::look_after_the_disk() {
  raise_floor();
  const std::uint64_t groups = groups_.load(std::memory_order_relaxed);
  if (std::exchange(groups_seen_, groups) == groups) log_.rest();
  if (disk_ == nullptr) return;
  const DiskLevel before = disk_->level();
  if (Result<DiskLevel> level = disk_->check(); !level)
    log_warning("disk_space_unknown", {{"error", to_string(level.error())}});
  else if (*level != before)
    log_warning("disk_space", {{"level", to_string(*level)}});
}

void Committer::raise_floor() {
  const GroupPosition last = durable();
  if (last.number == GroupNumber(0)) return;
  if (floor_.mark() && floor_.mark()->group == last.number) return;
  if (Result<> ok = floor_.raise({last.number, last.hash}); !ok)
    log_warning("durable_floor_not_raised", {{"error", to_string(ok.error())}});
}

void Committer::wait_idle() {
  Lock lock(mutex_);
  idle_.wait(lock, [&] { return pipeline_.idle() || pipeline_.has_failed(); });
}

void Committer::stop() {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    stopping_ = true;
  }
  work_.notify_one();
  thread_.join();
  if (failed()) return;
  raise_floor();
  // Into the other slot as well: while nobody writes, damage to one of them takes nothing away.
  if (const auto mark = floor_.mark(); mark && !floor_.raise(*mark))
    log_warning("durable_floor_has_one_slot");
}

}  // namespace reprise
