// Prng: the simulator's only source of chance. The same seed gives the same numbers for ever.
//
// Source: xoshiro256** (Blackman, Vigna 2018), seeded by splitmix64.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace reprise::sim {

class Prng {
 public:
  explicit Prng(std::uint64_t seed) {
    for (std::uint64_t& word : state_) word = mixed(seed += kGolden);
  }
  // One of the seed's streams: what is drawn from one moves nothing in another.
  Prng(std::uint64_t seed, std::uint64_t stream) : Prng(mixed(seed) ^ mixed(~stream * kGolden)) {}

  std::uint64_t next() {
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }
  // 0 … bound - 1; the bias of the modulo does not matter here.
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low + 1)));
  }
  bool one_in(std::uint64_t n) { return below(n) == 0; }
  bool percent(std::uint64_t chance) { return below(100) < chance; }
  auto& pick(auto& from) { return from[below(from.size())]; }

 private:
  static constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15ULL;
  static std::uint64_t mixed(std::uint64_t bits) {
    bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9ULL;
    bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EBULL;
    return bits ^ (bits >> 31);
  }

  std::array<std::uint64_t, 4> state_{};
};

}  // namespace reprise::sim
