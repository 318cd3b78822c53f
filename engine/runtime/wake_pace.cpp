#include "engine/runtime/wake_pace.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace reprise {
namespace {

using std::chrono::milliseconds;

constexpr double kRateMin = 500;
constexpr double kRateMax = 100'000;
constexpr double kSlower = 0.9;
constexpr double kFaster = 0.001;         // with each commit that is not slow
constexpr double kFasterByTime = 0.05;    // and with each second, where commits are rare
constexpr std::int64_t kSlowTenths = 14;  // of the usual; the rest up to twice is the answer's way
constexpr std::size_t kCommitsKept = 4000;
constexpr std::size_t kCommitsToLearn = 500;
constexpr std::size_t kCommitsToLookAgain = 250;
constexpr Duration kWindow = milliseconds(100);
constexpr std::size_t kFew = 10;  // in a window
constexpr Duration kGone = milliseconds(1000);
// Nothing wakes in the first part of each period, for callers who show what they have without.
constexpr Duration kCalmEvery = milliseconds(500);
constexpr Duration kCalm = milliseconds(50);
// So long behind a wake, what it began may still be under way.
constexpr Duration kSettle = milliseconds(10);
// What began so long before the next wake, and was still under way then, is slow without it.
constexpr Duration kUntouched = milliseconds(20);
// Wake together while there is a pace: as many as its rate has in this time.
constexpr double kTogetherSeconds = 250e-6;
constexpr double kAtOnceMax = 8;

// When runs may wake that would at `at`.
SteadyTime behind_calm(SteadyTime at) {
  const Duration into(at.micros() % kCalmEvery.count());
  return into < kCalm ? at + (kCalm - into) : at;
}

}  // namespace

void WakePace::committed(Duration took) {
  const SteadyTime now = clock_.steady();
  const std::lock_guard lock(mutex_);
  const Duration since_the_last = now - std::exchange(callers_at_, now);
  const SteadyTime began = now + -took;
  if (is_calm(began)) return learn(took);
  if (calm_from_ <= began && began < calm_to_) {
    if (began + kUntouched < calm_to_) learn(took);
    return;  // else nobody knows what made it slow
  }
  if (knows_usual() && has_pace(now)) adjust(took, since_the_last);
}

SteadyTime WakePace::not_before() const {
  const SteadyTime now = clock_.steady();
  const std::lock_guard lock(mutex_);
  return has_pace(now) ? behind_calm(now) : now;
}

SteadyTime WakePace::woke(std::size_t runs, Duration late) {
  const SteadyTime now = clock_.steady();
  const std::lock_guard lock(mutex_);
  if (is_calm(now)) {
    calm_from_ = woke_at_ + kSettle;
    calm_to_ = now;
  }
  ++under_way_;
  count_wakes(runs, now);
  if (runs > 0) see_lateness(late);
  if (!has_pace(now)) return now;
  if (!knows_usual()) return behind_calm(now);
  const double pause = 1e6 * static_cast<double>(runs) / rate_;
  return behind_calm(now + Duration(static_cast<std::int64_t>(pause)));
}

void WakePace::delivered() {
  const SteadyTime now = clock_.steady();
  const std::lock_guard lock(mutex_);
  --under_way_;
  woke_at_ = now;
}

Duration WakePace::late() const {
  const SteadyTime now = clock_.steady();
  const std::lock_guard lock(mutex_);
  const bool none_wakes = under_way_ == 0 && now - woke_at_ > kGone;
  return none_wakes ? Duration(0) : std::max(late_, late_before_);
}

std::size_t WakePace::at_once() const {
  const SteadyTime now = clock_.steady();
  const std::lock_guard lock(mutex_);
  const double together = has_pace(now) && knows_usual() ? rate_ * kTogetherSeconds : kAtOnceMax;
  return static_cast<std::size_t>(std::clamp(together, 1.0, kAtOnceMax));
}

double WakePace::rate() const {
  const std::lock_guard lock(mutex_);
  return rate_;
}

void WakePace::count_wakes(std::size_t runs, SteadyTime now) {
  if (const Duration past = now - window_from_; past >= kWindow) {
    const bool follows = past < 2 * kWindow;
    woken_before_ = follows ? woken_ : 0;
    late_before_ = follows ? late_ : Duration(0);
    woken_ = 0;
    late_ = Duration(0);
    window_from_ = now;
  }
  woken_ += runs;
}

bool WakePace::few_wake(SteadyTime now) const {
  const Duration past = now - window_from_;
  return (woken_ <= kFew || past >= 2 * kWindow) && (woken_before_ <= kFew || past >= kWindow);
}

bool WakePace::has_pace(SteadyTime now) const {
  const bool callers_are_gone = now - callers_at_ > kGone;
  return late_max_ > Duration(0) && !too_late_ && !few_wake(now) && !callers_are_gone;
}

// Nothing wakes at this time, nor has a moment before.
bool WakePace::is_calm(SteadyTime now) const {
  return under_way_ == 0 && now >= woke_at_ + kSettle;
}

bool WakePace::knows_usual() const { return learned_ >= kCommitsToLearn; }

void WakePace::learn(Duration took) {
  if (calm_.size() < kCommitsKept)
    calm_.push_back(took);
  else
    calm_[learned_ % kCommitsKept] = took;
  if (++learned_ < kCommitsToLearn || learned_ % kCommitsToLookAgain != 0) return;
  std::vector<Duration> sorted = calm_;
  const auto at = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() * 99 / 100);
  std::ranges::nth_element(sorted, at);
  usual_ = *at;
}

void WakePace::adjust(Duration took, Duration since_the_last) {
  const bool is_slow = 10 * took > kSlowTenths * usual_;
  const double seconds = static_cast<double>(std::min(since_the_last, kGone).count()) / 1e6;
  if (is_slow)
    rate_ *= kSlower;
  else if (rate_ < most_used())
    rate_ *= 1 + kFaster + kFasterByTime * seconds;
  rate_ = std::clamp(rate_, kRateMin, kRateMax);
}

// A rate that nothing has tried says nothing: it rises no further than to four times what wakes.
double WakePace::most_used() const {
  const double windows_a_second = 1e6 / static_cast<double>(kWindow.count());
  return 4 * windows_a_second * static_cast<double>(std::max(woken_, woken_before_));
}

void WakePace::see_lateness(Duration late) {
  late_ = std::max(late_, late);  // never negative: the wall clock may have gone back
  too_late_ = std::max(late_, late_before_) >= (too_late_ ? late_max_ / 2 : late_max_);
}

}  // namespace reprise
