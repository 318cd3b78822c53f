// What the bench measures with: an activity that does nothing, and the inputs of the workflow types
// bench.chain, bench.fanout, bench.sleeper, bench.signals, bench.account and bench.family.
//
// Guarantees: each travels as one small number, {"n":10}; the codecs allocate nothing but the few
//             bytes of their result.
// Errors:     invalid_argument; `field` names the number, or the member that is not known.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.hpp"
#include "engine/author/contract.hpp"

namespace reprise {

struct BenchIndex {
  std::uint32_t i = 0;
};
struct ChainInput {
  static constexpr std::uint32_t kMax = 10'000;
  std::uint32_t n = 1;
};
struct FanoutInput {
  static constexpr std::uint32_t kMax = 1'000;
  std::uint32_t n = 1;
};
struct SleeperInput {
  static constexpr std::uint32_t kMax = 86'400'000;
  std::uint32_t ms = 0;
};
// No count, or no payload at all: until the signal "end".
struct SignalsInput {
  std::uint32_t count = 0;
};

// What a bench.account holds, and what is put into it.
struct Amount {
  std::uint32_t cents = 0;
};
struct FamilyInput {
  static constexpr std::uint32_t kMax = 100;
  std::uint32_t children = 1;
};

Payload encode(const Amount& value);
Payload encode(const FamilyInput& value);
Result<> decode(const Payload& payload, Amount& value);
Result<> decode(const Payload& payload, FamilyInput& value);

Payload encode(const BenchIndex& value);
Payload encode(const ChainInput& value);
Payload encode(const FanoutInput& value);
Payload encode(const SleeperInput& value);
Payload encode(const SignalsInput& value);

Result<> decode(const Payload& payload, BenchIndex& value);
Result<> decode(const Payload& payload, ChainInput& value);
Result<> decode(const Payload& payload, FanoutInput& value);
Result<> decode(const Payload& payload, SleeperInput& value);
Result<> decode(const Payload& payload, SignalsInput& value);

struct BenchStep {
  static constexpr std::string_view kName = "bench.step";
  static constexpr std::uint32_t kVersion = 1;
  static constexpr Reuse kReuse = Reuse::value;
  using Input = BenchIndex;
  using Output = BenchIndex;
};

}  // namespace reprise
