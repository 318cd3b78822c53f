// BitFlips: flips one bit of a database at a time, starts a server on it, and says whether anybody was
// told.
//
// Every second bit is one of any byte; the others are one of any file, before the zeros that it may end
// in, so that small files and the records of logs are hit too.
// Guarantees: a seed and a target give the same flips.
// Thread:     flip_bits() uses its own.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/faults/flip_target.hpp"

namespace reprise::testing {

// What became of a flip. Everything but `silent` is as promised.
enum class FlipOutcome : unsigned char {
  refused,   // the server does not start, and says why
  reported,  // it starts; reading or verifying says that something is damaged
  harmless,  // every row reads as it was written
  torn,      // as a power cut leaves it: the last appends are missing, all behind the durable floor
  silent,    // something else is read than was written, and nobody is told
};
inline constexpr std::size_t kFlipOutcomes = 5;
std::string to_string(FlipOutcome outcome);

struct FlipOptions {
  std::uint64_t seed = 1;
  std::uint64_t first = 0;  // the number of the first flip
  std::uint64_t count = 100'000;
  unsigned threads = 16;  // they sleep most of the time where a compaction meets the bit
};

struct FlipReport {
  using Counts = std::array<std::uint64_t, kFlipOutcomes>;
  std::map<std::string, Counts> by_kind;  // of file
  std::vector<std::string> silent;        // which flips, and what came of them

  [[nodiscard]] Counts total() const;
  void add(const FlipReport& other);
};

FlipReport flip_bits(const FlipTarget& target, const FlipOptions& options);

}  // namespace reprise::testing
