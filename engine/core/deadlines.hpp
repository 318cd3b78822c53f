// Deadlines: what is due when, earliest first.
//
// Guarantees: entries are never taken back: whoever takes one checks that it still means something.
//             Equal times come out in the order they went in.
#pragma once

#include <cstdint>
#include <optional>
#include <queue>
#include <vector>

namespace reprise {

template <typename Time, typename What>
class Deadlines {
 public:
  void add(Time at, What what) { heap_.push(Entry{at, ++count_, std::move(what)}); }
  [[nodiscard]] std::optional<Time> next() const {
    if (heap_.empty()) return std::nullopt;
    return heap_.top().at;
  }
  // The earliest entry that is due at `now`, once.
  std::optional<What> take(Time now) {
    if (heap_.empty() || now < heap_.top().at) return std::nullopt;
    What what = heap_.top().what;
    heap_.pop();
    return what;
  }
  [[nodiscard]] std::size_t size() const { return heap_.size(); }

 private:
  struct Entry {
    Time at;
    std::uint64_t order;
    What what;
    bool operator<(const Entry& other) const {  // the heap's top is its largest
      return at != other.at ? other.at < at : other.order < order;
    }
  };
  std::priority_queue<Entry> heap_;
  std::uint64_t count_ = 0;
};

}  // namespace reprise
