#include "engine/runtime/watch.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace reprise {
namespace asio = boost::asio;
namespace {

constexpr std::size_t kSweepEvery = 1024;

}  // namespace

void Watch::tell(std::shared_ptr<Watch> watch, Notify notify) {
  const asio::any_io_executor executor = watch->executor_;
  asio::post(executor, [watch = std::move(watch), notify = std::move(notify)]() mutable {
    if (watch->last_ < notify.last) watch->last_ = notify.last;
    if (notify.outcome) watch->outcome_ = std::move(notify.outcome);
    watch->timer_.cancel();
  });
}

asio::awaitable<void> Watch::sleep_until(SteadyTime until) {
  timer_.expires_at(asio::steady_timer::time_point(std::chrono::microseconds(until.micros())));
  co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
}

asio::awaitable<void> Watch::wait_beyond(std::shared_ptr<Watch> watch, Sequence after,
                                         SteadyTime until) {
  while (watch->last_ <= after && !watch->outcome_ && system_clock().steady() < until)
    co_await watch->sleep_until(until);
}

asio::awaitable<void> Watch::wait_end(std::shared_ptr<Watch> watch, SteadyTime until) {
  while (!watch->outcome_ && system_clock().steady() < until) co_await watch->sleep_until(until);
}

void Watches::add(const RunId& run, const std::shared_ptr<Watch>& watch) {
  by_run_[run].push_back(watch);
  if (++added_since_sweep_ < kSweepEvery) return;
  added_since_sweep_ = 0;
  for (auto entry = by_run_.begin(); entry != by_run_.end();) {
    std::erase_if(entry->second, [](const auto& weak) { return weak.expired(); });
    entry = entry->second.empty() ? by_run_.erase(entry) : std::next(entry);
  }
}

void Watches::notify(const Notify& notify) {
  const auto found = by_run_.find(notify.run);
  if (found == by_run_.end()) return;
  std::erase_if(found->second, [&](const std::weak_ptr<Watch>& weak) {
    std::shared_ptr<Watch> watch = weak.lock();
    if (watch == nullptr) return true;
    if (watch->wants(notify)) Watch::tell(std::move(watch), notify);
    return false;
  });
  if (found->second.empty() || notify.outcome) by_run_.erase(found);
}

}  // namespace reprise
