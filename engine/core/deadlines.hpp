// Deadlines: what is due when, earliest first.
//
// Guarantees: entries are not taken back one by one: whoever takes one checks that it still means
//             something. Those that mean nothing any more never outnumber the others by much.
//             Equal times come out in the order they went in.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

namespace reprise {

template <typename Time, typename What>
class Deadlines {
 public:
  // Once there are twice as many entries as were wanted when it last looked, it drops those that
  // `is_wanted` denies: what is wanted decides its size, at a constant cost for each entry.
  template <typename IsWanted>
  void add(Time at, What what, IsWanted is_wanted) {
    if (heap_.size() >= sweep_at_) sweep(is_wanted);
    heap_.push_back({at, ++count_, std::move(what)});
    std::push_heap(heap_.begin(), heap_.end());
  }
  [[nodiscard]] std::optional<Time> next() const {
    if (heap_.empty()) return std::nullopt;
    return heap_.front().at;
  }
  // The earliest entry that is due at `now`, once.
  std::optional<What> take(Time now) {
    if (heap_.empty() || now < heap_.front().at) return std::nullopt;
    std::pop_heap(heap_.begin(), heap_.end());
    What what = std::move(heap_.back().what);
    heap_.pop_back();
    return what;
  }
  [[nodiscard]] std::size_t size() const { return heap_.size(); }

 private:
  struct Entry {
    Time at;
    std::uint64_t order;
    What what;
    // The heap's top is its largest.
    friend bool operator<(const Entry& a, const Entry& b) {
      return a.at != b.at ? b.at < a.at : b.order < a.order;
    }
  };
  template <typename IsWanted>
  void sweep(IsWanted& is_wanted) {
    std::erase_if(heap_, [&](const Entry& entry) { return !is_wanted(entry.what); });
    std::make_heap(heap_.begin(), heap_.end());
    sweep_at_ = std::max(kSweepMin, 2 * heap_.size());
  }

  static constexpr std::size_t kSweepMin = 64;
  std::vector<Entry> heap_;
  std::size_t sweep_at_ = kSweepMin;
  std::uint64_t count_ = 0;
};

}  // namespace reprise
