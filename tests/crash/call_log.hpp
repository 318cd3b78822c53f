// CallLog: what the offline provider noted of its calls, outside of every history.
//
// Errors: std::runtime_error when a line is no JSON: it serves tests only.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

namespace reprise::testing {

struct AttemptCalls {
  std::size_t begun = 0;
  std::size_t ended = 0;
};

// Attempt by attempt.
using CommandCalls = std::map<std::uint32_t, AttemptCalls>;

// By idempotency key: "run_…/7".
std::map<std::string, CommandCalls> read_call_log(const std::filesystem::path& file);

}  // namespace reprise::testing
