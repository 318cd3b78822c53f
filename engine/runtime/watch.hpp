// Watches: who waits for a run to go on or to end.
//
// Guarantees: a watch that was added before a commit is told of it. Told more than once is possible.
// Thread:     Watches: its worker's. A Watch belongs to the waiting coroutine's executor.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "engine/core/messages.hpp"

namespace reprise {

// What a waiter wants to hear of.
enum class WatchFor : std::uint8_t { each_record, the_end };

// One waiter. What changes is touched on its executor only.
class Watch {
 public:
  Watch(boost::asio::any_io_executor executor, WatchFor what)
      : what_(what), executor_(executor), timer_(std::move(executor)) {}

  [[nodiscard]] bool wants(const Notify& notify) const {
    return what_ == WatchFor::each_record || notify.outcome.has_value();
  }

  // From any thread.
  static void tell(std::shared_ptr<Watch> watch, Notify notify);

  // Until the run's durable history is behind `after`, or it has ended, or the time is over.
  static boost::asio::awaitable<void> wait_beyond(std::shared_ptr<Watch> watch, Sequence after,
                                                  SteadyTime until);
  static boost::asio::awaitable<void> wait_end(std::shared_ptr<Watch> watch, SteadyTime until);

  [[nodiscard]] const std::optional<RunOutcome>& outcome() const { return outcome_; }

 private:
  boost::asio::awaitable<void> sleep_until(SteadyTime until);

  const WatchFor what_;
  boost::asio::any_io_executor executor_;
  boost::asio::steady_timer timer_;
  Sequence last_;
  std::optional<RunOutcome> outcome_;
};

class Watches {
 public:
  void add(const RunId& run, const std::shared_ptr<Watch>& watch);
  void notify(const Notify& notify);

 private:
  std::map<RunId, std::vector<std::weak_ptr<Watch>>> by_run_;
  std::size_t added_since_sweep_ = 0;
};

}  // namespace reprise
