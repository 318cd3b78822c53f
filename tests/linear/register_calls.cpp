#include "tests/linear/register_calls.hpp"

#include <fmt/format.h>

#include <array>

namespace reprise::linear {

std::string to_text(const RegisterOperation& operation) {
  constexpr std::array kNames = {"start", "add by signal", "add",       "swap",   "close",
                                 "read",  "describe",      "result of", "cancel", "terminate"};
  std::string text = kNames.at(static_cast<std::size_t>(operation.verb));
  if (operation.verb <= Verb::swap) text += fmt::format(" {}", operation.amount);
  if (operation.on_open_run == OnOpenRun::use_existing) text += ", or use the open run";
  if (operation.on_open_run == OnOpenRun::terminate_existing) text += ", ending the open run";
  if (!operation.run.empty()) text += " " + operation.run;
  if (!operation.key.empty()) text += ", key " + operation.key;
  return text;
}

std::string to_text(const RegisterAnswer& answer) {
  std::string text = fmt::format("{}", answer.status);
  if (answer.value) text += fmt::format(", value {}", *answer.value);
  if (answer.sequence != 0) text += fmt::format(", event {}", answer.sequence);
  if (!answer.run_status.empty()) text += ", " + answer.run_status;
  if (!answer.run.empty()) text += ", " + answer.run;
  if (answer.replayed) text += ", answered before";
  return text;
}

}  // namespace reprise::linear
