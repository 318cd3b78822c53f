// Violation: something that must hold does not. Ends the simulation of a seed.
#pragma once

#include <fmt/format.h>

#include <stdexcept>

namespace reprise::sim {

class Violation : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

template <typename... Args>
void require(bool claim, fmt::format_string<Args...> format, Args&&... args) {
  if (!claim) throw Violation(fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace reprise::sim
