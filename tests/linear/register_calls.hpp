// What is asked of one workflow id that runs bench.register, and what is answered.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/linear/call.hpp"

namespace reprise::linear {

enum class Verb : std::uint8_t {
  start,     // a run that holds `amount`
  add_told,  // a signal: no answer but that it was accepted
  add,       // an update: the new value
  swap,      // an update: holds `amount`; the value before
  close,     // an update: the run completes; the value
  read,      // a query: the value
  describe,  // the latest run
  result,    // of a certain run
  cancel,
  terminate,
};

enum class OnOpenRun : std::uint8_t { fail, use_existing, terminate_existing };

struct RegisterOperation {
  Verb verb = Verb::read;
  std::string key{};  // of a start, a signal or an update; empty: none
  std::uint32_t amount = 0;
  OnOpenRun on_open_run = OnOpenRun::fail;
  std::string run{};  // of `result`
};

struct RegisterAnswer {
  int status = 0;              // of HTTP
  std::string run{};           // where the answer names one
  std::uint64_t sequence = 0;  // of the event, or the run's last one; 0: not told
  std::optional<std::uint32_t> value{};
  std::string run_status{};  // "running", "completed", … where it is told
  bool replayed = false;     // "this is the first answer again"
};

using RegisterCall = Call<RegisterOperation, RegisterAnswer>;
using RegisterCalls = std::vector<RegisterCall>;

std::string to_text(const RegisterOperation& operation);
std::string to_text(const RegisterAnswer& answer);

}  // namespace reprise::linear
