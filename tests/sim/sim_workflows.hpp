// The workflows that the simulated engine runs: one for each thing that authors do.
//
//   chain      activities one after another          fanout    all() of activities
//   race       any() of activities and timers        gate      waits for two signals; a query
//   counter    signals with a time limit, in a loop  sleeper   timers one after another
//   nested     sub-workflows within all() and pool   stubborn  retries, more than ten of them
//   diary      stages, facts, random, large payloads tidy      catches its own cancellation
//   saga       undoes what it did, when cancelled    relay     continues as new, with signals
//   tally      waits until a condition holds         crew      work for remote workers
// Guarantees: each ends by itself, gate excepted; whatever its activities answer.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/core/catalog.hpp"

namespace reprise::sim {

struct Text {
  std::string text;
  friend bool operator==(const Text&, const Text&) = default;
};
inline Payload encode(const Text& value) { return Payload{value.text}; }
inline Result<> decode(const Payload& payload, Text& value) {
  value.text = payload.bytes;
  return {};
}

struct Work {
  static constexpr std::string_view kName = "sim.work";
  static constexpr std::uint32_t kVersion = 1;
  static constexpr Reuse kReuse = Reuse::value;
  using Input = Text;
  using Output = Text;
};

// In the input of work that a workflow asks for up to twelve times.
inline constexpr std::string_view kPatientWork = "stubborn";

// What begins the payload of a signal that a workflow sent.
inline constexpr std::string_view kOwnMessage = "said by ";

// `broken`: a deploy whose chain throws what no author means to throw.
Catalog make_catalog(bool broken = false);

const std::vector<std::string>& workflow_types();

}  // namespace reprise::sim
