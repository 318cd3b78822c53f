// Trace: one line for each thing that happens. Its hash says whether two runs were the same; its
// last lines tell how a run came to fail.
#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <deque>
#include <string>

#include "base/digest.hpp"

namespace reprise::sim {

class Trace {
 public:
  explicit Trace(bool verbose) : verbose_(verbose) {}

  template <typename... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    std::string text = fmt::format(format, std::forward<Args>(args)...);
    if (verbose_) fmt::print("{}\n", text);
    chained_.assign(hash_.view());
    chained_ += text;
    hash_ = digest_of(chained_);
    last_.push_back(std::move(text));
    if (last_.size() > kLinesKept) last_.pop_front();
  }
  [[nodiscard]] const Digest& hash() const { return hash_; }
  [[nodiscard]] std::string tail() const {
    std::string text;
    for (const std::string& line : last_) text += line + "\n";
    return text;
  }

 private:
  static constexpr std::size_t kLinesKept = 60;
  bool verbose_;
  Digest hash_;
  std::string chained_;
  std::deque<std::string> last_;
};

}  // namespace reprise::sim
