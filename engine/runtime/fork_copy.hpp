// ForkCopy: reads a run out of the log and gives the pages of its copy.
//
// Thread:  one at a time; blocks: the loader's.
// Errors:  those of Forker, and of the log.        Why: ADR-0020.
#pragma once

#include <mutex>
#include <optional>
#include <set>

#include "engine/core/fork.hpp"
#include "engine/core/messages.hpp"
#include "storage/event_log.hpp"

namespace reprise {

// The cut, found in the log.
Result<ForkPlan> find_fork_point(const EventLog& log, const RunId& run,
                                 const ResetRequest& request);

class ForkCopy {
 public:
  static constexpr std::size_t kPageBytes = 512U << 10U;
  ForkCopy(const EventLog& log, const Catalog& catalog, const ForkPlan& plan, RunId latest,
           std::size_t page_bytes = kPageBytes)
      : log_(log), plan_(plan), latest_(latest), page_bytes_(page_bytes), forker_(catalog, plan) {}

  // The next page, of about so many bytes; the last one says so.
  Result<ForkRequest> next_page(UtcTime now);

  [[nodiscard]] const ForkPlan& plan() const { return plan_; }
  [[nodiscard]] std::size_t signals() const { return forker_.signals(); }

 private:
  [[nodiscard]] Result<> is_still_there() const;
  void add(ForkRequest& page, ForkedRecord record);
  void end(ForkRequest& page) const;

  const EventLog& log_;
  const ForkPlan plan_;
  const RunId latest_;
  const std::size_t page_bytes_;
  Forker forker_;
  Sequence next_{1};  // of the original
  bool is_first_ = true;
  std::size_t bytes_ = 0;  // of the page
};

// Runs that somebody is at work on.
class RunsInWork {
 public:
  class Holder {
   public:
    Holder(RunsInWork& runs, const RunId& run) : runs_(runs), run_(run) { runs_.add(run); }
    Holder(const Holder&) = delete;
    Holder& operator=(const Holder&) = delete;
    ~Holder() { runs_.remove(run_); }

   private:
    RunsInWork& runs_;
    const RunId run_;
  };
  [[nodiscard]] bool contains(const RunId& run) const {
    const std::lock_guard lock(mutex_);
    return runs_.contains(run);
  }

 private:
  void add(const RunId& run) {
    const std::lock_guard lock(mutex_);
    runs_.insert(run);
  }
  void remove(const RunId& run) {
    const std::lock_guard lock(mutex_);
    runs_.erase(run);
  }
  mutable std::mutex mutex_;
  std::set<RunId> runs_;
};

}  // namespace reprise
