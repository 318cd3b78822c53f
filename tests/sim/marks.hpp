// Marks: how often each fault and each rare branch was reached. A mark that stays at zero over a
// whole suite says that the simulator does not test what it claims to.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace reprise::sim {

class Marks {
 public:
  void hit(std::string_view name, std::uint64_t times = 1) {
    const auto found = counts_.find(name);
    if (found != counts_.end())
      found->second += times;
    else
      counts_.emplace(name, times);
  }
  [[nodiscard]] std::uint64_t count(std::string_view name) const {
    const auto found = counts_.find(name);
    return found == counts_.end() ? 0 : found->second;
  }
  void add(const Marks& other) {
    for (const auto& [name, count] : other.counts_) hit(name, count);
  }
  [[nodiscard]] const std::map<std::string, std::uint64_t, std::less<>>& counts() const {
    return counts_;
  }

 private:
  std::map<std::string, std::uint64_t, std::less<>> counts_;
};

// Every mark that a suite of a hundred seeds or more must reach.
const std::vector<std::string_view>& required_marks();

}  // namespace reprise::sim
