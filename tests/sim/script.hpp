// Script: which of the things that a seed would do to the engine are done.
//
// A simulation turns in ticks. Each tick has a number and a stream of chance of its own, so leaving
// out what happens in one leaves the dice of the others as they are. What callers ask, crashes and
// faults are left out so; that the engine works, and that time passes, is not.
//
// Guarantees: without an excerpt everything is done. What was done is noted, tick by tick, in memory
//             that may be shared with another process.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace reprise::sim {

enum class Deed : std::uint8_t { turn = 1, request = 2, crash = 4, fault = 8 };

// The beginning of a seed, with little in it.
struct Excerpt {
  int ticks = 0;       // then the faults stop, and the end is checked
  std::set<int> kept;  // in no other tick is anything done to the engine
  friend bool operator==(const Excerpt&, const Excerpt&) = default;
};

// "812:3,99,500-502" and back.
std::string to_string(const Excerpt& excerpt);
Result<Excerpt> parse_excerpt(std::string_view text);

class Script {
 public:
  // `noted`: a byte for each tick, zero, for a sum of deeds; what does not fit is not noted.
  Script(std::optional<Excerpt> excerpt, std::span<std::uint8_t> noted)
      : excerpt_(std::move(excerpt)), noted_(noted) {}

  // The next tick; they are counted from 1.
  int next_tick() {
    ++tick_;
    note(Deed::turn);
    return tick_;
  }
  // True while an excerpt has ticks left; nothing without one.
  [[nodiscard]] std::optional<bool> goes_on() const {
    return excerpt_ ? std::optional(tick_ < excerpt_->ticks) : std::nullopt;
  }
  // May it be done now? Then it is.
  bool allows(Deed deed) {
    if (excerpt_ && !excerpt_->kept.contains(tick_)) return false;
    note(deed);
    return true;
  }

 private:
  void note(Deed deed) {
    const auto index = static_cast<std::size_t>(tick_);
    if (index < noted_.size()) noted_[index] |= static_cast<std::uint8_t>(deed);
  }

  std::optional<Excerpt> excerpt_;
  std::span<std::uint8_t> noted_;
  int tick_ = 0;
};

}  // namespace reprise::sim
