#include "engine/runtime/wake_pace.hpp"

#include <algorithm>
#include <chrono>
#include <ranges>

namespace reprise {
namespace {

using std::chrono::milliseconds;

constexpr double kRateMin = 500;
constexpr double kRateMax = 100'000;
constexpr double kSlower = 0.9;
constexpr double kFaster = 1.001;
constexpr double kSlow = 1.4;  // times the usual; the rest is for the way of the answer
// Each commit above the quantile raises it by a twentieth, each below lowers it by a 99th of that.
constexpr double kUp = 0.05;
constexpr double kDown = kUp / 99;
constexpr std::size_t kCommitsToLearn = 500;
constexpr Duration kWindow = milliseconds(100);
// In a window: at the least rate, or below, callers meet what they are used to.
constexpr std::size_t kFew = 50;
constexpr Duration kCallersGone = milliseconds(1000);

}  // namespace

void WakePace::committed(Duration took) {
  const SteadyTime now = clock_.steady();
  const std::lock_guard lock(mutex_);
  callers_at_ = now;
  count_wakes(0, now);
  if (few_wake()) return learn(took);
  if (!knows_usual()) return;
  const bool slow = static_cast<double>(took.count()) > kSlow * usual_;
  rate_ = std::clamp(rate_ * (slow ? kSlower : kFaster), kRateMin, kRateMax);
}

SteadyTime WakePace::woke(std::size_t runs) {
  const SteadyTime now = clock_.steady();
  const std::lock_guard lock(mutex_);
  count_wakes(runs, now);
  if (!knows_usual() || late_ >= late_max_ || now - callers_at_ > kCallersGone) return now;
  return now + Duration(static_cast<std::int64_t>(1e6 * static_cast<double>(runs) / rate_));
}

void WakePace::behind(ShardIndex shard, Duration late) {
  const std::lock_guard lock(mutex_);
  behind_[shard] = late;
  late_ = std::ranges::max(std::views::values(behind_));
}

Duration WakePace::late() const {
  const std::lock_guard lock(mutex_);
  return late_;
}

double WakePace::rate() const {
  const std::lock_guard lock(mutex_);
  return rate_;
}

void WakePace::count_wakes(std::size_t runs, SteadyTime now) {
  if (const Duration past = now - window_from_; past >= kWindow) {
    woken_before_ = past < 2 * kWindow ? woken_ : 0;
    woken_ = 0;
    window_from_ = now;
  }
  woken_ += runs;
}

bool WakePace::few_wake() const { return woken_ <= kFew && woken_before_ <= kFew; }

bool WakePace::knows_usual() const { return learned_from_ >= kCommitsToLearn; }

void WakePace::learn(Duration took) {
  const auto micros = static_cast<double>(took.count());
  if (learned_from_++ == 0) usual_ = micros;
  usual_ *= micros > usual_ ? 1 + kUp : 1 - kDown;
}

}  // namespace reprise
